#include "dataplane/call/dtmf_info.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace demarc::call {
namespace {

std::string read(std::string_view body) {
  DtmfDigit digit;
  if (!parse_dtmf(body, digit)) return "none";
  return std::to_string(digit.event) + "/" + std::to_string(digit.duration_ms);
}

std::string written(contract::Dtmf form, const DtmfDigit& digit) {
  std::array<char, 100> room;
  sip::Writer writer(room);
  write_dtmf(form, digit, writer);
  return std::string(writer.written());
}

TEST(DtmfInfo, ReadsWhatGatewaysWrite) {
  EXPECT_EQ(read("Signal=5\r\nDuration=160\r\n"), "5/160");
  EXPECT_EQ(read("Signal= 5\r\nDuration= 250"), "5/250");
  EXPECT_EQ(read("Duration=100\nsignal=*\n"), "10/100");
  EXPECT_EQ(read("Signal=#"), "11/160");
  EXPECT_EQ(read("Signal=11\r\n"), "11/160");
  EXPECT_EQ(read("Signal=d"), "15/160");
  EXPECT_EQ(read("7"), "7/160");
  EXPECT_EQ(read(" 7 \r\n"), "7/160");
  EXPECT_EQ(read("\r\n#"), "11/160");
}

TEST(DtmfInfo, LimitsDurations) {
  EXPECT_EQ(read("Signal=1\r\nDuration=99999"), "1/10000");
  EXPECT_EQ(read("Signal=1\r\nDuration=99999999999999999999"), "1/160");
  EXPECT_EQ(read("Signal=1\r\nDuration=-1"), "1/160");
}

TEST(DtmfInfo, RefusesWhatIsNoDigit) {
  for (const std::string_view body :
       {"", "\r\n", "Signal=", "Signal=hf", "Signal=16", "Signal=55", "Duration=160", "x",
        "Signal 5", "Sig=5", "=5", "Signal=\x01"}) {
    EXPECT_EQ(read(body), "none") << body;
  }
}

TEST(DtmfInfo, KnowsItsTypes) {
  EXPECT_TRUE(is_dtmf("application/dtmf-relay"));
  EXPECT_TRUE(is_dtmf("Application/DTMF ; charset=x"));
  EXPECT_FALSE(is_dtmf("application/dtmf-relays"));
  EXPECT_FALSE(is_dtmf(""));
}

TEST(DtmfInfo, WritesWhatItReads) {
  EXPECT_EQ(written(contract::Dtmf::info_relay, {11, 100}), "Signal=#\r\nDuration=100\r\n");
  EXPECT_EQ(written(contract::Dtmf::info_dtmf, {5, 100}), "5");
  EXPECT_EQ(dtmf_content_type(contract::Dtmf::info_relay), "application/dtmf-relay");
  EXPECT_EQ(dtmf_content_type(contract::Dtmf::info_dtmf), "application/dtmf");
}

}  // namespace
}  // namespace demarc::call
