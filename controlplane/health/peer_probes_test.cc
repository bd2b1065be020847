#include "controlplane/health/peer_probes.h"

#include <gtest/gtest.h>

namespace demarc::health {
namespace {

TEST(PeerProbes, WhoStoppedIsMissingAfterThreeIntervalsAndBackWithTheNext) {
  PeerProbes peer;
  peer.set_interval(60'000, 0);
  peer.on_counts(1, 0, 1'000);
  peer.on_counts(1, 0, 180'000);
  EXPECT_FALSE(peer.is_missing(180'999));
  EXPECT_TRUE(peer.is_missing(181'000));
  peer.on_counts(2, 0, 500'000);
  EXPECT_FALSE(peer.is_missing(500'000));
  EXPECT_TRUE(peer.is_missing(680'000));
}

TEST(PeerProbes, WhoNeverSentAnyIsNotMissing) {
  PeerProbes peer;
  peer.set_interval(1'000, 0);
  peer.on_counts(0, 0, 100);
  EXPECT_FALSE(peer.is_missing(1'000'000));
}

TEST(PeerProbes, CallsProveAPeerThatSendsOptionsAndNoOther) {
  PeerProbes peer;
  peer.set_interval(1'000, 0);
  peer.on_counts(0, 1, 100);
  EXPECT_FALSE(peer.is_missing(1'000'000)) << "it never sent any";
  peer.on_counts(1, 1, 2'000'000);
  peer.on_counts(1, 2, 2'002'000);
  EXPECT_FALSE(peer.is_missing(2'004'999));
  EXPECT_TRUE(peer.is_missing(2'005'000));
}

TEST(PeerProbes, WithoutAnIntervalNobodyMinds) {
  PeerProbes peer;
  peer.on_counts(3, 0, 0);
  EXPECT_FALSE(peer.is_missing(1'000'000));
  peer.set_interval(1'000, 1'000'000);
  EXPECT_FALSE(peer.is_missing(1'002'999)) << "the time begins when somebody does";
  EXPECT_TRUE(peer.is_missing(1'003'000));
}

TEST(PeerProbes, ADataplaneThatStartedAfreshGivesItTime) {
  PeerProbes peer;
  peer.set_interval(1'000, 0);
  peer.on_counts(7, 0, 0);
  peer.on_counts(0, 0, 2'500);
  EXPECT_FALSE(peer.is_missing(5'499));
  EXPECT_TRUE(peer.is_missing(5'500)) << "it was heard of before";
}

}  // namespace
}  // namespace demarc::health
