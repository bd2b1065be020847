// Attended transfers to a call whose formats a codec policy chose (decision D90): the two who stay
// have agreed on nothing yet.
#include "dataplane/media/g711.h"
#include "tests/flow/rtp_line.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

// Of a trunk: the codecs that it has, and whether it adds PCMU where the other side has none.
struct Policy {
  std::vector<std::string> allowed;
  bool adds_pcmu = false;
};

// pbx has called itsp, and desk alt. pbx makes one call of both.
class AttendedCodec : public TransferFlow {
 protected:
  AttendedCodec(const Policy& of_pbx, const Policy& of_itsp, const Policy& of_alt)
      : AttendedCodec(with({of_pbx, of_itsp, of_alt})) {}
  explicit AttendedCodec(const BoxOptions& options) : TransferFlow(options, NoCall{}) {}
  static BoxOptions with(const std::array<Policy, 3>& policies) {
    BoxOptions options = handled();
    for (unsigned i = 0; i < 3; ++i) {
      options.codec_names.at(i) = policies.at(i).allowed;
      if (policies.at(i).adds_pcmu) options.codecs.at(i).added = contract::AddedCodecs::pcmu;
    }
    return options;
  }
  void say(Peer& peer, const std::string& formats) {
    peer.body = sdp(std::string(contract::print(peer.endpoint().address).view()), formats, "");
  }
  // Up to what is told to the first of the two.
  void transfer() {
    play(answered_at_once);
    refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + consult() + ">\r\n");
    pbx.extra_lines.clear();
    play("pbx <- 202 REFER\ndesk <- BYE\n");
  }
  void agree(Peer& peer, const std::string& told, const std::string& formats) {
    say(peer, formats);
    std::string ladder = peer.name() + " <- INVITE sdp\n";
    ladder.append(peer.name()).append(" -> 200 sdp INVITE\n").append(peer.name());
    play(ladder.append(" <- ACK\n"));
    EXPECT_EQ(formats_in(peer.last_request("INVITE")->body), told);
  }
  void end() {
    play("pbx <- NOTIFY 200\ndesk -> 200 BYE\npbx -> 200 NOTIFY\npbx -> BYE\npbx <- 200 BYE\n");
    play("quiet\n");
    play(joined_call_ends);
    expect_clean(2);
  }
};

class ToTranscoded : public AttendedCodec {
 protected:
  ToTranscoded() : AttendedCodec({}, {}, {{"PCMU"}, true}) {
    for (Peer* peer : {&pbx, &itsp, &desk}) say(*peer, "8");
    say(alt, "0");
  }
};

// The one with the policy hears what the transferee said, as its trunk makes it; the other nothing.
TEST_F(ToTranscoded, TheOneWhoStaysIsOfferedWhatTheTransfereeSaid) {
  transfer();
  RtpLine line{box, itsp, Peer::media_port, port_in(itsp.last_request("INVITE")->body)};
  const std::vector<uint8_t> audio(160, 0x12);
  line.audio(8, audio);
  EXPECT_EQ(line.out.size(), 0u) << "before they have agreed";
  agree(alt, "0", "0");
  std::vector<uint8_t> wanted = audio;
  media::transcode_scalar(media::Law::a, wanted);
  line.audio(8, audio);
  ASSERT_EQ(line.out.size(), 1u);
  EXPECT_EQ(line.out[0].payload_type, 0);
  EXPECT_EQ(line.out[0].payload, wanted);
  EXPECT_EQ(line.out[0].to.address, alt.endpoint().address);
  end();
}

// An offer without audio chooses no formats; the policy stands all the same once it is refused.
TEST_F(ToTranscoded, AFaxThatWasRefusedBeforeIsNoMatter) {
  play(answered_at_once);
  const std::string dialog = consult();
  desk.body = sdp("10.20.1.3", "8", "m=image 40004 udptl t38\r\n");
  desk.body.replace(desk.body.find("m=audio 40000"), 13, "m=audio 0");
  play("desk -> INVITE within sdp\ndesk <- 100\nalt <- INVITE sdp\nalt -> 488\nalt <- ACK\n");
  play("desk <- 488\ndesk -> ACK\n");
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  pbx.extra_lines.clear();
  play("pbx <- 202 REFER\ndesk <- BYE\n");
  agree(alt, "0", "0");
  end();
}

class ToRefreshed : public AttendedCodec {
 protected:
  ToRefreshed() : AttendedCodec(options()) {
    for (Peer* peer : {&pbx, &itsp, &desk}) say(*peer, "8");
    say(alt, "0");
  }
  static BoxOptions options() {
    BoxOptions options = with({Policy{}, Policy{}, Policy{{"PCMU"}, true}});
    options.policy[2].asks_session_timer = true;
    options.policy[2].session_expires_s = 90;
    return options;
  }
};

