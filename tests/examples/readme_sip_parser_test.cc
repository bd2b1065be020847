// The examples of sip-parser/README.md.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/examples/readme_sip_parser.h"
#include "tests/support/guarded_buffer.h"

namespace demarc {
namespace {

using Action = sip::Outcome::Action;

constexpr std::string_view offer =
    "v=0\r\n"
    "o=alice 7 7 IN IP4 192.0.2.1\r\n"
    "s=-\r\n"
    "c=IN IP4 192.0.2.1\r\n"
    "t=0 0\r\n"
    "m=audio 4000 RTP/AVP 0\r\n"
    "m=video 0 RTP/AVP 31\r\n";

std::string request(std::string_view body = offer, std::string_view type = "application/sdp") {
  return "INVITE sip:bob@example.net SIP/2.0\r\n"
         "Via: SIP/2.0/UDP p1.example.com;branch=z9hG4bK2, SIP/2.0/UDP p2.example.com\r\n"
         "v: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK1\r\n"
         "Max-Forwards: 70\r\n"
         "From: \"Alice\" <sip:alice@example.com>;tag=88a\r\n"
         "To: <sip:bob@example.net>\r\n"
         "Call-ID: c1@example.com\r\n"
         "CSeq: 1\r\n INVITE\r\n"
         "Contact: <sip:alice@192.0.2.1>, <sips:alice@host.example.com>\r\n"
         "Supported: timer, 100rel\r\n"
         "User-Agent: x\r\n"
         "Content-Type: " +
         std::string(type) +
         "\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string without(std::string text, std::string_view line) {
  const size_t at = text.find(line);
  EXPECT_NE(at, std::string::npos);
  return text.erase(at, line.size());
}

class MessageExamples : public testing::Test {
 protected:
  sip::Outcome receive(const std::string& datagram) {
    buffer_ = std::make_unique<support::GuardedBuffer>(datagram, sip::padding_octets, ' ');
    return readme_sip_parser::receive(octets(), sip::Delivery::datagram, message_, writer_);
  }
  std::string_view octets() const { return buffer_->view(); }
  std::string_view written() const { return writer_.written(); }

  std::unique_ptr<support::GuardedBuffer> buffer_;
  sip::Message message_;
  char room_[4096];
  sip::Writer writer_{room_};
};

TEST_F(MessageExamples, ServeASoundRequest) {
  EXPECT_EQ(receive(request()).action, Action::serve);
  EXPECT_EQ(written(), "");
}

TEST_F(MessageExamples, AnswerABadRequest) {
  EXPECT_EQ(receive(without(request(), "Call-ID: c1@example.com\r\n")).action, Action::answer);
  EXPECT_TRUE(written().starts_with("SIP/2.0 400 ")) << written();
}

TEST_F(MessageExamples, DropWhatCanNotBeAnswered) {
  EXPECT_EQ(receive("\r\n\r\n").action, Action::drop);
  EXPECT_EQ(written(), "");
}

TEST_F(MessageExamples, ReadFields) {
  ASSERT_EQ(receive(request()).action, Action::serve);
  EXPECT_EQ(readme_sip_parser::count_hops(message_, octets()), 3u);
  EXPECT_EQ(readme_sip_parser::from_tag(message_, octets()), "88a");
  EXPECT_EQ(readme_sip_parser::secure_host(message_, octets()), "host.example.com");
  EXPECT_TRUE(readme_sip_parser::supports_100rel(message_, octets()));
}

TEST_F(MessageExamples, SayThatFieldsAreMissingOrMalformed) {
  static_cast<void>(receive("INVITE sip:bob@example.net SIP/2.0\r\nVia: x\r\nFrom: <\r\n\r\n"));
  EXPECT_EQ(readme_sip_parser::count_hops(message_, octets()), 0u);
  EXPECT_EQ(readme_sip_parser::from_tag(message_, octets()), "");
  EXPECT_EQ(readme_sip_parser::secure_host(message_, octets()), "");
  EXPECT_FALSE(readme_sip_parser::supports_100rel(message_, octets()));
}

struct Peer {
  bool is_open = true;
  unsigned served = 0;
  std::string sent;
  std::unique_ptr<readme_sip_parser::Connection> connection =
      std::make_unique<readme_sip_parser::Connection>();

