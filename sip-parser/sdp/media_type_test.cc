#include "sip-parser/sdp/media_type.h"

#include <gtest/gtest.h>

namespace demarc::sdp {
namespace {

TEST(MediaType, KnowsItsNames) {
  for (unsigned i = 1; i < static_cast<unsigned>(MediaType::count); ++i) {
    const auto type = static_cast<MediaType>(i);
    EXPECT_EQ(media_type(spelling(type)), type);
  }
  for (const char* other : {"", "Audio", "audi", "audios"}) {
    EXPECT_EQ(media_type(other), MediaType::other) << other;
  }
  EXPECT_EQ(spelling(MediaType::count), "");
}

TEST(Protocol, KnowsItsNamesInAnyLetters) {
  for (unsigned i = 1; i < static_cast<unsigned>(Protocol::count); ++i) {
    const auto known = static_cast<Protocol>(i);
    EXPECT_EQ(protocol(spelling(known)), known);
  }
  EXPECT_EQ(protocol("UDPTL"), Protocol::udptl);
  for (const char* other : {"", "RTP", "RTP/AVPX", "RTP/SAVPFX"}) {
    EXPECT_EQ(protocol(other), Protocol::other) << other;
  }
  EXPECT_EQ(spelling(Protocol::count), "");
}

TEST(Protocol, KnowsWhatItCarries) {
  for (const Protocol rtp : {Protocol::rtp_avp, Protocol::rtp_savpf, Protocol::udp_tls_rtp_savp}) {
    EXPECT_TRUE(is_rtp(rtp));
  }
  for (const Protocol other : {Protocol::other, Protocol::udptl, Protocol::udp_dtls_sctp}) {
    EXPECT_FALSE(is_rtp(other) || is_secure(other) || has_feedback(other));
  }
  EXPECT_TRUE(is_secure(Protocol::rtp_savp));
  EXPECT_FALSE(is_secure(Protocol::rtp_avpf));
  EXPECT_TRUE(has_feedback(Protocol::rtp_avpf));
  EXPECT_FALSE(has_feedback(Protocol::rtp_savp));
}

}  // namespace
}  // namespace demarc::sdp
