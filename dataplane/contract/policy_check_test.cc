// check_section() on what a trunk's row says of its calls.
#include <gtest/gtest.h>

#include <cstring>

#include "dataplane/contract/section_harness.h"

namespace demarc::contract {
namespace {

TEST(CheckSection, RefusesPolicyValues) {
  using Change = std::function<void(CallPolicy&)>;
  // Whatever octet stands where a bool should.
  const auto set_octet = [](bool& flag) { std::memset(&flag, 2, 1); };
  const Change values[] = {
      [](auto& p) { p.failover_ms = 600001; },
      [](auto& p) { p.progress = Progress{2}; },
      [](auto& p) { p.redirects = Redirects{3}; },
      [](auto& p) { p.failover_timeouts = 8; },
      [](auto& p) { p.reliable_provisionals = Use{3}; },
      [](auto& p) { p.transfer = Transfer{4}; },
      [](auto& p) { p.history = CallHistory{3}; },
      [](auto& p) { p.min_se_s = 89; },
      [](auto& p) { p.min_se_s = p.session_expires_s + 1; },
      [](auto& p) { p.session_expires_s = 86401; },
      [](auto& p) { p.max_early_dialogs = 0; },
      [](auto& p) { p.max_early_dialogs = 256; },
      [&](auto& p) { set_octet(p.asks_session_timer); },
      [&](auto& p) { set_octet(p.passes_unknown_methods); },
      [&](auto& p) { set_octet(p.is_trusted); },
      [&](auto& p) { set_octet(p.keeps_identity); },
      [&](auto& p) { set_octet(p.takes_replaces); },
      [&](auto& p) { set_octet(p.needs_offer); },
      [&](auto& p) { set_octet(p.makes_offer); },
      [&](auto& p) { set_octet(p.passes_location); },
      [&](auto& p) { set_octet(p.closes_on_503); },
      [](auto& p) { p.makes_offer = true; },  // for a peer that needs none
      [](auto& p) {
        p.contact_host = {0, 8};
      },  // the header's octets
      [](auto& p) {
        p.from_domain = {0, 8};
      },
      [](auto& p) {
        p.cause_rules = {0, 33};
      },
      [](auto& p) {
        p.header_rules = {0, 65};
      },
      [](auto& p) {
        p.failover_codes = {0, 65};
      },
  };
  for (const Change& change : values) {
    const Blob blob = make_trunks([&](auto& r) { change(r.trunks[0].policy); });
    Blob longer = blob;
    longer.resize(blob.size() + 8192);
    reinterpret_cast<SectionHeader*>(longer.data())->total_octets = longer.size();
    EXPECT_EQ(check(longer), SectionError::bad_value) << (&change - values);
  }
  const Change arrays[] = {
      [](auto& p) { p.contact_host.length = 0xffffffff; },
      [](auto& p) { p.from_domain.length = 0xffffffff; },
      [](auto& p) {
        p.failover_codes = {0xfffffff0, 2};
      },
      [](auto& p) {
        p.failover_codes = {1, 1};
      },
      [](auto& p) {
        p.cause_rules = {0xfffffff0, 2};
      },
      [](auto& p) {
        p.header_rules = {0xfffffff0, 2};
      },
      [](auto& p) {
        p.header_rules = {2, 1};
      },
  };
  for (const Change& change : arrays) {
    EXPECT_EQ(check(make_trunks([&](auto& r) { change(r.trunks[0].policy); })),
              SectionError::bad_array)
        << (&change - arrays);
  }
}

TEST(CheckSection, RefusesSrtpValues) {
  using Change = std::function<void(SrtpPolicy&)>;
  const auto usual = [](SrtpPolicy& s) {
    s = {SrtpUse::optional, 2, {SrtpSuite::aead_aes_128_gcm, SrtpSuite::aes_cm_128_hmac_sha1_80}};
  };
  const Change changes[] = {
      [](auto& s) { s.use = SrtpUse{3}; },         [](auto& s) { s.use = SrtpUse::off; },
      [](auto& s) { s.suite_count = 0; },          [](auto& s) { s.suite_count = 7; },
      [](auto& s) { s.suites[1] = s.suites[0]; },  [](auto& s) { s.suites[0] = SrtpSuite{6}; },
      [](auto& s) { s.suites[5] = SrtpSuite{6}; },
  };
  EXPECT_EQ(check(make_trunks([&](auto& r) { usual(r.trunks[0].media.srtp); })),
            SectionError::none);
  for (const Change& change : changes) {
    const Blob blob = make_trunks([&](auto& r) {
      usual(r.trunks[0].media.srtp);
      change(r.trunks[0].media.srtp);
    });
    EXPECT_EQ(check(blob), SectionError::bad_value) << (&change - changes);
  }
}

TEST(CheckSection, RefusesFailoverAndHeaderRules) {
  struct Case {
    std::function<void(TrunkRows&)> change;
    SectionError error;
  };
  const Case cases[] = {
      {[](auto& r) { r.codes[0] = 299; }, SectionError::bad_value},
      {[](auto& r) { r.codes[2] = 700; }, SectionError::bad_value},
      {[](auto& r) { r.codes[0] = 503; }, SectionError::out_of_order},
      {[](auto& r) { r.codes[0] = 504; }, SectionError::out_of_order},
      {[](auto& r) { r.causes[0].status_code = 399; }, SectionError::bad_value},
      {[](auto& r) { r.causes[0].status_code = 700; }, SectionError::bad_value},
      {[](auto& r) { r.causes[0].cause = 128; }, SectionError::bad_value},
      {[](auto& r) { r.causes[1].cause = 0; }, SectionError::bad_value},
      {[](auto& r) { r.causes[0].becomes = 399; }, SectionError::bad_value},
      {[](auto& r) { r.causes[0].becomes = 700; }, SectionError::bad_value},
      {[](auto& r) { r.rules[0].action = HeaderRule::Action{5}; }, SectionError::bad_value},
      {[](auto& r) { r.rules[0].side = HeaderRule::Side{2}; }, SectionError::bad_value},
      {[](auto& r) { r.rules[0].methods = 0x8000; }, SectionError::bad_value},
      {[](auto& r) { r.rules[0].name = {}; }, SectionError::bad_value},
      {[](auto& r) { r.rules[0].name = r.rules[1].name; }, SectionError::bad_value},  // copy to X-*
      {[](auto& r) { r.rules[1].name = r.rules[0].pattern; }, SectionError::bad_value},
      {[](auto& r) {
         r.rules[0].name = {0, 8};
       },
       SectionError::bad_value},
      {[](auto& r) { r.rules[0].source = {}; }, SectionError::bad_value},
      {[](auto& r) { r.rules[0].source = r.rules[1].name; }, SectionError::bad_value},
      {[](auto& r) { r.rules[0].value = r.rules[0].name; }, SectionError::bad_value},
      {[](auto& r) { r.rules[1].value = {}; }, SectionError::bad_value},
      {[](auto& r) {
         r.rules[1].value = {0, 8};
       },
       SectionError::bad_value},
      {[](auto& r) {
         r.rules[1].pattern = {0, 8};
       },
       SectionError::bad_value},
      {[](auto& r) { r.rules[1].source = r.rules[0].name; }, SectionError::bad_value},
      {[](auto& r) { r.rules[1].action = HeaderRule::Action::pass; }, SectionError::bad_value},
      {[](auto& r) { r.rules[0].name.length = 0xffffffff; }, SectionError::bad_array},
      {[](auto& r) { r.rules[0].pattern.offset = 0xffffffff; }, SectionError::bad_array},
      {[](auto& r) { r.rules[1].value.offset = 0xffffffff; }, SectionError::bad_array},
      {[](auto& r) { r.rules[0].source.offset = 0xffffffff; }, SectionError::bad_array},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(check(make_trunks(one.change)), one.error) << (&one - cases);
  }
}

TEST(CheckSection, RefusesARuleForAFieldThatIsOurs) {
  SectionBuilder<TrunkSection> builder(SectionKind::trunks, 1);
  for (const std::string_view name : {"Via", "contact", "X-Via"}) {
    HeaderRule rule;
    rule.name = builder.text(name);
    TrunkConfig trunk;
    trunk.realm = RealmId{0};
    trunk.policy.header_rules = builder.array<HeaderRule>(std::span(&rule, 1));
    builder.section().trunks = builder.array<TrunkConfig>(std::span(&trunk, 1));
    EXPECT_EQ(check(builder.finish()),
              name == "X-Via" ? SectionError::none : SectionError::bad_value)
        << name;
  }
}

TEST(CheckSection, RefusesValuesOfSources) {
  using Change = std::function<void(SourcePolicy&)>;
  const Change values[] = {
      [](auto& p) { p.mode = SourcePolicy::Mode{2}; }, [](auto& p) { p.latch_packets = 1; },
      [](auto& p) { p.latch_packets = 51; },           [](auto& p) { p.latch_window_ms = 99; },
      [](auto& p) { p.latch_window_ms = 60'001; },
  };
  for (const Change& change : values) {
    EXPECT_EQ(check(make_trunks([&](auto& r) { change(r.trunks[0].media.sources); })),
              SectionError::bad_value)
        << (&change - values);
  }
  EXPECT_EQ(check(make_trunks([](auto& r) {
              r.trunks[0].media.sources.prefixes = {1, 0x00ffffff};
            })),
            SectionError::bad_array);
}

}  // namespace
}  // namespace demarc::contract
