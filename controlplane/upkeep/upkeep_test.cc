// Upkeep against a region whose rings the test empties and fills as a worker does.
#include "controlplane/upkeep/upkeep.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "controlplane/config/load.h"
#include "controlplane/link/targets.h"
#include "controlplane/trunks/compile.h"

namespace demarc::upkeep {
namespace {

using contract::OutsideEvent;
using contract::OutsideMethod;
using contract::OutsideRequest;
using contract::TargetHealth;
using contract::TargetId;

constexpr contract::RegionSizes sizes = {1, 4, 4, 64, 64};
constexpr std::string_view configuration = R"([port.wan]
device = "a"
[realm.outside]
port = "wan"
address = "198.51.100.10"
[trunk.acme]
realm = "outside"
peer = ["198.51.100.20", "198.51.100.21"]
register = true
user = "u1"
password = "secret1"
aor = "sip:u1@provider.example"
probe_interval_s = 1
probe_timeout_ms = 500
probe_failures = 1
[[route]]
from = "acme"
to = "acme"
)";

class UpkeepTest : public testing::Test {
 protected:
  UpkeepTest() : directory(testing::TempDir() + "upkeep-" + std::to_string(::getpid())) {
    std::filesystem::create_directories(directory);
    const size_t octets = contract::Region::octets_needed(sizes);
    const contract::FileDescriptor fd = contract::make_memfd("region", octets);
    contract::Mapping mapping(fd, octets, true);
    contract::Region::create(mapping.octets(), sizes, 7);
    contract::HandshakeMessage offer;
    offer.boot_id = 7;
    attachment = std::make_shared<link::Attachment>(std::move(mapping), offer);
    make();
  }
  ~UpkeepTest() override {
    upkeep->stop();
    std::filesystem::remove_all(directory);
  }
  void make() {
    upkeep = std::make_unique<Upkeep>(
        directory, noted, [this] { return attachment; }, [this] { ++route_changes; });
  }
  void adopt(const std::string& text) {
    const config::Loaded loaded = config::load_text(text);
    ASSERT_TRUE(loaded.is_good) << testing::PrintToString(config::texts_of(loaded, "f"));
    trunks::Facts facts;
    facts.health = [this](const std::string& trunk, const contract::Endpoint& target) {
      return upkeep->health_of(trunk, target);
    };
    facts.choices = [this](const dns::Host&) { return choices; };
    facts.registered_at = [this](const std::string& trunk) { return upkeep->registered_at(trunk); };
    const link::SectionSet set = trunks::compile(loaded.config, {}, ids, facts);
    link::add_targets(attachment->region(), set.targets);
    link::write_targets(attachment->region(), set.targets);
    upkeep->adopt(make_plan(loaded.config, ids, set));
  }
  // Answers requests as `worker` says until `is_done`; the deadline is for a test that fails.
  void serve(const std::function<void(const OutsideRequest&, OutsideEvent&)>& worker,
             const std::function<bool()>& is_done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    contract::OutsideRequestRing requests = attachment->region().outside_requests(0);
    contract::OutsideEventRing events = attachment->region().outside_events(0);
    while (!is_done()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      OutsideRequest request;
      if (!requests.pop(request)) {
        std::this_thread::yield();
        continue;
      }
      OutsideEvent event;
      event.request_id = request.request_id;
      event.kind = OutsideEvent::Kind::response;
      worker(request, event);
      ASSERT_TRUE(events.push(event));
    }
  }
  static void answer(OutsideEvent& event, uint16_t status, const std::string& lines = "",
                     const std::string& phrase = "x") {
    const std::string text = "SIP/2.0 " + std::to_string(status) + " " + phrase + "\r\n" + lines +
                             "CSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n";
    event.status_code = status;
    event.length = static_cast<uint16_t>(text.copy(event.octets, sizeof event.octets));
  }
  static void accept(const OutsideRequest& request, OutsideEvent& event) {
    if (request.method == OutsideMethod::options) return answer(event, 200);
    answer(event, 200,
           "Contact: <sip:u1@198.51.100.10:5060>;expires=600\r\n"
           "Service-Route: <sip:edge.example;lr>\r\n");
  }
  bool is_registered() const {
    const State state = upkeep->state();
    return !state.registrations.empty() && state.registrations[0].view.is_registered;
  }
  contract::Target target(uint32_t id) const {
    contract::Target held;
    return attachment->region().target(TargetId{id}).load(held) ? held : contract::Target();
  }
  TargetHealth row(uint32_t id) const { return target(id).health; }

