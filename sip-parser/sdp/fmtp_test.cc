#include "sip-parser/sdp/fmtp.h"

#include <gtest/gtest.h>

#include "sip-parser/sdp/sdp_harness.h"

namespace demarc::sdp {
namespace {

Result<TelephoneEvents, ValueError> read(std::string_view value) {
  return read_value(parse_telephone_events, value);
}

std::string print(const TelephoneEvents& events) {
  TelephoneEventsText text;
  return std::string(print_telephone_events(events, text));
}

TEST(Fmtp, GivesItsParameters) {
  std::string_view rest = "mode-set=0,2; octet-align ;;x = y=z;";
  FmtpParameter parameter;
  ASSERT_TRUE(take_parameter(rest, parameter));
  EXPECT_EQ(parameter.name, "mode-set");
  EXPECT_EQ(parameter.value, "0,2");
  ASSERT_TRUE(take_parameter(rest, parameter));
  EXPECT_EQ(parameter.name, "octet-align");
  EXPECT_EQ(parameter.value, "");
  ASSERT_TRUE(take_parameter(rest, parameter));
  EXPECT_EQ(parameter.name, "x");
  EXPECT_EQ(parameter.value, "y=z");
  EXPECT_FALSE(take_parameter(rest, parameter));
}

TEST(Fmtp, FindsAParameterWithoutCase) {
  std::string_view value;
  ASSERT_TRUE(find_parameter("a=1;AnnexB=no", "annexb", value));
  EXPECT_EQ(value, "no");
  EXPECT_FALSE(find_parameter("a=1;annexb=no", "annex", value));
  EXPECT_FALSE(find_parameter("", "a", value));
}

TEST(TelephoneEvents, ReadsRangesAndEvents) {
  EXPECT_EQ(*read("0-15"), dtmf_events());
  const TelephoneEvents events = *read("0-11,16, 66 - 67");
  for (const int event : {0, 11, 16, 66, 67}) {
    EXPECT_TRUE(events.has(static_cast<uint8_t>(event))) << event;
  }
  for (const int event : {12, 15, 17, 65, 68, 255}) {
    EXPECT_FALSE(events.has(static_cast<uint8_t>(event))) << event;
  }
  EXPECT_TRUE(read("0-255")->has(255));
  EXPECT_TRUE(TelephoneEvents{}.empty());
  EXPECT_FALSE(events.empty());
}

TEST(TelephoneEvents, ChecksItsNumbers) {
  for (const auto& [text, is_taken] : boundaries(0, 255)) {
    if (text == "-1" || text == "\t1" || text == "1\t") continue;
    EXPECT_EQ(read(text).has_value(), is_taken) << text;
    EXPECT_EQ(read("0-" + text).has_value(), is_taken) << text;
  }
}

TEST(TelephoneEvents, RefusesMistakes) {
  for (const char* bad : {"", ",", "1,", ",1", "1,,2", "5-4", "-1", "1-", "1-2-3", "0-15;x", "x"}) {
    EXPECT_FALSE(read(bad)) << bad;
  }
}

TEST(TelephoneEvents, HasWhatBothHave) {
  EXPECT_EQ(print(read("0-15,66")->common_with(*read("0-11,16,66"))), "0-11,66");
}

TEST(TelephoneEvents, WritesTheShortestList) {
  for (const char* list : {"0-15", "0-11,16,66", "7", "255", "0-255", "1-2"}) {
    EXPECT_EQ(print(*read(list)), list);
  }
  EXPECT_EQ(print(*read("3,1,2,2,9")), "1-3,9");
  EXPECT_EQ(print({}), "");
}

// What takes most room: pairs with one missing between.
TEST(TelephoneEvents, FitsTheTextAtItsLongest) {
  for (const unsigned step : {2u, 3u, 4u}) {
    TelephoneEvents events;
    for (unsigned event = 0; event < telephone_event_count; ++event) {
      if (event % step != 0) events.add(static_cast<uint8_t>(event));
    }
    EXPECT_EQ(*read(print(events)), events);
  }
}

}  // namespace
}  // namespace demarc::sdp
