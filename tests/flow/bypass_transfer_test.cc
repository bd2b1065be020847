// Transfers of calls whose media goes past the box: who is joined hears where the other one is.
#include "tests/flow/openings.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

using contract::MediaWay;

class BypassTransfer : public TransferFlow {
 protected:
  explicit BypassTransfer(MediaWay alt_way = MediaWay::bypassed) : BypassTransfer(ways(alt_way)) {}
  explicit BypassTransfer(const BoxOptions& options) : TransferFlow(options, true) {}
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

// Media goes past the box between pbx and either one, but not between itsp and alt.
class BypassOfPairs : public BypassTransfer {
 protected:
  BypassOfPairs() : BypassTransfer(pairs()) {}
  static BoxOptions pairs() {
    BoxOptions options = ways(MediaWay::bypassed);
    options.bypass_with[1] = {Box::pbx};
    return options;
  }
};

TEST_F(BypassOfPairs, TheTargetOfATransferIsRelayedWhereTheTransfereeIsNotToBypassWithIt) {
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
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(BypassOfPairs, TwoThatTalkedPastUsAreRelayedWhenTheyAreJoined) {
  const std::string dialog = consult();
  EXPECT_TRUE(names(alt.last_request("INVITE")->body, desk));
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
  EXPECT_FALSE(names(itsp.last_request("INVITE")->body, alt));
  EXPECT_FALSE(names(alt.last_request("INVITE")->body, itsp));
  transferor_leaves();
  EXPECT_EQ(remote_of(0, 0).address, itsp.endpoint().address);
  EXPECT_EQ(remote_of(0, 1).address, alt.endpoint().address);
  play(joined_call_ends);
  expect_clean(2);
}

// itsp, which wants its session private, calls pbx: where the trunks would let media go past the
// box it is relayed, whoever takes a leg over.
class PrivateTransfer : public TransferFlow {
 protected:
  PrivateTransfer() : TransferFlow(options(), NoCall{}) {
    itsp.extra_lines = "Privacy: session;critical\r\n";
    play(R"(
      itsp -> INVITE sdp
      itsp <- 100
      pbx  <- INVITE sdp
      pbx  -> 200 sdp
      pbx  <- ACK
      itsp <- 200 sdp
      itsp -> ACK
    )");
  }
  static BoxOptions options() {
    BoxOptions options = handled();
    for (contract::CodecPolicy& codecs : options.codecs) codecs.way = MediaWay::bypassed;
    options.policy[2].takes_replaces = true;
    return options;
  }
  // The dialog of who was called, as Replaces names it.
  static std::string replaces(const Peer& called) {
    const Wire& invite = *called.last_request("INVITE");
    const std::string from = invite.field("From");
    return "Replaces: " + invite.field("Call-ID") +
           ";to-tag=" + from.substr(from.find(";tag=") + 5) + ";from-tag=" + called.tag() + "\r\n";
  }
  static bool shows(const Wire& message, const Peer& peer) {
    return message.body.find(contract::print(peer.endpoint().address).view()) != std::string::npos;
  }
};

TEST_F(PrivateTransfer, WhoReplacesItsPeerIsRelayedToo) {
  desk.extra_lines = replaces(pbx);
  play(R"(
    desk -> INVITE sdp
    desk <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- BYE
    desk <- 200 sdp
    pbx  -> 200 BYE
    desk -> ACK
  )");
  EXPECT_FALSE(shows(*itsp.last_request("INVITE"), desk));
  EXPECT_FALSE(shows(*desk.last_response("INVITE"), itsp));
  play("desk -> BYE\ndesk <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\nquiet\n");
  expect_clean(2);
}

// Its leg is in a call now that did without, and it is private there for whoever comes next.
TEST_F(PrivateTransfer, ItsWishGoesAlongIntoAnotherCall) {
  shows_media = true;
  const std::string dialog = consult();
  shows_media = false;
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
    pbx  -> 200 NOTIFY
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )");
  const std::string replaced = replaces(alt);
  alt = Peer("another", "10.20.2.3", "10.20.2.1");
  alt.extra_lines = replaced;
  play(R"(
    alt  -> INVITE sdp
    alt  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp INVITE
    itsp <- ACK
    alt  <- BYE
    alt  <- 200 sdp INVITE
    alt  -> 200 BYE
    alt  -> ACK
  )");
  EXPECT_FALSE(shows(*itsp.last_request("INVITE"), alt));
  EXPECT_FALSE(shows(*alt.last_response("INVITE"), itsp));
  play("alt -> BYE\nalt <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\nquiet\n");
  expect_clean(3);
}

}  // namespace
}  // namespace demarc::flow