// What it answers to a refresh is of what it had, so nobody else is told of it, and what it has to
// be told is offered after that.
TEST_F(ToRefreshed, ARefreshOfWhoIsStillToBeToldSaysNothingNew) {
  play(answered_at_once);
  const std::string dialog = consult();
  const std::string first = alt.last_request("INVITE")->body;
  play("wait 43000\nquiet\n");
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  pbx.extra_lines.clear();
  play("pbx <- 202 REFER\ndesk <- BYE\nalt <- INVITE sdp\npbx <- NOTIFY 200\n");
  play("desk -> 200 BYE\npbx -> 200 NOTIFY\npbx -> BYE\npbx <- 200 BYE\n");
  play("alt -> 491\nalt <- ACK\nwait 2500\nalt <- INVITE sdp\n");
  EXPECT_EQ(alt.last_request("INVITE")->body, first) << "the refresh";
  say(alt, "0\r\na=sendonly");
  play("alt -> 200 sdp INVITE\nalt <- ACK\nquiet\n");
  EXPECT_LT(wait_for(alt, 4100), 4100);
  agree(alt, "0", "0");
  play("quiet\n");
  play(joined_call_ends);
  expect_clean(2);
}

class FromTranscoded : public AttendedCodec {
 protected:
  FromTranscoded() : AttendedCodec({{"PCMA", "PCMU"}}, {{"PCMU"}, true}, {}) {
    for (Peer* peer : {&pbx, &desk, &alt}) say(*peer, "8");
    say(itsp, "0");
  }
};

TEST_F(FromTranscoded, TheTransfereeWhoseTrunkAddsFormatsIsToldFirst) {
  transfer();
  agree(itsp, "0", "0");
  end();
}

class WithoutCommon : public AttendedCodec {
 protected:
  WithoutCommon() : AttendedCodec({}, {}, {{"PCMU"}}) {
    for (Peer* peer : {&pbx, &itsp}) say(*peer, "18");
    for (Peer* peer : {&desk, &alt}) say(*peer, "0");
  }
};

TEST_F(WithoutCommon, BothCallsStayWhereNothingIsLeftForTheTwo) {
  play(answered_at_once);
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + consult() + ">\r\n");
  pbx.extra_lines.clear();
  play("pbx <- 202 REFER\npbx <- NOTIFY 488\npbx -> 200 NOTIFY\nquiet\n");
  play(ended_by_caller);
  play("desk -> BYE\ndesk <- 200 BYE\nalt <- BYE\nalt -> 200 BYE\n");
  expect_clean(2);
}

class ToStrict : public AttendedCodec {
 protected:
  ToStrict() : AttendedCodec({}, {}, {{"PCMU", "PCMA"}}) {
    for (Peer* peer : {&pbx, &itsp, &desk}) say(*peer, "8 0");
    say(alt, "0 8");
  }
};

TEST_F(ToStrict, TheTransfereeIsToldWhatDoesNotFit) {
  transfer();
  play("alt <- INVITE sdp\npbx <- NOTIFY 200\n");
  EXPECT_EQ(formats_in(alt.last_request("INVITE")->body), "0 8");
  say(alt, "0");
  play("alt -> 200 sdp INVITE\nalt <- ACK\n");
  agree(itsp, "0", "0");
  play("desk -> 200 BYE\npbx -> 200 NOTIFY\npbx -> BYE\npbx <- 200 BYE\nquiet\n");
  play(joined_call_ends);
  expect_clean(2);
}

// A hold of the transferor's is over, whoever hears first.
TEST_F(ToStrict, WhoWasHeldIsNotHeldAnyMoreAndMayTakeLess) {
  play(answered_at_once);
  const std::string dialog = consult();
  say(pbx, "8 0");
  pbx.body += "a=sendonly\r\n";
  say(itsp, "8 0");
  itsp.body += "a=recvonly\r\n";
  play("pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 200 sdp\nitsp <- ACK\n");
  play("pbx <- 200 sdp\npbx -> ACK\n");
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  pbx.extra_lines.clear();
  play("pbx <- 202 REFER\ndesk <- BYE\n");
  agree(alt, "0 8", "0 8");
  EXPECT_EQ(alt.last_request("INVITE")->body.find("a=recvonly"), std::string::npos);
  play("pbx <- NOTIFY 200\ndesk -> 200 BYE\npbx -> 200 NOTIFY\n");
  // It takes less than it is offered, so that the first one hears of that.
  agree(itsp, "0 8", "0");
  EXPECT_EQ(itsp.last_request("INVITE")->body.find("a=sendonly"), std::string::npos);
  agree(alt, "0", "0");
  play("pbx -> BYE\npbx <- 200 BYE\nquiet\n");
  play(joined_call_ends);
  expect_clean(2);
}

}  // namespace
}  // namespace demarc::flow
