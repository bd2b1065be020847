// Messages on a stream whose end nobody can tell (RFC 3261 sections 18.3 and 20.14): 400 over the
// connection that brought them, which then closes, and no harm to the call that they were about.
#include "dataplane/contract/counters.h"
#include "sip-parser/framer.h"
#include "tests/flow/openings.h"
#include "tests/flow/transport_harness.h"

namespace demarc::flow {
namespace {

using contract::Transport;
using contract::WorkerCounter;
using transaction::StreamId;

class Framing : public TransportLadder {
 protected:
  Framing() : TransportLadder(over(Transport::tcp, Transport::udp)) {}

  // Octets on a new connection of the peer, handed on as the stream thread does. True when they
  // leave it open.
  bool stream(const Peer& from, const std::string& octets) {
    sip::Framer framer;
    for (;;) {
      const sip::Frame frame = framer.next(octets);
      const std::string found = octets.substr(frame.offset, frame.length);
      switch (frame.kind) {
        case sip::Frame::Kind::need_more:
          return true;
        case sip::Frame::Kind::message:
          send(from, found);
          break;
        case sip::Frame::Kind::failed:
          if (frame.status_code != 0) send_broken(from, found, frame.status_code);
          return false;
        default:
          break;
      }
    }
  }
  // The message with another line, or none, where its Content-Length stands.
  static std::string with_length(std::string message, const std::string& line) {
    const size_t begin = message.find("Content-Length:");
    return message.replace(begin, message.find("\r\n", begin) + 2 - begin, line);
  }
};

TEST_F(Framing, WithoutALengthARequestGets400AndNoCallBegins) {
  const std::string invite = pbx.compose("INVITE sdp");
  EXPECT_FALSE(stream(pbx, with_length(invite, "")));
  const Wire sent(invite);
  play("pbx <- 400 INVITE");
  const Wire& answer = *pbx.last_response("INVITE");
  EXPECT_EQ(pbx.last_path.stream, pbx_stream);
  for (const char* field : {"From", "Call-ID", "CSeq"}) {
    EXPECT_EQ(answer.field(field), sent.field(field)) << field;
  }
  // Its tag is ours, so that the ACK to it is known.
  EXPECT_EQ(answer.field("To").find(sent.field("To") + ";tag="), 0u) << answer.field("To");
  EXPECT_EQ(branch_of(answer), branch_of(sent));
  EXPECT_EQ(answer.field("Content-Length"), "0");
  play(R"(
    pbx -> ACK
    quiet
  )");
  EXPECT_EQ(box.worker_counter(WorkerCounter::sip_unparsable), 1u);
  expect_clean(0);
}

TEST_F(Framing, BadLengthsGet400) {
  uint64_t count = 0;
  for (const std::string line :
       {"Content-Length: x\r\n", "Content-Length: -1\r\n", "Content-Length:\r\n",
        "Content-Length: 1 2\r\n", "Content-Length: 4294967296\r\n", "l: 0x10\r\n",
        "Content-Length: 99999999999999999999\r\n", "Content-Length: 0\r\nContent-Length: 0\r\n",
        "Content-Length: 0\r\nl: 4\r\n"}) {
    EXPECT_FALSE(stream(pbx, with_length(pbx.compose("INVITE sdp"), line))) << line;
    play(R"(
      pbx <- 400 INVITE
      pbx -> ACK
      quiet
    )");
    EXPECT_EQ(box.worker_counter(WorkerCounter::sip_unparsable), ++count) << line;
  }
  expect_clean(0);
}

TEST_F(Framing, WhatWasWholeBeforeTheMistakeIsAnsweredAndWhatFollowsIsNot) {
  const std::string options = pbx.compose("OPTIONS");
  const std::string broken = with_length(pbx.compose("OPTIONS"), "");
  EXPECT_FALSE(stream(pbx, options + broken + options));
  play(R"(
    pbx <- 200 OPTIONS
    pbx <- 400 OPTIONS
    quiet
  )");
  expect_clean(0);
}

TEST_F(Framing, AByeThatIsBrokenLeavesTheCallToTheOneThatComesOverTheNextConnection) {
  play(answered_at_once);
  EXPECT_FALSE(stream(pbx, with_length(pbx.compose("BYE"), "Content-Length: none\r\n")));
  play(R"(
    pbx <- 400 BYE
    quiet
  )");
  EXPECT_EQ(box.engine().live_calls(), 1u);
  pbx.stream = StreamId{0x30003};
  play(ended_by_caller);
  EXPECT_EQ(pbx.last_path.stream, StreamId{0x30003});
  expect_clean(1);
}

TEST_F(Framing, NobodyAnswersAnAckOrAResponse) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
  )");
  EXPECT_FALSE(stream(pbx, with_length(pbx.compose("ACK"), "")));
  play(R"(
    quiet
    pbx  -> ACK
    itsp -> BYE
    itsp <- 200 BYE
    pbx  <- BYE
  )");
  EXPECT_FALSE(stream(pbx, with_length(pbx.compose("200 BYE"), "")));
  play(R"(
    quiet
    pbx -> 200 BYE
  )");
  expect_clean(1);
}

TEST_F(Framing, WhoIsNoTrunksSourceGetsNothing) {
  const Peer stranger("stranger", "10.20.1.99", "10.20.1.1");
  send_broken(stranger, with_length(pbx.compose("INVITE sdp"), ""), 400);
  play("quiet");
  EXPECT_EQ(box.worker_counter(WorkerCounter::sip_unknown_source), 1u);
  expect_clean(0);
}

TEST_F(Framing, WithoutAViaThereIsNowhereToAnswer) {
  std::string invite = with_length(pbx.compose("INVITE sdp"), "");
  const size_t via = invite.find("Via:");
  invite.erase(via, invite.find("\r\n", via) + 2 - via);
  EXPECT_FALSE(stream(pbx, invite));
  play("quiet");
  expect_clean(0);
}

}  // namespace
}  // namespace demarc::flow
