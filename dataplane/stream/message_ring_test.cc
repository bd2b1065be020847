#include "dataplane/stream/message_ring.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace demarc::stream {
namespace {

TEST(MessageRing, GivesBackWhatWasPutInAcrossItsEnd) {
  MessageRing ring(4 * uint64_t{MessageRing::max_octets});
  std::vector<std::string> expected;
  size_t next = 0;
  for (unsigned i = 0; i < 5000; ++i) {
    const std::string message(i * 37 % 60000, static_cast<char>('a' + i % 26));
    while (!ring.push({}, message)) {
      const MessageRing::Message front = ring.front();
      ASSERT_NE(front.head, nullptr);
      ASSERT_EQ(front.octets, expected[next++]);
      ring.pop();
    }
    expected.push_back(message);
  }
  while (next < expected.size()) {
    ASSERT_EQ(ring.front().octets, expected[next++]);
    ring.pop();
  }
  EXPECT_EQ(ring.front().head, nullptr);
  EXPECT_FALSE(ring.push({}, std::string(MessageRing::max_octets + 1, 'x')));
}

}  // namespace
}  // namespace demarc::stream
