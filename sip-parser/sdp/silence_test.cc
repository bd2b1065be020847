#include "sip-parser/sdp/silence.h"

#include <gtest/gtest.h>

#include "sip-parser/sdp/sdp_harness.h"

namespace demarc::sdp {
namespace {

TEST(SilenceSuppression, ReadsOnAndOff) {
  EXPECT_EQ(*read_value(parse_silence_suppression, "off - - - -"), SilenceSuppression::off);
  EXPECT_EQ(*read_value(parse_silence_suppression, "on 5 standard No SID -30"),
            SilenceSuppression::on);
  EXPECT_EQ(*read_value(parse_silence_suppression, "off"), SilenceSuppression::off);
}

TEST(SilenceSuppression, RefusesMistakes) {
  for (const char* bad : {"", "maybe - - - -", "offx", "off - - - - - -", "off \x01"}) {
    EXPECT_FALSE(read_value(parse_silence_suppression, bad)) << bad;
  }
}

}  // namespace
}  // namespace demarc::sdp
