#include "sip-parser/session_timer.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/number_cases.h"
#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

using support::expect_refused;
using support::parse_guarded;

TEST(SessionExpires, ReadsIntervalAndRefresher) {
  EXPECT_EQ(parse_guarded(parse_session_expires, "1800")->refresher, Refresher::absent);
  EXPECT_EQ(parse_guarded(parse_session_expires, " 1800 ; Refresher = UAC ")->refresher,
            Refresher::uac);
  const Result<SessionExpires, ValueError> expires =
      parse_guarded(parse_session_expires, "4000;x=y;refresher=uas");
  ASSERT_TRUE(expires);
  EXPECT_EQ(expires->interval_s, 4000u);
  EXPECT_EQ(expires->refresher, Refresher::uas);
}

TEST(SessionExpires, RefusesMistakes) {
  expect_refused(parse_session_expires,
                 {"", ";refresher=uac", "1800;refresher", "1800;refresher=", "1800;refresher=me",
                  "1800;refresher=\"uac\"", "1800;refresher=uac;refresher=uas", "1800,1800",
                  "1800 refresher=uac", "1800;"});
}

TEST(SessionExpires, ChecksItsRange) {
  support::expect_number_range(
      {0, UINT32_MAX}, [](const std::string& number) -> Result<uint32_t, ValueError> {
        const Result<SessionExpires, ValueError> expires =
            parse_guarded(parse_session_expires, number + ";refresher=uac");
        if (!expires) return Fail{expires.error()};
        return expires->interval_s;
      });
}

TEST(MinSe, ChecksItsRange) {
  support::expect_number_range({0, UINT32_MAX}, [](const std::string& number) {
    return parse_guarded(parse_min_se, number + " ;x");
  });
  expect_refused(parse_min_se, {"", ";x", "90,90", "90;", "90;x="});
}

TEST(SessionInterval, IsClampedAtBothEnds) {
  EXPECT_EQ(clamp_session_interval(0), min_session_interval_s);
  EXPECT_EQ(clamp_session_interval(89), 90u);
  EXPECT_EQ(clamp_session_interval(90), 90u);
  EXPECT_EQ(clamp_session_interval(91), 91u);
  EXPECT_EQ(clamp_session_interval(86399), 86399u);
  EXPECT_EQ(clamp_session_interval(86400), 86400u);
  EXPECT_EQ(clamp_session_interval(86401), 86400u);
  EXPECT_EQ(clamp_session_interval(UINT32_MAX), 86400u);
}

}  // namespace
}  // namespace demarc::sip