  const std::string directory;
  trunks::IdMap ids;
  std::shared_ptr<link::Attachment> attachment;
  std::vector<dns::Choice> choices;  // behind a name
  std::atomic<int> route_changes = 0;
  events::Events noted{0};
  std::unique_ptr<Upkeep> upkeep;
};

TEST_F(UpkeepTest, RegistersAndProbesAndSaysSo) {
  adopt(std::string(configuration));
  upkeep->start();
  serve(accept, [&] {
    return is_registered() && row(0) == TargetHealth::up && row(1) == TargetHealth::up;
  });
  serve(accept, [&] { return route_changes == 1; });
  EXPECT_EQ(upkeep->service_route("acme"), "<sip:edge.example;lr>");
  const State state = upkeep->state();
  EXPECT_EQ(state.registrations[0].aor, "sip:u1@provider.example");
  EXPECT_GT(state.registrations[0].next_s, 400u);
  EXPECT_EQ(state.targets.size(), 2u);
  EXPECT_EQ(upkeep->health_of("acme", *contract::parse_endpoint("198.51.100.20", 5060)),
            TargetHealth::up);
}

TEST_F(UpkeepTest, ADisabledTrunkIsWithdrawnAndNotProbed) {
  adopt(std::string(configuration));
  upkeep->start();
  serve(accept, [&] { return is_registered() && row(0) == TargetHealth::up; });
  const std::string disabled =
      std::string(configuration)
          .replace(configuration.find("register ="), 0, "state = \"disabled\"\n");
  const config::Loaded loaded = config::load_text(disabled);
  EXPECT_EQ(registrations_touched(config::load_text(configuration).config, loaded.config),
            std::vector<std::string>{"acme"});
  bool is_withdrawn = false;
  adopt(disabled);
  serve(
      [&](const OutsideRequest& request, OutsideEvent& event) {
        const std::string_view text = request.fields();
        is_withdrawn |= text.find("Expires: 0") != std::string_view::npos;
        accept(request, event);
      },
      [&] { return is_withdrawn && upkeep->state().registrations.empty(); });
  for (const TargetState& target : upkeep->state().targets) EXPECT_FALSE(target.is_probed);
}

TEST_F(UpkeepTest, ADrainingTrunkIsRegisteredAndProbed) {
  adopt(std::string(configuration)
            .replace(configuration.find("register ="), 0, "state = \"draining\"\n"));
  upkeep->start();
  serve(accept, [&] { return is_registered() && row(0) == TargetHealth::up; });
}

TEST_F(UpkeepTest, ATargetThatIsSilentGoesDownAndTheRegistrationMoves) {
  adopt(std::string(configuration));
  upkeep->start();
  serve(accept, [&] { return is_registered() && row(0) == TargetHealth::up; });
  const auto first = *contract::parse_endpoint("198.51.100.20", 5060);
  const auto lossy = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.target != first) return accept(request, event);
    event.kind = OutsideEvent::Kind::no_response;
  };
  serve(lossy, [&] {
    return row(0) == TargetHealth::down && is_registered() &&
           upkeep->state().registrations[0].view.target == "198.51.100.21:5060";
  });
  serve(accept, [&] { return row(0) == TargetHealth::up; });
}

