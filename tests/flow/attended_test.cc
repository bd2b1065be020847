// Attended transfers (RFC 5359 sections 2.5 and 2.6, RFC 5589): REFER with Replaces.
#include "tests/flow/openings.h"
#include "tests/flow/srtp_line.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;
using contract::TransferPart;
using Attended = TransferFlow;

// RFC 5359 section 2.5: the two who stay hear nothing, both legs of the transferor end.
TEST_F(Attended, TheTwoCallsBecomeOne) {
  const std::string dialog = consult();
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog +
        ">\r\nReferred-By: <sip:2001@10.20.1.2>\r\n");
  play(R"(
    pbx  <- 202 REFER
    desk <- BYE
    pbx  <- NOTIFY 200
    desk -> 200 BYE
    pbx  -> 200 NOTIFY
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )");
  const auto rows = box.directory();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(remote_of(0, 0).address, itsp.endpoint().address);
  EXPECT_EQ(remote_of(0, 1).address, alt.endpoint().address);
  play(joined_call_ends);
  const auto records = box.take_records();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].end, CallEnd::transferred);
  EXPECT_EQ(records[0].referred_by.view(), "2001");
  EXPECT_EQ(records[1].transfer, TransferPart::target);
  expect_clean(0);
}

class AttendedInSilence : public TransferFlow {
 protected:
  AttendedInSilence() : TransferFlow(options()) {}
  static BoxOptions options() {
    BoxOptions options = handled();
    options.media_timeout_ms = 30000;
    return options;
  }
};

// Neither of the two may be held against the other one's former peer.
TEST_F(AttendedInSilence, SilenceOfBothCountsFromTheirBeingJoined) {
  const std::string dialog = consult();
  wait_ms(20'000);
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play("pbx <- 202 REFER\ndesk <- BYE\npbx <- NOTIFY 200\ndesk -> 200 BYE\npbx -> 200 NOTIFY\n");
  play("pbx -> BYE\npbx <- 200 BYE\nwait 29000\nquiet\n");
  EXPECT_LT(wait_for(itsp, 3000), 3000);
  play("itsp <- BYE\nalt <- BYE\nitsp -> 200 BYE\nalt -> 200 BYE\nquiet\n");
  expect_clean(2);
}

class AttendedWithDigits : public TransferFlow {
 protected:
  AttendedWithDigits() : TransferFlow(options()) {}
  static BoxOptions options() {
    BoxOptions options = handled();
    options.codecs[0].dtmf = options.codecs[1].dtmf = contract::Dtmf::info_relay;
    options.codecs[2].dtmf = contract::Dtmf::info_dtmf;
    return options;
  }
  void press(Peer& peer) {
    peer.content_type = "application/dtmf-relay";
    peer.body = "Signal=5\r\nDuration=100\r\n";
    play(peer.name() + " -> INFO within sdp\n" + peer.name() + " <- 200 INFO\nalt <- INFO sdp\n");
    peer.content_type.clear();
    peer.body.clear();
  }
};

// A digit of the one who left has nobody who waits for its end; those behind it do not wait either.
TEST_F(AttendedWithDigits, DigitsGoOnAfterOneThatWasUnderWay) {
  const std::string dialog = consult();
  press(desk);
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play(R"(
    pbx  <- 202 REFER
    desk <- BYE
    alt  <- INVITE sdp
    pbx  <- NOTIFY 200
    desk -> 200 BYE
    pbx  -> 200 NOTIFY
    alt  -> 200 sdp INVITE
    alt  <- ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )");
  press(itsp);
  play("alt -> 200 INFO\n");
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(Attended, TheRecordHasWhatCameBeforeTheCallsBecameOne) {
  const std::string dialog = consult();
  const uint16_t port = audio_port(alt.last_request("INVITE")->body);
  const auto send = [&](unsigned sequence) {
    return relayed(box, alt, port, media::srtp::rtp_packet(sequence)) != Octets();
  };
  EXPECT_TRUE(send(1));
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play(R"(
    pbx  <- 202 REFER
    desk <- BYE
    pbx  <- NOTIFY 200
    desk -> 200 BYE
    pbx  -> 200 NOTIFY
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )");
  EXPECT_TRUE(send(2));
  play(joined_call_ends);
  const auto records = box.take_records();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[1].media[1].packets_in, 2u);
  EXPECT_EQ(records[1].media[1].packets_relayed, 2u);
  EXPECT_EQ(records[1].media[1].rtp_lost, 0u);
  EXPECT_EQ(records[1].media[1].codec, contract::AudioCodec::pcma);
  EXPECT_EQ(box.trunk_counter(Box::alt, contract::TrunkCounter::rtp_packets_in), 2u);
  expect_clean(0);
}

TEST_F(Attended, OneThatWasHeldIsTakenOffHoldFirst) {
  const std::string dialog = consult();
  pbx.body = sdp("10.20.1.2", "8 101", "a=rtpmap:101 telephone-event/8000\r\na=sendonly\r\n");
  itsp.body = sdp("10.20.2.2", "8 101", "a=rtpmap:101 telephone-event/8000\r\na=recvonly\r\n");
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )");
  itsp.body.clear();
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play(R"(
    pbx  <- 202 REFER
    desk <- BYE
    itsp <- INVITE sdp
    pbx  <- NOTIFY 200
    desk -> 200 BYE
    pbx  -> 200 NOTIFY
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )");
  EXPECT_EQ(itsp.last_request("INVITE")->body.find("a=sendonly"), std::string::npos);
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(Attended, ACallThatIsOverIsReportedAs481) {
  const std::string dialog = consult();
  play(R"(
    desk -> BYE
    desk <- 200 BYE
    alt  <- BYE
    alt  -> 200 BYE
  )");
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play("pbx <- 202 REFER\npbx <- NOTIFY 481\npbx -> 200 NOTIFY\nquiet\n");
  play(ended_by_caller);
  expect_clean(2);
}

TEST_F(Attended, ACallCanNotReplaceItself) {
  const std::string dialog = named(*pbx.last_response("INVITE"));
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play("pbx <- 202 REFER\npbx <- NOTIFY 481\npbx -> 200 NOTIFY\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

// RFC 3891 section 6.1: a dialog that is not ours is the target's to know.
TEST_F(Attended, ACallThatIsNotOursIsNamedToTheTarget) {
  refer(
      "Refer-To: <sip:+4930123456@10.20.1.1?Replaces=a9%40there%3Bto-tag%3D1%3Bfrom-tag%3D2>\r\n");
  play("pbx <- 202 REFER\npbx <- NOTIFY 100\nalt <- INVITE sdp\npbx -> 200 NOTIFY\n");
  EXPECT_EQ(alt.last_request("INVITE")->field("Replaces"), "a9@there;to-tag=1;from-tag=2");
  EXPECT_EQ(alt.last_request("INVITE")->field("Require"), "replaces");
  play("alt -> 420\nalt <- ACK\npbx <- NOTIFY 420\npbx -> 200 NOTIFY\n");
  play(ended_by_caller);
  expect_clean(2);
}

}  // namespace
}  // namespace demarc::flow
