#include "dataplane/call/line_store.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace demarc::call {
namespace {

constexpr LineStore::Room room{.lines = 4, .offers = 2};

class Lines : public ::testing::Test {
 protected:
  Lines() : memory_(LineStore::octets_needed(room) + 64), arena_(aligned()), lines(arena_, room) {}

  // What is said of a stream, told apart by the port.
  void say(Negotiation& negotiation, unsigned stream, uint16_t port) {
    LineTerms* terms = lines.take(negotiation, stream);
    ASSERT_NE(terms, nullptr);
    terms->agreed[0].rtp.port = port;
  }
  uint16_t port_of(const Negotiation& negotiation, unsigned stream) const {
    return lines.at(negotiation, stream).agreed[0].rtp.port;
  }

 private:
  std::span<std::byte> aligned() {
    const auto address = reinterpret_cast<uintptr_t>(memory_.data());
    return std::span(memory_).subspan((64 - address % 64) % 64);
  }
  std::vector<std::byte> memory_;
  memory::Arena arena_;

 protected:
  LineStore lines;
};

TEST_F(Lines, OfACallWithOneTakeNothingOfThePool) {
  Negotiation negotiation;
  say(negotiation, 0, 1000);
  EXPECT_EQ(lines.live(), 0u);
  EXPECT_EQ(port_of(negotiation, 0), 1000);
  EXPECT_EQ(lines.find(negotiation, 1), nullptr);
  EXPECT_EQ(port_of(negotiation, 1), 0);
}

TEST_F(Lines, BeginEmptyWhateverTheirPlaceHeldBefore) {
  Negotiation first;
  say(first, 3, 1000);
  lines.clear(first);
  EXPECT_EQ(lines.live(), 0u);
  Negotiation second;
  EXPECT_EQ(lines.take(second, 1)->agreed[0].rtp.port, 0);
}

TEST_F(Lines, AreRefusedWhenThePoolIsEmpty) {
  Negotiation first;
  Negotiation second;
  for (const unsigned stream : {1u, 2u, 3u}) say(first, stream, 1000);
  say(second, 1, 1000);
  EXPECT_EQ(lines.take(second, 2), nullptr);
  EXPECT_NE(lines.take(second, 1), nullptr) << "it is there";
  EXPECT_NE(lines.take(second, 0), nullptr);
  lines.clear(first);
  EXPECT_NE(lines.take(second, 2), nullptr);
}

TEST_F(Lines, OfACopyAreItsOwn) {
  Negotiation call;
  say(call, 0, 1000);
  say(call, 2, 1002);
  Negotiation fork;
  ASSERT_TRUE(lines.copy(call, fork));
  EXPECT_EQ(lines.live(), 2u);
  say(fork, 2, 2002);
  EXPECT_EQ(port_of(call, 2), 1002);
  EXPECT_EQ(port_of(fork, 0), 1000);
  EXPECT_EQ(port_of(fork, 2), 2002);
}

TEST_F(Lines, AreCopiedAllOrNotAtAll) {
  Negotiation call;
  for (const unsigned stream : {1u, 2u, 3u}) say(call, stream, 1000);
  Negotiation fork;
  EXPECT_FALSE(lines.has_room_for_copy(call));
  EXPECT_FALSE(lines.copy(call, fork));
  EXPECT_EQ(lines.live(), 3u);
  EXPECT_EQ(lines.find(fork, 1), nullptr);
}

TEST_F(Lines, AreMovedInPlaceOfThoseThatWereThere) {
  Negotiation call;
  say(call, 1, 1000);
  Negotiation fork;
  say(fork, 1, 2000);
  say(fork, 3, 2002);
  lines.move(fork, call);
  EXPECT_EQ(lines.live(), 2u);
  EXPECT_EQ(port_of(call, 1), 2000);
  EXPECT_EQ(port_of(call, 3), 2002);
  EXPECT_EQ(lines.find(fork, 1), nullptr);
  lines.clear(fork);
  EXPECT_EQ(lines.live(), 2u);
}

TEST_F(Lines, ThatNobodyAgreedToAreGivenBack) {
  Negotiation call;
  for (const unsigned stream : {0u, 1u, 2u, 3u}) say(call, stream, 1000);
  lines.find(call, 1)->agreed[0].is_offered = true;
  lines.find(call, 3)->agreed[1].is_offered = true;
  lines.drop_refused(call);
  EXPECT_EQ(lines.live(), 2u);
  EXPECT_NE(lines.find(call, 1), nullptr);
  EXPECT_EQ(lines.find(call, 2), nullptr);
  EXPECT_NE(lines.find(call, 3), nullptr);
}

TEST_F(Lines, AreTakenBackToWhatWasSaved) {
  Negotiation call;
  say(call, 0, 1000);
  say(call, 1, 1002);
  const Negotiation before = call;
  lines.save(before);
  say(call, 0, 2000);
  say(call, 1, 2002);
  call = before;
  lines.restore(before);
  EXPECT_EQ(port_of(call, 0), 1000);
  EXPECT_EQ(port_of(call, 1), 1002);
}

TEST_F(Lines, SayWhatIsOfferedWhileAnOfferIsOpen) {
  Negotiation call;
  say(call, 0, 1000);
  say(call, 1, 1002);
  EXPECT_EQ(lines.offered(call, 0), nullptr);
  EXPECT_EQ(lines.offered(call, 1), nullptr);
  ASSERT_TRUE(lines.open(call));
  for (const unsigned stream : {0u, 1u}) lines.offered(call, stream)->rtp.port = 3000;
  EXPECT_EQ(lines.offered(call, 2), nullptr);
  EXPECT_EQ(lines.offered_at(call, 2).rtp.port, 0);
  ASSERT_TRUE(lines.open(call)) << "one place for one offer after another";
  EXPECT_EQ(lines.live_offers(), 1u);
  lines.close(call);
  EXPECT_EQ(lines.live_offers(), 0u);
  EXPECT_EQ(lines.offered_at(call, 0).rtp.port, 0);
  ASSERT_TRUE(lines.open(call));
  for (const unsigned stream : {0u, 1u}) EXPECT_EQ(lines.offered_at(call, stream).rtp.port, 0);
  EXPECT_EQ(port_of(call, 0), 1000);
  lines.clear(call);
  EXPECT_EQ(lines.live_offers(), 0u);
}

TEST_F(Lines, CopyTheOfferThatIsOpen) {
  Negotiation call;
  ASSERT_TRUE(lines.open(call));
  lines.offered(call, 0)->rtp.port = 3000;
  lines.choice(call).count = 3;
  Negotiation fork;
  ASSERT_TRUE(lines.copy(call, fork));
  lines.offered(call, 0)->rtp.port = 4000;
  EXPECT_EQ(lines.offered_at(fork, 0).rtp.port, 3000);
  EXPECT_EQ(lines.choice(fork).count, 3);
  Negotiation another;
  EXPECT_FALSE(lines.has_room_for_copy(call));
  EXPECT_FALSE(lines.copy(call, another));
  EXPECT_FALSE(lines.open(another));
  lines.move(fork, call);
  EXPECT_EQ(lines.live_offers(), 1u);
  EXPECT_EQ(lines.offered_at(call, 0).rtp.port, 3000);
}

}  // namespace
}  // namespace demarc::call