  void receive(std::string_view octets) {
    std::ranges::copy(octets, connection->buffer + connection->size);
    connection->size += static_cast<uint32_t>(octets.size());
    is_open = readme_sip_parser::take_messages(
        *connection, [&](const sip::Message&, std::string_view) { ++served; },
        [&](std::string_view answer) { sent += answer; });
  }
};

TEST(StreamExample, TakesWhatCameInPieces) {
  const std::string stream = "\r\n\r\n" + request() + request();
  Peer peer;
  for (const char octet : stream) peer.receive({&octet, 1});
  EXPECT_TRUE(peer.is_open);
  EXPECT_EQ(peer.served, 2u);
  EXPECT_EQ(peer.sent, "\r\n");
  EXPECT_EQ(peer.connection->size, 0u);
}

TEST(StreamExample, AnswersABadRequestAndGoesOn) {
  Peer peer;
  peer.receive(without(request(), "Call-ID: c1@example.com\r\n") + request());
  EXPECT_TRUE(peer.is_open);
  EXPECT_EQ(peer.served, 1u);
  EXPECT_TRUE(peer.sent.starts_with("SIP/2.0 400 ")) << peer.sent;
}

TEST(StreamExample, AnswersABrokenStreamAndCloses) {
  std::string broken = request();
  broken.replace(broken.find("User-Agent: "), 12, "User-Agent\n ");
  Peer peer;
  peer.receive(broken);
  EXPECT_FALSE(peer.is_open);
  EXPECT_EQ(peer.served, 0u);
  EXPECT_TRUE(peer.sent.starts_with("SIP/2.0 400 ")) << peer.sent;
}

TEST_F(MessageExamples, WriteAResponse) {
  ASSERT_EQ(receive(request()).action, Action::serve);
  ASSERT_TRUE(readme_sip_parser::write_busy(message_, octets(), "t2", writer_));
  EXPECT_EQ(written(),
            "SIP/2.0 486 Busy Here\r\n"
            "Via: SIP/2.0/UDP p1.example.com;branch=z9hG4bK2, SIP/2.0/UDP p2.example.com\r\n"
            "Via: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK1\r\n"
            "From: \"Alice\" <sip:alice@example.com>;tag=88a\r\n"
            "To: <sip:bob@example.net>;tag=t2\r\n"
            "Call-ID: c1@example.com\r\n"
            "CSeq: 1 INVITE\r\n"
            "Content-Length: 0\r\n\r\n");
}

TEST_F(MessageExamples, LetNoLineBreakThrough) {
  ASSERT_EQ(receive(request()).action, Action::serve);
  EXPECT_FALSE(readme_sip_parser::write_busy(message_, octets(), "t\r\nX: y", writer_));
  EXPECT_EQ(written(), "");
}

TEST_F(MessageExamples, ForwardARequest) {
  ASSERT_EQ(receive(request()).action, Action::serve);
  const readme_sip_parser::Hop hop{.via = "SIP/2.0/UDP 203.0.113.5;branch=z9hG4bK77ef",
                                   .max_forwards = "69"};
  ASSERT_TRUE(readme_sip_parser::write_forwarded(message_, octets(), hop, writer_));
  std::string expected = without(request(), "User-Agent: x\r\n");
  expected.replace(expected.find("70"), 2, "69");
  expected.insert(expected.find("Via:"), "Via: " + std::string(hop.via) + "\r\n");
  EXPECT_EQ(written(), expected);
}

TEST_F(MessageExamples, FindTheDescription) {
  ASSERT_EQ(receive(request()).action, Action::serve);
  EXPECT_EQ(readme_sip_parser::sdp_of(message_, octets()), offer);
}

TEST_F(MessageExamples, FindTheDescriptionInAMultipart) {
  const std::string body =
      "--b\r\nContent-Type: application/isup\r\n\r\n\1\2\r\n"
      "--b\r\nContent-Type: application/sdp\r\n\r\n" +
      std::string(offer) + "\r\n--b--\r\n";
  static_cast<void>(receive(request(body, "multipart/mixed;boundary=b")));
  EXPECT_EQ(readme_sip_parser::sdp_of(message_, octets()), offer);
  static_cast<void>(receive(request("x", "text/plain")));
  EXPECT_EQ(readme_sip_parser::sdp_of(message_, octets()), "");
}

TEST_F(MessageExamples, PrintForTheOtherSide) {
  ASSERT_TRUE(readme_sip_parser::print_for_other_side(offer, writer_));
  EXPECT_EQ(written(),
            "v=0\r\n"
            "o=- 1 1 IN IP4 203.0.113.5\r\n"
            "s=-\r\n"
            "c=IN IP4 203.0.113.5\r\n"
            "t=0 0\r\n"
            "m=audio 20000 RTP/AVP 0\r\n"
            "m=video 0 RTP/AVP 31\r\n");
  EXPECT_FALSE(readme_sip_parser::print_for_other_side("v=1\r\n", writer_));
}

}  // namespace
}  // namespace demarc
