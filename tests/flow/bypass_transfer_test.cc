// Transfers of calls whose media goes past the box: who is joined hears where the other one is.
#include "tests/flow/openings.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

using contract::MediaWay;

class BypassTransfer : public TransferFlow {
 protected:
  explicit BypassTransfer(MediaWay alt_way = MediaWay::bypassed)
      : TransferFlow(ways(alt_way), true) {}
  static BoxOptions ways(MediaWay alt_way) {
    BoxOptions options = handled();
    options.codecs[0].way = options.codecs[1].way = MediaWay::bypassed;
    options.codecs[2].way = alt_way;
    return options;
  }
  static bool names(const std::string& body, const Peer& peer) {
    return body.find(contract::print(peer.endpoint().address).view()) != std::string::npos;
  }
  uint32_t free_pairs() { return box.engine().media().free_pairs(contract::RealmId{1}); }
  // The transferor leaves once it knows.
  void transferor_leaves() {
    play(R"(
      pbx  -> 200 NOTIFY
      pbx  -> BYE
      pbx  <- 200 BYE
      quiet
    )");
  }
};

TEST_F(BypassTransfer, BothHearWhereTheOtherOneIs) {
  const uint32_t before = free_pairs();
  refer_to_alt();
  EXPECT_TRUE(names(alt.last_request("INVITE")->body, itsp));
  play(R"(
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- NOTIFY 200
    itsp <- INVITE sdp
    itsp -> 200 sdp INVITE
    itsp <- ACK
    alt  <- INVITE sdp
    alt  -> 200 sdp INVITE
    alt  <- ACK
  )");
  EXPECT_TRUE(names(itsp.last_request("INVITE")->body, alt));
  EXPECT_TRUE(names(alt.last_request("INVITE")->body, itsp));
  EXPECT_EQ(free_pairs(), before);
  transferor_leaves();
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(BypassTransfer, AFailedOneLeavesTheCallAsItWas) {
  refer_to_alt();
  play("alt -> 486\nalt <- ACK\npbx <- NOTIFY 486\npbx -> 200 NOTIFY\nquiet\n");
  play(ended_by_caller);
  expect_clean(2);
}

TEST_F(BypassTransfer, TwoCallsBecomeOne) {
  const std::string dialog = consult();
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play(R"(
    pbx  <- 202 REFER
    desk <- BYE
    itsp <- INVITE sdp
    pbx  <- NOTIFY 200
    desk -> 200 BYE
    itsp -> 200 sdp INVITE
    itsp <- ACK
    alt  <- INVITE sdp
    alt  -> 200 sdp INVITE
    alt  <- ACK
  )");
  EXPECT_TRUE(names(itsp.last_request("INVITE")->body, alt));
  EXPECT_TRUE(names(alt.last_request("INVITE")->body, itsp));
  transferor_leaves();
  play(joined_call_ends);
  expect_clean(2);
}

class BypassToRelayed : public BypassTransfer {
 protected:
  BypassToRelayed() : BypassTransfer(MediaWay::relayed) {}
};

// The target's media is ours: only the transferee has to hear of that.
TEST_F(BypassToRelayed, TheTransfereeIsToldOurPorts) {
  refer_to_alt();
  EXPECT_FALSE(names(alt.last_request("INVITE")->body, itsp));
  play(R"(
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- NOTIFY 200
    itsp <- INVITE sdp
    itsp -> 200 sdp INVITE
    itsp <- ACK
  )");
  EXPECT_FALSE(names(itsp.last_request("INVITE")->body, alt));
  transferor_leaves();
  EXPECT_EQ(remote_of(0, 0).address, itsp.endpoint().address);
  EXPECT_EQ(remote_of(0, 1).address, alt.endpoint().address);
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(BypassToRelayed, TwoCallsBecomeOne) {
  const std::string dialog = consult();
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play(R"(
    pbx  <- 202 REFER
    desk <- BYE
    itsp <- INVITE sdp
    pbx  <- NOTIFY 200
    desk -> 200 BYE
    itsp -> 200 sdp INVITE
    itsp <- ACK
  )");
  transferor_leaves();
  EXPECT_EQ(remote_of(0, 0).address, itsp.endpoint().address);
  EXPECT_EQ(remote_of(0, 1).address, alt.endpoint().address);
  play(joined_call_ends);
  expect_clean(2);
}

// The other way round: a relayed call is joined with a leg that media went past.
TEST_F(BypassToRelayed, ARelayedCallIsJoinedWithABypassedLeg) {
  desk.called = "+442079460018";
  play(ended_by_caller);
  pbx.called = "+4930123456";
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    alt  <- INVITE sdp
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    desk -> INVITE sdp
    desk <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp INVITE
    itsp <- ACK
    desk <- 200 sdp
    desk -> ACK
  )");
  const std::string dialog = named(*desk.last_response("INVITE"));
  refer("Refer-To: <sip:+442079460018@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play(R"(
    pbx  <- 202 REFER
    desk <- BYE
    alt  <- INVITE sdp
    pbx  <- NOTIFY 200
    desk -> 200 BYE
    alt  -> 200 sdp INVITE
    alt  <- ACK
    itsp <- INVITE sdp
    itsp -> 200 sdp INVITE
    itsp <- ACK
  )");
  EXPECT_FALSE(names(alt.last_request("INVITE")->body, itsp));
  EXPECT_FALSE(names(itsp.last_request("INVITE")->body, alt));
  transferor_leaves();
  play(R"(
    alt  -> BYE
    alt  <- 200 BYE
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )");
  expect_clean(3);
}

}  // namespace
}  // namespace demarc::flow
