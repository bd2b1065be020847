// An INVITE that the called side forks: RFC 3261 sections 12.1, 13.2.2.4 and 19.3.
#include <set>

#include "tests/flow/ladder.h"
#include "tests/flow/rtp_line.h"

namespace demarc::flow {
namespace {

class Fork : public Ladder {
 protected:
  explicit Fork(const BoxOptions& options = {}) : Ladder(options) {}
  void ring(std::string_view fork, std::string_view what) {
    answer_as(fork);
    std::string line = "itsp -> ";
    line += what;
    play(line);
  }
  // From the next message on, another branch of the called side.
  void answer_as(std::string_view fork) { itsp.tag_suffix = std::string(fork); }
  std::string shown_tag() const {
    const std::string to = pbx.last_response("INVITE")->field("To");
    return to.substr(to.find(";tag="));
  }
};

TEST_F(Fork, EachForkIsAnEarlyDialogOfItsOwn) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  std::set<std::string> tags;
  for (const char* fork : {"a", "b", "c"}) {
    ring(fork, "180");
    play("pbx <- 180\n");
    tags.insert(shown_tag());
  }
  EXPECT_EQ(tags.size(), 3u);
  ring("b", "183 sdp");
  play("pbx <- 183 sdp\n");
  EXPECT_EQ(tags.count(shown_tag()), 1u);
  const std::string chosen = shown_tag();
  ring("b", "200 sdp");
  play("itsp <- ACK\npbx <- 200 sdp\n");
  EXPECT_EQ(shown_tag(), chosen);
  play(R"(
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )");
  expect_clean(1);
}

TEST_F(Fork, ALate2xxOfAnotherForkIsAcknowledgedAndEnded) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  ring("a", "180");
  ring("b", "180");
  play("pbx <- 180\npbx <- 180\n");
  ring("a", "200 sdp");
  play("itsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  ring("b", "200 sdp");
  play("itsp <- ACK\nitsp <- BYE\nitsp -> 200 BYE\nquiet\n");
  answer_as("a");
  play("itsp -> BYE\nitsp <- 200 BYE\npbx <- BYE\npbx -> 200 BYE\n");
  expect_clean(1);
}

// The 2xx of the first fork has no SDP; that of its 18x holds again, though another came meanwhile.
TEST_F(Fork, MediaGoesBackToTheForkThatAnswers) {
  const auto sdp = [](int port) {
    std::string body =
        "v=0\r\no=x 1 2 IN IP4 10.20.2.2\r\ns=-\r\nc=IN IP4 10.20.2.2\r\nt=0 0\r\nm=audio ";
    body.append(std::to_string(port)).append(" RTP/AVP 8\r\n");
    return body;
  };
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  itsp.body = sdp(40010);
  ring("a", "183 sdp");
  itsp.body = sdp(40020);
  ring("b", "183 sdp");
  play("pbx <- 183 sdp\npbx <- 183 sdp\nwait 1100\n");
  EXPECT_EQ(box.directory().at(0).media[1].remote.port, 40020);
  ring("a", "200");
  play("itsp <- ACK\npbx <- 200 sdp\npbx -> ACK\nwait 1100\n");
  EXPECT_EQ(box.directory().at(0).media[1].remote.port, 40010);
  play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
  expect_clean(1);
}

// The caller hears one fork: that which spoke of its media last, then that which answers (decision
// D144).
TEST_F(Fork, TheOneThatSpokeLastIsHeardUntilOneAnswers) {
  const auto say = [this](int port) {
    itsp.body = "v=0\r\no=x 1 2 IN IP4 10.20.2.2\r\ns=-\r\nc=IN IP4 10.20.2.2\r\nt=0 0\r\nm=audio ";
    itsp.body.append(std::to_string(port)).append(" RTP/AVP 8\r\n");
  };
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  const uint16_t box_port = port_in(itsp.last_request("INVITE")->body);
  RtpLine of_a(box, itsp, 40010, box_port);
  RtpLine of_b(box, itsp, 40020, box_port);
  const auto speak = [&] {
    of_a.audio(8, {1, 2, 3});
    of_b.audio(8, {4, 5, 6});
  };
  say(40010);
  ring("a", "183 sdp");
  play("pbx <- 183 sdp\n");
  speak();
  EXPECT_EQ(of_a.out.size(), 1u);
  EXPECT_EQ(of_b.out.size(), 0u);
  say(40020);
  ring("b", "183 sdp");
  play("pbx <- 183 sdp\n");
  speak();
  EXPECT_EQ(of_a.out.size(), 1u);
  EXPECT_EQ(of_b.out.size(), 1u);
  say(40010);
  ring("a", "200 sdp");
  play("itsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  speak();
  EXPECT_EQ(of_a.out.size(), 2u);
  EXPECT_EQ(of_b.out.size(), 1u);
  play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.media[1].drops[static_cast<unsigned>(contract::MediaDrop::wrong_source)], 3u);
  expect_clean(0);
}

// What each fork agrees on of a further m-line is its own, too; those of the others are given back.
TEST_F(Fork, FurtherLinesAreThoseOfTheForkThatAnswers) {
  const auto sdp = [](const std::string& address, int port) {
    std::string body = "v=0\r\no=x 1 2 IN IP4 ";
    body.append(address).append("\r\ns=-\r\nc=IN IP4 ").append(address);
    body.append("\r\nt=0 0\r\nm=audio ").append(std::to_string(port));
    body.append(" RTP/AVP 8\r\nm=video ").append(std::to_string(port + 2));
    return body.append(" RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n");
  };
  pbx.body = sdp("10.20.1.2", 40000);
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  itsp.body = sdp("10.20.2.2", 40010);
  ring("a", "183 sdp");
  itsp.body = sdp("10.20.2.2", 40020);
  ring("b", "183 sdp");
  play("pbx <- 183 sdp\npbx <- 183 sdp\n");
  EXPECT_EQ(box.engine().held().lines, 3u) << "of the call and of each fork";
  ring("a", "200");
  play("itsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  EXPECT_EQ(box.engine().held().lines, 1u);
  RtpLine video(box, pbx, 40002, port_in(pbx.last_response("INVITE")->body, "video"));
  video.rtp(96, {1, 2, 3});
  ASSERT_EQ(video.out.size(), 1u);
  EXPECT_EQ(video.out[0].to.port, 40012);
  play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
  expect_clean(1);
}

// Each early dialog counts CSeq for itself, for whoever calls is a dialog that begins anew.
TEST_F(Fork, AByeWithTheNumberOfAnotherForksPrackIsTaken) {
  pbx.extra_lines = "Supported: 100rel\r\n";
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  ring("a", "183 sdp");
  play("pbx <- 183 sdp reliable\npbx -> PRACK\npbx <- 200 PRACK\n");
  ring("b", "200 sdp INVITE");
  play("itsp <- ACK\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  std::string bye = pbx.compose("BYE");
  bye.replace(bye.find("CSeq: 3 BYE"), 11, "CSeq: 2 BYE");
  send(pbx, bye);
  play("pbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
  expect_clean(1);
}

TEST_F(Fork, PracksGoToTheirOwnFork) {
  pbx.extra_lines = "Supported: 100rel\r\n";
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  ring("a", "183 sdp reliable");
  play("itsp <- PRACK\npbx <- 183 sdp reliable\n");
  EXPECT_TRUE(itsp.last_request("PRACK")->field("To").ends_with("a"));
  play("itsp -> 200 PRACK\npbx -> PRACK\npbx <- 200 PRACK\n");
  ring("b", "183 sdp reliable");
  play("itsp <- PRACK\npbx <- 183 sdp reliable\n");
  EXPECT_TRUE(itsp.last_request("PRACK")->field("To").ends_with("b"));
  play("itsp -> 200 PRACK\npbx -> PRACK\npbx <- 200 PRACK\n");
  ring("a", "200 sdp INVITE");
  play("itsp <- ACK\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  // CSeq goes on behind that of the PRACK.
  play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
  EXPECT_EQ(itsp.last_request("BYE")->field("CSeq"), "3 BYE");
  expect_clean(1);
}

// Each fork has a session of its own: what another one agreed since does not touch its answer.
class ForkedSession : public Fork {
 protected:
  static std::string sdp(const std::string& address, int port) {
    std::string body = "v=0\r\no=x 1 2 IN IP4 ";
    body.append(address).append("\r\ns=-\r\nc=IN IP4 ").append(address);
    body.append("\r\nt=0 0\r\nm=audio ").append(std::to_string(port));
    return body.append(" RTP/AVP 8\r\n");
  }
  void say(Peer& peer, const std::string& address, int port) { peer.body = sdp(address, port); }
  void invite(std::string_view what) {
    pbx.extra_lines = "Supported: 100rel\r\nAllow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE\r\n";
    std::string script = "pbx -> ";
    play(script.append(what).append("\npbx <- 100\nitsp <- ").append(what).append("\n"));
  }
  // A reliable 183 of that fork with its answer, acknowledged on both legs.
  void answer_early(std::string_view fork, int port) {
    say(itsp, "10.20.2.2", port);
    itsp.extra_lines = "Allow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE\r\n";
    ring(fork, "183 sdp reliable");
    play(R"(
      itsp <- PRACK
      pbx  <- 183 sdp reliable
      itsp -> 200 PRACK
      pbx  -> PRACK
      pbx  <- 200 PRACK
    )");
  }
  void update(int caller_port, int called_port) {
    say(pbx, "10.20.1.2", caller_port);
    say(itsp, "10.20.2.2", called_port);
    play(R"(
      pbx  -> UPDATE within sdp
      itsp <- UPDATE sdp
      itsp -> 200 sdp UPDATE
      pbx  <- 200 sdp UPDATE
    )");
  }
  void expect_media(int caller_port, int called_port) {
    play("wait 1100\n");
    const auto rows = box.directory();
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].media[0].remote.port, caller_port);
    EXPECT_EQ(rows[0].media[1].remote.port, called_port);
  }
  void end() {
    play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\nquiet\n");
    expect_clean(1);
  }
};

TEST_F(ForkedSession, A2xxWinsThoughAnotherForkWasRenegotiated) {
  invite("INVITE sdp");
  answer_early("a", 40010);
  update(40002, 40012);
  expect_media(40002, 40012);
  say(itsp, "10.20.2.2", 40020);
  ring("b", "200 sdp INVITE");
  play("itsp <- ACK\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  // The caller is in this fork where its INVITE said.
  expect_media(40000, 40020);
  end();
}

TEST_F(ForkedSession, TwoForksAreRenegotiatedSideBySide) {
  invite("INVITE sdp");
  answer_early("a", 40010);
  update(40002, 40012);
  answer_early("b", 40020);
  update(40004, 40022);
  expect_media(40004, 40022);
  ring("a", "200 INVITE");
  play("itsp <- ACK\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  expect_media(40002, 40012);
  end();
}

// The answer to the INVITE of one fork is none to the UPDATE of another.
TEST_F(ForkedSession, AnAnswerOfAnotherForkDuringAnUpdateIsItsOwn) {
  invite("INVITE sdp");
  answer_early("a", 40010);
  say(pbx, "10.20.1.2", 40002);
  play("pbx -> UPDATE within sdp\nitsp <- UPDATE sdp\n");
  say(itsp, "10.20.2.2", 40020);
  ring("b", "183 sdp INVITE");
  play("pbx <- 183 sdp reliable\npbx -> PRACK\npbx <- 200 PRACK\n");
  expect_media(40000, 40020);
  play("itsp <- UPDATE sdp\n");  // again
  say(itsp, "10.20.2.2", 40012);
  answer_as("a");
  play("itsp -> 200 sdp UPDATE\npbx <- 200 sdp UPDATE\n");
  expect_media(40002, 40012);
  ring("b", "200 INVITE");
  play("itsp <- ACK\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  expect_media(40000, 40020);
  end();
}

// Without an offer in the INVITE each fork makes its own (RFC 3261 section 13.2.1).
TEST_F(ForkedSession, EachForkOffersForItself) {
  invite("INVITE");
  for (const int port : {40010, 40020}) {
    say(itsp, "10.20.2.2", port);
    say(pbx, "10.20.1.2", port + 5000);
    ring(port == 40010 ? "a" : "b", "183 sdp reliable");
    play(R"(
      pbx  <- 183 sdp reliable
      pbx  -> PRACK sdp
      pbx  <- 200 PRACK
      itsp <- PRACK sdp
      itsp -> 200 PRACK
    )");
    expect_media(port + 5000, port);
  }
  ring("a", "200 INVITE");
  play("itsp <- ACK\npbx <- 200 INVITE\npbx -> ACK\n");
  expect_media(45010, 40010);
  end();
}

TEST_F(ForkedSession, AForkThatOffersInIts2xxWinsOverOneThatOfferedBefore) {
  invite("INVITE");
  say(itsp, "10.20.2.2", 40010);
  ring("a", "183 sdp reliable");
  play("pbx <- 183 sdp reliable\npbx -> PRACK sdp\npbx <- 200 PRACK\n");
  play("itsp <- PRACK sdp\nitsp -> 200 PRACK\n");
  say(itsp, "10.20.2.2", 40020);
  say(pbx, "10.20.1.2", 40002);
  ring("b", "200 sdp INVITE");
  play("pbx <- 200 sdp INVITE\npbx -> ACK sdp\nitsp <- ACK sdp\n");
  expect_media(40002, 40020);
  end();
}

// RFC 3311 section 5.1: no offer before the one that the INVITE asked for.
TEST_F(ForkedSession, AnUpdateBeforeTheOfferThatWasAskedForIsRefused) {
  invite("INVITE");
  itsp.extra_lines = "Allow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE\r\n";
  ring("a", "180");
  play("pbx <- 180\npbx -> UPDATE within sdp\npbx <- 491 UPDATE\n");
  play("itsp -> 486 INVITE\nitsp <- ACK\npbx <- 486 INVITE\npbx -> ACK\n");
  expect_clean(1);
}

class FewForks : public Fork {
 protected:
  FewForks() : Fork(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.policy[0].max_early_dialogs = 2;
    return options;
  }
};

// What the caller's side can not take is not shown to it.
TEST_F(FewForks, ShowsNoMoreThanTheTrunkTakes) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  std::set<std::string> tags;
  for (char fork = 'a'; fork <= 'y'; ++fork) ring(std::string(2, fork), "180");
  while (!pbx.inbox().empty()) {
    tags.insert(pbx.inbox().front().field("To"));
    pbx.inbox().pop_front();
  }
  EXPECT_EQ(tags.size(), 2u);
  // One that was not shown wins all the same.
  ring("yy", "200 sdp");
  play("itsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
  expect_clean(1);
}

class FewForksOfTwoTargets : public Fork {
 protected:
  FewForksOfTwoTargets() : Fork(options()) {}
  static BoxOptions options() {
    BoxOptions options = FewForksOfTwoTargets::two_targets();
    options.policy[0].max_early_dialogs = 2;
    return options;
  }
  static BoxOptions two_targets() {
    BoxOptions options;
    options.has_second_target = true;
    return options;
  }
};

// The caller counts them for its INVITE, whoever they are of.
TEST_F(FewForksOfTwoTargets, TheNextTargetHasOneAtLeastAndNoMore) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  ring("a", "180");
  ring("b", "180");
  play("pbx <- 180\npbx <- 180\n");
  itsp.tag_suffix = "a";
  play("itsp -> 503 INVITE\nitsp <- ACK\nalt <- INVITE sdp\n");
  for (const char* fork : {"c", "d", "e"}) {
    alt.tag_suffix = fork;
    play("alt -> 180\n");
  }
  std::set<std::string> tags;
  while (!pbx.inbox().empty()) {
    if (pbx.inbox().front().status_code == 180) tags.insert(pbx.inbox().front().field("To"));
    pbx.inbox().pop_front();
  }
  EXPECT_EQ(tags.size(), 1u);
  play("alt -> 486 INVITE\nalt <- ACK\npbx <- 486 INVITE\npbx -> ACK\nquiet\n");
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
