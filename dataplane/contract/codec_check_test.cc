// check_section() on what a trunk's row says of its codecs.
#include <gtest/gtest.h>

#include <cstring>

#include "dataplane/contract/section_harness.h"

namespace demarc::contract {
namespace {

Blob with_codecs(const std::function<void(CodecPolicy&)>& change,
                 const std::vector<std::string_view>& names = {},
                 const std::vector<TrunkId>& bypass_with = {}, size_t count = 1) {
  SectionBuilder<TrunkSection> builder(SectionKind::trunks, 1);
  std::vector<Text> allowed;
  for (const std::string_view name : names) allowed.push_back(builder.text(name));
  TrunkConfig trunk;
  trunk.realm = RealmId{0};
  trunk.media.codecs.allowed = builder.array<Text>(allowed);
  trunk.media.codecs.bypass_with = builder.array<TrunkId>(bypass_with);
  change(trunk.media.codecs);
  builder.section().trunks = builder.array<TrunkConfig>(std::vector(count, trunk));
  return builder.finish();
}

TEST(CheckSection, TakesCodecPolicies) {
  EXPECT_EQ(check(with_codecs([](auto&) {})), SectionError::none);
  EXPECT_EQ(check(with_codecs(
                [](CodecPolicy& p) {
                  p.added = 3;
                  p.dtmf = Dtmf::inband;
                  p.event_payload_type = 101;
                  p.dscp = 0;
                  p.way = MediaWay::bypassed;
                  p.takes_noise = true;
                  p.ptime_ms = 60;
                  p.rtcp = RtcpWay::ensured;
                  p.fills_silence = true;
                },
                {"PCMA", "AMR-WB"}, {TrunkId{0}})),
            SectionError::none);
}

TEST(CheckSection, RefusesCodecPolicyValues) {
  using Change = std::function<void(CodecPolicy&)>;
  const Change values[] = {
      [](auto& p) { p.added = 4; },
      [](auto& p) { p.dtmf = Dtmf{4}; },
      [](auto& p) { p.way = MediaWay{2}; },
      [](auto& p) { p.rtcp = RtcpWay{2}; },
      [](auto& p) { p.event_payload_type = 95; },
      [](auto& p) { p.event_payload_type = 128; },
      [](auto& p) { p.dscp = 64; },
      [](auto& p) { p.ptime_ms = 25; },
      [](auto& p) { p.ptime_ms = 70; },
      [](auto& p) { std::memset(&p.takes_noise, 2, 1); },
      [](auto& p) { std::memset(&p.fills_silence, 2, 1); },
  };
  for (const Change& change : values) {
    EXPECT_EQ(check(with_codecs(change)), SectionError::bad_value) << (&change - values);
  }
  EXPECT_EQ(check(with_codecs([](auto&) {}, {"PC MA"})), SectionError::bad_value);
  EXPECT_EQ(check(with_codecs([](auto&) {}, {""})), SectionError::bad_value);
  EXPECT_EQ(
      check(with_codecs([](auto&) {}, {std::string_view("123456789012345678901234567890123")})),
      SectionError::bad_value);
  EXPECT_EQ(check(with_codecs([](auto&) {}, std::vector<std::string_view>(17, "PCMA"))),
            SectionError::bad_value);
  EXPECT_EQ(check(with_codecs([](CodecPolicy& p) {
              p.allowed = {0xfffffff0, 2};
            })),
            SectionError::bad_array);
}

TEST(CheckSection, RefusesABypassWithNobodyAndOutOfOrder) {
  EXPECT_EQ(check(with_codecs([](auto&) {}, {}, {TrunkId{1}})), SectionError::bad_reference);
  EXPECT_EQ(check(with_codecs([](auto&) {}, {}, {TrunkId{1}, TrunkId{0}}, 2)),
            SectionError::out_of_order);
}

}  // namespace
}  // namespace demarc::contract
