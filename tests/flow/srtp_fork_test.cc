// Forks of one INVITE under SRTP: all of them know the same keys of ours.
#include "tests/flow/openings.h"
#include "tests/flow/srtp_ladder_harness.h"

namespace demarc::flow {
namespace {

class SrtpFork : public SrtpLadder {
 protected:
  SrtpFork() : SrtpLadder(with_srtp(SrtpUse::off, SrtpUse::required)) {
    pbx.extra_lines = with_prack_and_update;
    offer(media_line("RTP/AVP", ""));
  }
  void say(const MasterKey& key, int port) {
    itsp.body = sdp_of(itsp, media_line("RTP/SAVP", crypto_line(2, key), port));
  }
  // A reliable 183 with its answer, acknowledged on both legs.
  void answer_early(const std::string& fork, const MasterKey& key) {
    itsp.tag_suffix = fork;
    itsp.extra_lines = "Allow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE\r\n";
    say(key, Peer::media_port);
    play(R"(
      itsp -> 183 sdp reliable
      itsp <- PRACK
      pbx  <- 183 sdp reliable
      itsp -> 200 PRACK
      pbx  -> PRACK
      pbx  <- 200 PRACK
    )");
    towards_pbx = audio_port(answered());
  }
};

// It would be right to draw another key for who moves (RFC 4568 section 7.1.4), but the others
// would not hear of it: theirs is the one of the INVITE.
TEST_F(SrtpFork, OneThatMovesKeepsOurKey) {
  const MasterKey ours = key_in(offered(), cm_80);
  const MasterKey first = some_key(cm_80, 1);
  const MasterKey second = some_key(cm_80, 2);
  answer_early("a", first);
  expect_crossing(first, ours, 1);
  say(first, 41000);
  play("itsp -> UPDATE within sdp\npbx <- UPDATE sdp\n");
  pbx.body = sdp_of(pbx, media_line("RTP/AVP", ""));
  play("pbx -> 200 sdp UPDATE\nitsp <- 200 sdp UPDATE\n");
  EXPECT_EQ(key_in(itsp.last_response("UPDATE")->body, cm_80).octets, ours.octets);
  answer_early("b", second);
  expect_crossing(second, ours, 2);
  play("itsp -> 200 INVITE\nitsp <- ACK\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  expect_crossing(second, ours, 3);
  end();
}

}  // namespace
}  // namespace demarc::flow