// What was learnt over UDP says nothing of TCP, nor what was learnt from another port of ours.
TEST_F(UpkeepTest, ATrunkThatMovesKnowsNothingOfItsTargets) {
  const auto silent = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.method != OutsideMethod::options) return accept(request, event);
    event.kind = OutsideEvent::Kind::no_response;
  };
  upkeep->start();
  for (const std::string line : {"transport = \"tcp\"\n", "port = 5070\n"}) {
    std::string text(configuration);
    adopt(text);
    serve(silent, [&] { return row(0) == TargetHealth::down; });
    text.replace(text.find("probe_interval_s = 1"), 20, "probe_interval_s = 0");
    adopt(text.insert(text.find("register ="), line));
    serve(silent, [&] { return row(0) == TargetHealth::unknown; });
    EXPECT_EQ(upkeep->health_of("acme", target(0).endpoint), TargetHealth::unknown);
  }
}

TEST_F(UpkeepTest, CallsGoFirstWhereTheRegistrationIs) {
  adopt(std::string(configuration));
  upkeep->start();
  const auto first = target(0).endpoint;
  const auto second = target(1).endpoint;
  bool is_first_there = false;
  const auto provider = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.target != first || is_first_there) return accept(request, event);
    event.kind = OutsideEvent::Kind::no_response;
  };
  serve(provider, [&] { return upkeep->registered_at("acme") == second && route_changes == 1; });
  adopt(std::string(configuration));
  EXPECT_LT(target(1).priority, target(0).priority);
  // And back, calls and registration, when the first one is there again.
  is_first_there = true;
  serve(provider, [&] { return upkeep->registered_at("acme") == first && route_changes == 2; });
  adopt(std::string(configuration));
  EXPECT_LT(target(0).priority, target(1).priority);
  EXPECT_EQ(row(0), TargetHealth::up);
}

// As calls choose: the first one has so little weight that chance takes the other one.
TEST_F(UpkeepTest, ARegistrationGoesByTheWeightsOfDns) {
  const auto second = *contract::parse_endpoint("198.51.100.21", 5060);
  choices = {{*contract::parse_endpoint("198.51.100.20", 5060), 10, 1}, {second, 10, 65535}};
  std::string text(configuration);
  text.replace(text.find("[\"198"), text.find("]\nregister") + 1 - text.find("[\"198"),
               "\"provider.example\"");
  adopt(text);
  upkeep->start();
  serve(accept, [&] { return is_registered(); });
  EXPECT_EQ(upkeep->registered_at("acme"), second);
}

TEST_F(UpkeepTest, WhatChangedIsAnEventOnce) {
  using enum events::Kind;
  const auto count_of = [this](events::Kind kind) {
    return noted.counts().at(static_cast<size_t>(kind));
  };
  adopt(std::string(configuration));
  upkeep->start();
  serve(accept, [&] {
    return is_registered() && row(0) == TargetHealth::up && row(1) == TargetHealth::up;
  });
  EXPECT_EQ(count_of(target_up), 2u);
  EXPECT_EQ(count_of(registration_gained), 1u);
  // Twice in a row: what fails again as it did before is no news, whatever the registrar adds.
  unsigned refused = 0;
  const auto refuse = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.method != OutsideMethod::register_) return accept(request, event);
    answer(event, 403, "", "not number " + std::to_string(++refused));
  };
  for (uint64_t rounds = 1; rounds <= 2; ++rounds) {
    const uint64_t before = upkeep->state().registrations[0].view.requests;
    ASSERT_TRUE(upkeep->refresh("acme"));
    serve(refuse, [&] {
      const registration::View view = upkeep->state().registrations[0].view;
      return view.requests > before && view.state == registration::State::backing_off;
    });
  }
  EXPECT_EQ(count_of(registration_lost), 1u);
  const std::vector<events::Event> all = noted.after(0, 100).events;
  EXPECT_EQ(all.back().subject, "acme");
  EXPECT_NE(all.back().text.find("403"), std::string::npos) << all.back().text;
}

