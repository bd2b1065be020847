#include "dataplane/media/out_stream.h"

#include <gtest/gtest.h>

namespace demarc::media {
namespace {

bool follow(OutStream& stream, uint16_t sequence) {
  RtpHeader header;
  header.ssrc = 7;
  header.sequence_number = sequence;
  return stream.follow(header);
}

// Three went out for each one that came in, until they pass again.
TEST(OutStream, WhatIsLateBehindAChangeGetsANumberThatWasUsed) {
  OutStream stream;
  uint16_t last = 0;
  for (uint16_t sequence = 100; sequence < 200; ++sequence) {
    if (sequence == 198) continue;
    follow(stream, sequence);
    for (int i = 0; i < 3; ++i) last = stream.make();
  }
  stream.pass_again();
  EXPECT_FALSE(follow(stream, 198));
  EXPECT_LE(sequence_distance(stream.pass(198), last), 0);
  EXPECT_TRUE(follow(stream, 200));
  EXPECT_EQ(stream.pass(200), static_cast<uint16_t>(last + 1));
}

}  // namespace
}  // namespace demarc::media
