#include "dataplane/trace/trace.h"

#include <gtest/gtest.h>

namespace demarc::trace {
namespace {

TEST(Trace, KeepsTheLastEntriesInTheirOrder) {
  std::array<Entry, 3> memory;
  Ring ring(memory);
  ring.set_now(contract::Instant{7});
  for (uint8_t i = 0; i < 5; ++i) ring.step({.kind = Kind::call, .state = i});
  EXPECT_EQ(ring.count(), 5u);
  for (uint8_t i = 2; i < 5; ++i) EXPECT_EQ(ring.at(i).state, i);
  EXPECT_EQ(ring.at(4).at.ns, 7u);
}

TEST(Trace, AMessageIsKnownByItsFirstOctets) {
  std::array<Entry, 2> memory;
  Ring ring(memory);
  ring.message(Kind::sent, "SIP/2.0 486 Busy Here\r\n", 3, true);
  ring.message(Kind::received, "ACK", 4);
  EXPECT_EQ(std::string_view(ring.at(0).head.data(), 11), "SIP/2.0 486");
  EXPECT_EQ(ring.at(0).detail, 23u);
  EXPECT_EQ(ring.at(0).subject, 3u);
  EXPECT_EQ(ring.at(0).event, 1);
  EXPECT_STREQ(ring.at(1).head.data(), "ACK");
  EXPECT_EQ(ring.at(1).event, 0);
}

}  // namespace
}  // namespace demarc::trace
