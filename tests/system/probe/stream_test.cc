#include "tests/system/probe/stream.h"

#include <gtest/gtest.h>

namespace demarc::probe {

namespace {

constexpr StreamId from_caller = {.call = 7, .is_from_caller = true};

// The called end of call 7, whose peer is at `peer`.
struct CalledEnd {
  CalledEnd() { stream.set_remote(peer); }
  Address peer = *parse_address("192.0.2.1:4000", 0);
  Stream stream{{.call = 7, .is_from_caller = false}, -1, -1};
};

}  // namespace

TEST(Stream, CountsWhatIsWholeAndInOrder) {
  CalledEnd end;
  for (uint32_t i = 0; i < 600; ++i) {  // past the wrap of the sequence number
    end.stream.on_rtp(make_rtp(from_caller, i, i == 599), end.peer, 1 + i);
  }
  EXPECT_EQ(end.stream.rtp().received, 600U);
  EXPECT_EQ(end.stream.rtp().corrupt, 0U);
  EXPECT_EQ(end.stream.rtp().lost, 0U);
  EXPECT_TRUE(end.stream.is_peer_finished());
}

TEST(Stream, CountsLossAndReorderingAndDuplicates) {
  CalledEnd end;
  for (const uint32_t i : {0U, 1U, 4U, 2U, 2U}) {
    end.stream.on_rtp(make_rtp(from_caller, i, false), end.peer, 1);
  }
  EXPECT_EQ(end.stream.rtp().lost, 1U);
  EXPECT_EQ(end.stream.rtp().reordered, 1U);
  EXPECT_EQ(end.stream.rtp().duplicated, 1U);
  EXPECT_FALSE(end.stream.is_peer_finished());
}

TEST(Stream, NoticesAnyChangedOctet) {
  for (size_t octet = 0; octet < rtp_octets; ++octet) {
    CalledEnd end;
    auto packet = make_rtp(from_caller, 0, false);
    packet[octet] ^= 1;
    end.stream.on_rtp(packet, end.peer, 1);
    EXPECT_EQ(end.stream.rtp().corrupt, 1U) << "octet " << octet;
  }
}

TEST(Stream, HearsAudioThatWasTranscodedOnItsWay) {
  for (const Codec own : {Codec::pcma, Codec::pcmu}) {
    const Codecs codecs = {.own = own, .peer = own == Codec::pcma ? Codec::pcmu : Codec::pcma};
    CalledEnd end;
    end.stream.use(codecs);
    end.stream.on_rtp(heard_rtp(from_caller, 0, false, codecs), end.peer, 1);
    EXPECT_EQ(end.stream.rtp().received, 1U);
    // As it was sent, and with the payload type changed alone.
    end.stream.on_rtp(make_rtp(from_caller, 1, false, codecs.peer), end.peer, 2);
    end.stream.on_rtp(make_rtp(from_caller, 1, false, own), end.peer, 3);
    EXPECT_EQ(end.stream.rtp().corrupt, 2U);
  }
}

TEST(Stream, NoticesAnotherCallAndAnotherSender) {
  CalledEnd end;
  end.stream.on_rtp(make_rtp({.call = 8, .is_from_caller = true}, 0, false), end.peer, 1);
  EXPECT_EQ(end.stream.rtp().corrupt, 1U);
  end.stream.on_rtp(make_rtp(from_caller, 0, false), *parse_address("192.0.2.2:4000", 0), 1);
  EXPECT_EQ(end.stream.rtp().foreign, 1U);
}

TEST(Stream, ChecksTheSourceOfEarlyAudioOnceItIsKnown) {
  Stream stream({.call = 7, .is_from_caller = false}, -1, -1);
  stream.on_rtp(make_rtp(from_caller, 0, false), *parse_address("192.0.2.1:4000", 0), 1);
  stream.on_rtp(make_rtp(from_caller, 1, false), *parse_address("192.0.2.2:4000", 0), 2);
  stream.set_remote(*parse_address("192.0.2.1:4000", 0));
  EXPECT_EQ(stream.rtp().received, 2U);
  EXPECT_EQ(stream.rtp().foreign, 1U);
}

TEST(Stream, ChecksReportsWhole) {
  CalledEnd end;
  Address from = end.peer;
  from.set_port(4001);
  auto report = make_rtcp(from_caller, {.index = 0, .packets = 50, .ntp = 0x1234567890});
  end.stream.on_rtcp(report, from);
  EXPECT_EQ(end.stream.rtcp().received, 1U);
  report = make_rtcp(from_caller, {.index = 1, .packets = 100, .ntp = 0x2234567890});
  report[40] ^= 1;
  end.stream.on_rtcp(report, from);
  EXPECT_EQ(end.stream.rtcp().corrupt, 1U);
}

}  // namespace demarc::probe