TEST_F(UpkeepTest, ATargetThatCanNotBeConnectedToIsDownAtTheFirstProbeAndSaysWhy) {
  std::string text(configuration);
  text.replace(text.find("probe_failures = 1"), 18, "probe_failures = 3");
  adopt(text);
  upkeep->start();
  serve(accept, [&] { return is_registered() && row(0) == TargetHealth::up; });
  const auto first = *contract::parse_endpoint("198.51.100.20", 5060);
  unsigned asked = 0;
  const auto closed = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.target != first) return accept(request, event);
    ++asked;
    event.kind = OutsideEvent::Kind::no_response;
    event.fault = contract::StreamFault::expired;
  };
  serve(closed, [&] { return row(0) == TargetHealth::down; });
  EXPECT_EQ(asked, 1u);
  for (const TargetState& target : upkeep->state().targets) {
    const bool is_first = target.endpoint == first;
    EXPECT_EQ(target.reason, is_first ? "certificate expired or not valid yet" : "");
  }
  serve(accept, [&] { return row(0) == TargetHealth::up; });
}

// As Teams wants it: the name in our certificate, and never an address.
TEST_F(UpkeepTest, AProbeShowsTheContactHostOfItsTrunk) {
  std::string text(configuration);
  text.insert(text.find("probe_interval_s"), "contact_host = \"sbc.example.com\"\n");
  adopt(text);
  upkeep->start();
  std::string fields;
  const auto look = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.method == OutsideMethod::options) fields = request.fields();
    accept(request, event);
  };
  serve(look, [&] { return !fields.empty(); });
  EXPECT_NE(fields.find("Contact: <sip:sbc.example.com"), std::string::npos) << fields;
  EXPECT_NE(fields.find("From: <sip:sbc.example.com>"), std::string::npos) << fields;
}

// The peer is an outbound proxy: it gets what its domain is asked, and who asks is ours there.
TEST_F(UpkeepTest, DomainsStandInWhatIsAskedAndPacketsGoToThePeer) {
  std::string text(configuration);
  text.erase(text.find("aor ="), text.find("probe_interval_s") - text.find("aor ="));
  text.insert(text.find("probe_interval_s"),
              "contact_host = \"sbc.example.com\"\nfrom_domain = \"customer.example\"\n"
              "peer_domain = \"ims.example\"\n");
  adopt(text);
  upkeep->start();
  std::string options;
  std::string registers;
  const auto look = [&](const OutsideRequest& request, OutsideEvent& event) {
    EXPECT_EQ(request.uri(), "sip:ims.example");
    EXPECT_TRUE(contract::print(request.target).view().starts_with("198.51.100.2"));
    const bool is_options = request.method == OutsideMethod::options;
    (is_options ? options : registers) = request.fields();
    accept(request, event);
  };
  serve(look, [&] { return !options.empty() && is_registered(); });
  EXPECT_TRUE(options.starts_with("From: <sip:customer.example>;tag=")) << options;
  EXPECT_NE(options.find("To: <sip:ims.example>\r\n"), std::string::npos) << options;
  EXPECT_NE(options.find("Contact: <sip:sbc.example.com>\r\n"), std::string::npos) << options;
  // Who registers is the account itself, in From, too (RFC 3261 section 10.2).
  EXPECT_NE(registers.find("From: <sip:u1@ims.example>;tag="), std::string::npos) << registers;
  EXPECT_NE(registers.find("To: <sip:u1@ims.example>\r\n"), std::string::npos) << registers;
}

TEST_F(UpkeepTest, ADomainIsThatOfTheRegistrarWhateverTheAddressOfRecordIs) {
  std::string text(configuration);
  text.insert(text.find("probe_interval_s"), "peer_domain = \"ims.example\"\n");
  adopt(text);
  upkeep->start();
  std::string uri;
  std::string fields;
  const auto look = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.method == OutsideMethod::register_) {
      uri = request.uri();
      fields = request.fields();
    }
    accept(request, event);
  };
  serve(look, [&] { return is_registered(); });
  EXPECT_EQ(uri, "sip:ims.example");
  EXPECT_NE(fields.find("To: <sip:u1@provider.example>\r\n"), std::string::npos) << fields;
}

