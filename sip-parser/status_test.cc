#include "sip-parser/status.h"

#include <gtest/gtest.h>

namespace demarc::sip {
namespace {

TEST(ReasonPhrase, KnowsItsCodes) {
  EXPECT_EQ(reason_phrase(100), "Trying");
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(486), "Busy Here");
  EXPECT_EQ(reason_phrase(608), "Rejected");
}

TEST(ReasonPhrase, FallsBackToTheClass) {
  EXPECT_EQ(reason_phrase(199 - 1), "Trying");
  EXPECT_EQ(reason_phrase(299), "OK");
  EXPECT_EQ(reason_phrase(399), "Multiple Choices");
  EXPECT_EQ(reason_phrase(499), "Bad Request");
  EXPECT_EQ(reason_phrase(599), "Server Internal Error");
  EXPECT_EQ(reason_phrase(699), "Busy Everywhere");
  EXPECT_EQ(reason_phrase(0), "Unknown");
  EXPECT_EQ(reason_phrase(700), "Unknown");
  EXPECT_EQ(reason_phrase(65535), "Unknown");
}

}  // namespace
}  // namespace demarc::sip
