// The policy of a trunk changes while it has calls: each goes on by what it began with, and the
// next one is by the new policy.
#include "tests/flow/srtp_ladder_harness.h"

namespace demarc::flow {
namespace {

constexpr contract::SrtpPolicy optional_both{SrtpUse::optional, 2, {gcm_128, cm_80}};

TEST_F(SrtpInside, ACallWithSrtpIsHeldAfterItWasTurnedOff) {
  const std::string theirs = crypto_line(1, some_key(cm_80));
  offer(savp(theirs));
  answer(media_line("RTP/AVP", ""));
  box.set_srtp(Box::pbx, {});
  reinvite(savp("a=sendonly\r\n" + theirs), media_line("RTP/AVP", "a=recvonly\r\n"));
  EXPECT_NE(line_of(answered(), "m=audio").find("RTP/SAVP 8"), std::string::npos);
  EXPECT_NE(answered().find("a=crypto:1 "), std::string::npos);
  end();
  pbx.body = sdp_of(pbx, savp(theirs));
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 488\npbx -> ACK\n");
}

// What the other side is offered is of its own trunk's policy.
TEST_F(SrtpInside, AHoldFromTheOtherSideOffersKeysStill) {
  const std::string theirs = crypto_line(1, some_key(cm_80));
  offer(savp(theirs));
  answer(media_line("RTP/AVP", ""));
  box.set_srtp(Box::pbx, {});
  itsp.body = sdp_of(itsp, media_line("RTP/AVP", "a=sendonly\r\n"));
  play("itsp -> INVITE within sdp\nitsp <- 100\npbx <- INVITE sdp\n");
  EXPECT_NE(pbx.last_request("INVITE")->body.find("a=crypto:1 "), std::string::npos);
  pbx.body = sdp_of(pbx, media_line("RTP/AVP", "a=recvonly\r\n" + crypto_line(2, some_key(cm_80))));
  play("pbx -> 200 sdp\npbx <- ACK\nitsp <- 200 sdp\nitsp -> ACK\n");
  end();
}

class PlainBothSides : public SrtpLadder {
 protected:
  PlainBothSides() : SrtpLadder(with_srtp(SrtpUse::off, SrtpUse::off)) {}
};

TEST_F(PlainBothSides, APlainCallIsHeldAfterSrtpBecameRequired) {
  const std::string plain = media_line("RTP/AVP", "");
  offer(plain);
  answer(plain);
  const contract::SrtpPolicy required{SrtpUse::required, 2, {gcm_128, cm_80}};
  box.set_srtp(Box::pbx, required);
  box.set_srtp(Box::itsp, required);
  reinvite(media_line("RTP/AVP", "a=sendonly\r\n"), media_line("RTP/AVP", "a=recvonly\r\n"));
  EXPECT_NE(line_of(offered(), "m=audio").find("RTP/AVP 8"), std::string::npos);
  end();
  pbx.body = sdp_of(pbx, plain);
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 488\npbx -> ACK\n");
}

class SrtpOfCalled : public SrtpLadder {
 protected:
  SrtpOfCalled() : SrtpLadder(with_srtp(SrtpUse::off, SrtpUse::optional)) {}
};

// Tags of our lines are places in the list of suites.
TEST_F(SrtpOfCalled, AnAnswerIsReadByTheSuitesThatWereOffered) {
  offer(media_line("RTP/AVP", ""));
  box.set_srtp(Box::itsp, {SrtpUse::optional, 2, {cm_80, gcm_128}});
  const MasterKey theirs = some_key(cm_80, 1);
  answer(media_line("RTP/SAVP", crypto_line(2, theirs)));
  expect_crossing(theirs, key_in(offered(), cm_80), 1);
  end();
}

TEST_F(SrtpOfCalled, AnAnswerWithKeysIsTakenAfterSrtpWasTurnedOff) {
  offer(media_line("RTP/AVP", ""));
  box.set_srtp(Box::itsp, {});
  const MasterKey theirs = some_key(cm_80, 1);
  answer(media_line("RTP/SAVP", crypto_line(2, theirs)));
  expect_crossing(theirs, key_in(offered(), cm_80), 1);
  end();
}

TEST_F(SrtpOfCalled, ACallThatBeginsAfterTheChangeIsByIt) {
  box.set_srtp(Box::itsp, {});
  offer(media_line("RTP/AVP", ""));
  EXPECT_EQ(offered().find("a=crypto"), std::string::npos);
  box.set_srtp(Box::itsp, optional_both);
  answer(media_line("RTP/AVP", ""));
  reinvite(media_line("RTP/AVP", ""), media_line("RTP/AVP", ""));
  EXPECT_EQ(offered().find("a=crypto"), std::string::npos);
  end();
}

class Unreliable : public Ladder {
 protected:
  void ring(const char* lines) {
    pbx.extra_lines = lines;
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  }
  void turn_off() {
    contract::CallPolicy policy = box.options().policy[0];
    policy.reliable_provisionals = contract::Use::off;
    box.set_policy(Box::pbx, policy);
  }
  void answer_and_end() {
    play("itsp -> 200 sdp INVITE\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
    play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\nquiet\n");
    expect_clean(1);
  }
};

TEST_F(Unreliable, APrackThatIsOwedIsTakenAfterTheyWereTurnedOff) {
  ring("Supported: 100rel\r\n");
  play("itsp -> 183 sdp\npbx <- 183 sdp reliable\n");
  turn_off();
  play("pbx -> PRACK\npbx <- 200 PRACK\nitsp -> 180\npbx <- 180\n");
  play("pbx -> PRACK\npbx <- 405 PRACK\n");  // none is owed now
  answer_and_end();
}

TEST_F(Unreliable, ACallerThatRequiresThemGetsThemToItsEnd) {
  ring("Require: 100rel\r\n");
  turn_off();
  play("itsp -> 180\npbx <- 180 reliable\npbx -> PRACK\npbx <- 200 PRACK\n");
  answer_and_end();
}

}  // namespace
}  // namespace demarc::flow
