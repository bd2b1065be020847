// A leg that goes on to a third worker, and legs of TLS that go to another one (decisions D60,
// D61).
#include <gtest/gtest.h>

#include "tests/flow/elsewhere_harness.h"

namespace demarc::flow {
namespace {

using contract::WorkerCounter;

// The transferee's trunk speaks TLS, the others UDP: the rest of the move is the same.
class ElsewhereOverTls : public Elsewhere {
 protected:
  ElsewhereOverTls() : Elsewhere(options()) {}
  static BoxOptions options() {
    BoxOptions options = two_workers();
    options.transport[1] = contract::Transport::tls;
    return options;
  }
  // The call between those two has video, too, from now on.
  void add_video(Peer& caller, Peer& called, const std::string& from, const std::string& to) {
    for (Peer* peer : {&caller, &called}) {
      const std::string address(contract::print(peer->endpoint().address).view());
      peer->body = sdp(address, "8", "m=video 40002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n");
    }
    play(from + " -> INVITE within sdp\n" + from + " <- 100\n" + to + " <- INVITE sdp\n" + to +
         " -> 200 sdp\n" + to + " <- ACK\n" + from + " <- 200 sdp\n" + from + " -> ACK\n");
  }
};

TEST_F(ElsewhereOverTls, TheMovedLegHasItsFurtherLinesWhereItGoes) {
  add_video(pbx, itsp, "pbx", "itsp");
  add_video(desk, alt, "desk", "alt");
  EXPECT_EQ(box.engine(near).held().lines, 1u);
  EXPECT_EQ(box.engine(far).held().lines, 1u);
  transfer();
  EXPECT_EQ(box.engine(near).held().lines, 0u);
  EXPECT_EQ(box.engine(far).held().lines, 1u);
  const std::string& offered = itsp.last_request("INVITE")->body;
  EXPECT_NE(offered.find("m=video"), std::string::npos);
  EXPECT_EQ(offered.find("m=video 0"), std::string::npos);
  wait_ms(1100);
  EXPECT_EQ(box.directory().at(0).media[0].streams, 2u);
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(ElsewhereOverTls, TheMovedLegIsReachedAndHeardOverTls) {
  transfer();
  EXPECT_NE(itsp.last_request("INVITE")->field("Via").find("/TLS"), std::string::npos);
  play(R"(
    itsp -> INFO within
    alt  <- INFO
    alt  -> 200 INFO
    itsp <- 200 INFO
  )");
  EXPECT_EQ(box.worker_counter(WorkerCounter::transfer_moved), 1u);
  play(joined_call_ends);
  expect_clean(2);
}

// itsp, that pbx had called, went from the first worker to the call of desk and alt on the second.
// Now alt hands it over to a phone that has called it on the third one.
class ThirdWorker : public Elsewhere {
 protected:
  ThirdWorker() : Elsewhere(options()) {
    transfer();
    const auto third = static_cast<unsigned>(3 - near - far);
    do {
      desk = Peer("caller" + std::to_string(callers++), "10.20.1.3", "10.20.1.1");
      desk.called = "+4930123456";
    } while (owner_of_call(desk) != third);
    // Its dialogs are of one address; here the second one takes its turn.
    Peer first = alt;
    alt = Peer("alt2", "10.20.2.3", "10.20.2.1");
    play(R"(
      desk -> INVITE sdp
      desk <- 100
      alt  <- INVITE sdp
      alt  -> 200 sdp
      alt  <- ACK
      desk <- 200 sdp
      desk -> ACK
    )");
    const Wire invite = *alt.last_request("INVITE");
    const std::string from = invite.field("From");
    named_dialog = invite.field("Call-ID") + "%3Bto-tag%3D" + from.substr(from.find(";tag=") + 5) +
                   "%3Bfrom-tag%3D" + alt.tag();
    alt = first;
  }
  static BoxOptions options() {
    BoxOptions options = two_workers();
    options.workers = 3;
    options.policy[2].transfer = contract::Transfer::handled;
    options.policy[2].takes_replaces = true;
    return options;
  }
  void move_on() {
    alt.extra_lines = "Refer-To: <sip:+4915112345@10.20.2.1?Replaces=" + named_dialog + ">\r\n";
    play(R"(
      alt  -> REFER within
      alt  <- 202 REFER
      alt  <- BYE
      itsp <- INVITE sdp
      alt  <- NOTIFY 200
      alt  -> 200 BYE
      alt  -> 200 NOTIFY
      itsp -> 200 sdp INVITE
      itsp <- ACK
      alt  -> BYE
      alt  <- 200 BYE
      quiet
    )");
  }
  unsigned callers = 0;
  std::string named_dialog;
};

TEST_F(ThirdWorker, ALegThatMovedTwiceIsReachedThroughBoth) {
  move_on();
  EXPECT_EQ(box.worker_counter(WorkerCounter::transfer_moved), 2u);
  const auto rows = box.directory();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].worker, 3 - near - far);
  const uint64_t before = box.worker_counter(WorkerCounter::sip_passed_on);
  play(R"(
    itsp -> INFO within
    desk <- INFO
    desk -> 200 INFO
    itsp <- 200 INFO
    desk -> INFO within
    itsp <- INFO
    itsp -> 200 INFO
    desk <- 200 INFO
    itsp -> BYE
    itsp <- 200 BYE
    desk <- BYE
    desk -> 200 BYE
    quiet
  )");
  // Two hops each for INFO and BYE of itsp; what desk sends names the third worker by itself.
  EXPECT_EQ(box.worker_counter(WorkerCounter::sip_passed_on), before + 4);
  expect_clean(3);
}

}  // namespace
}  // namespace demarc::flow