TEST_F(UpkeepTest, CallIdAndCSeqSurviveARestart) {
  std::string call_id;
  uint32_t cseq = 0;
  const auto note = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.method == OutsideMethod::register_) {
      call_id = request.call_id();
      EXPECT_GT(request.cseq, cseq);
      cseq = request.cseq;
    }
    accept(request, event);
  };
  adopt(std::string(configuration));
  upkeep->start();
  serve(note, [&] { return is_registered(); });
  const std::string before = call_id;
  upkeep->stop();
  make();
  adopt(std::string(configuration));
  upkeep->start();
  serve(note, [&] { return is_registered(); });
  EXPECT_EQ(call_id, before);
}

TEST_F(UpkeepTest, AReloadTouchesOnlyWhatChanged) {
  adopt(std::string(configuration));
  upkeep->start();
  int registers = 0;
  const auto counted = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.method == OutsideMethod::register_) ++registers;
    accept(request, event);
  };
  serve(counted, [&] { return is_registered(); });
  EXPECT_EQ(registers, 1);
  std::string changed(configuration);
  adopt(changed + "prefix = \"1\"\n");
  uint64_t probes = upkeep->state().targets[0].counts.probes;
  serve(counted, [&] { return upkeep->state().targets[0].counts.probes > probes; });
  EXPECT_EQ(registers, 1);
  // Another password: the old binding is taken away, and a new one made.
  changed.replace(changed.find("secret1"), 7, "secret2");
  adopt(changed);
  serve(counted, [&] { return registers >= 3; });
}

TEST_F(UpkeepTest, LeavingTakesTheBindingAway) {
  adopt(std::string(configuration));
  upkeep->start();
  serve(accept, [&] { return is_registered(); });
  config::Config none;
  std::atomic<bool> is_left = false;
  std::thread leaving([&] {
    upkeep->leave(none);
    is_left = true;
  });
  bool is_removed = false;
  serve(
      [&](const OutsideRequest& request, OutsideEvent& event) {
        is_removed |= request.fields().find("Expires: 0\r\n") != std::string_view::npos;
        accept(request, event);
      },
      [&] { return is_left.load(); });
  leaving.join();
  EXPECT_TRUE(is_removed);
}

TEST_F(UpkeepTest, WithoutADataplaneNothingIsLost) {
  adopt(std::string(configuration));
  const std::shared_ptr<link::Attachment> there = std::exchange(attachment, nullptr);
  upkeep->start();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (upkeep->state().registrations.empty()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::yield();
  }
  EXPECT_TRUE(upkeep->refresh("acme"));
  EXPECT_FALSE(upkeep->refresh("nobody"));
  EXPECT_FALSE(is_registered());
}

TEST_F(UpkeepTest, RefreshesWhenAsked) {
  adopt(std::string(configuration));
  upkeep->start();
  serve(accept, [&] { return is_registered(); });
  const uint64_t before = upkeep->state().registrations[0].view.requests;
  EXPECT_TRUE(upkeep->refresh("acme"));
  serve(accept, [&] { return upkeep->state().registrations[0].view.requests > before; });
}

// A REGISTER of a peer goes to the registrar, and its answer to the worker that has it.
TEST_F(UpkeepTest, CarriesRegistersOfPeersAndTheirAnswers) {
  registrar::Registrar registrar("", std::string(32, 's'), {});
  upkeep = std::make_unique<Upkeep>(
      directory, noted, [this] { return attachment; }, [this] { ++route_changes; }, &registrar);
  upkeep->start();
  OutsideEvent asked;
  asked.kind = OutsideEvent::Kind::request;
  asked.request_id = 0x100000002;
  asked.trunk = contract::TrunkId{0};  // which takes no REGISTERs
  ASSERT_TRUE(attachment->region().outside_events(0).push(asked));
  contract::OutsideRequestRing requests = attachment->region().outside_requests(0);
  OutsideRequest answer;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!requests.pop(answer)) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::yield();
  }
  EXPECT_EQ(answer.method, OutsideMethod::answer);
  EXPECT_EQ(answer.request_id, 0x100000002u);
  EXPECT_EQ(answer.status_code, 503);
  EXPECT_EQ(answer.fields(), "Retry-After: 10\r\n");
  upkeep->stop();  // before the registrar goes
}

}  // namespace
}  // namespace demarc::upkeep
