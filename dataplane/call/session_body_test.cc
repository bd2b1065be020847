#include "dataplane/call/session_body.h"

#include <gtest/gtest.h>

#include <string>

#include "sip-parser/parse.h"

namespace demarc::call {
namespace {

using Kind = SessionBody::Kind;

const std::string sdp = "v=0\r\n";
const std::string sdp_part = "Content-Type: application/sdp\r\n\r\n" + sdp;
const std::string location_part =
    "Content-Type: application/pidf+xml\r\nContent-ID: <place@example.org>\r\n\r\n<presence/>";

std::string multipart(std::initializer_list<std::string> parts, const std::string& boundary = "b") {
  std::string body;
  for (const std::string& part : parts) {
    body += "--";
    body += boundary + "\r\n" + part + "\r\n";
  }
  return body + "--" + boundary + "--\r\n";
}

// A message with that start line, Content-Type and body.
class Sent {
 public:
  Sent(const std::string& start_line, const std::string& method, const std::string& type,
       const std::string& body, const std::string& lines = "")
      : datagram_(start_line +
                  "\r\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKx\r\n"
                  "From: <sip:a@10.0.0.2>;tag=1\r\nTo: <sip:b@10.0.0.1>\r\nCall-ID: c\r\n"
                  "CSeq: 2 " +
                  method + "\r\nContent-Type: " + type + "\r\n" + lines +
                  "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body) {
    const size_t length = datagram_.size();
    datagram_.append(sip::padding_octets, '\xee');
    const std::string_view octets = std::string_view(datagram_).substr(0, length);
    EXPECT_TRUE(sip::parse(octets, message_)) << datagram_;
    body_ = session_body_of(message_, octets);
    text_ = text(body_.octets, octets);
  }
  Kind kind() const { return body_.kind; }
  const std::string& octets() const { return text_; }
  const headers::Locations& locations() const { return body_.locations; }
  std::string text_of(Span span) const { return std::string(text(span, datagram_)); }

 private:
  std::string datagram_;
  sip::Message message_;
  SessionBody body_;
  std::string text_;
};

Sent invite(const std::string& type, const std::string& body, const std::string& lines = "") {
  return {"INVITE sip:b@10.0.0.1 SIP/2.0", "INVITE", type, body, lines};
}
Sent invite_of(std::initializer_list<std::string> parts) {
  return invite("multipart/mixed;boundary=b", multipart(parts));
}

TEST(SessionBodyOf, AloneIsTheWholeBody) {
  const Sent sent = invite("application/sdp", sdp);
  EXPECT_EQ(sent.kind(), Kind::sdp);
  EXPECT_EQ(sent.octets(), sdp);
}

TEST(SessionBodyOf, AnotherTypeIsForeign) {
  EXPECT_EQ(invite("text/plain", "hello").kind(), Kind::foreign);
  EXPECT_EQ(invite("no type at all", "hello").kind(), Kind::foreign);
}

TEST(SessionBodyOf, IsThePartWithSdpWhereverItStands) {
  for (const Sent& sent :
       {invite_of({sdp_part, location_part}), invite_of({location_part, sdp_part})}) {
    EXPECT_EQ(sent.kind(), Kind::sdp);
    EXPECT_EQ(sent.octets(), sdp);
  }
}

TEST(SessionBodyOf, LooksIntoAMultipartInAMultipart) {
  const std::string inner =
      "Content-Type: multipart/alternative;boundary=c\r\n\r\n" + multipart({sdp_part}, "c");
  const Sent sent = invite_of({location_part, inner});
  EXPECT_EQ(sent.kind(), Kind::sdp);
  EXPECT_EQ(sent.octets(), sdp);
}

TEST(SessionBodyOf, OneThatIsNestedTooDeepIsMalformed) {
  const std::string innermost =
      "Content-Type: multipart/mixed;boundary=d\r\n\r\n" + multipart({sdp_part}, "d");
  const std::string inner =
      "Content-Type: multipart/mixed;boundary=c\r\n\r\n" + multipart({innermost}, "c");
  EXPECT_EQ(invite_of({inner}).kind(), Kind::malformed);
}

TEST(SessionBodyOf, AMistakeBehindTheSdpIsMalformed) {
  const std::string unended = "--b\r\n" + sdp_part + "\r\n--b\r\n" + location_part;
  EXPECT_EQ(invite("multipart/mixed;boundary=b", unended).kind(), Kind::malformed);
  EXPECT_EQ(invite("multipart/mixed", multipart({sdp_part})).kind(), Kind::malformed);
  EXPECT_EQ(invite_of({"Content-Disposition: ;\r\n" + location_part, sdp_part}).kind(),
            Kind::malformed);
}

TEST(SessionBodyOf, PartsWithoutSdpSayNothing) {
  const Sent sent = invite_of({location_part});
  EXPECT_EQ(sent.kind(), Kind::none);
  EXPECT_EQ(sent.octets(), "");
}

TEST(SessionBodyOf, SdpForSomethingElseIsNotTaken) {
  const std::string early = "Content-Disposition: early-session;handling=optional\r\n" + sdp_part;
  EXPECT_EQ(invite_of({early}).kind(), Kind::none);
  const std::string second = "Content-Type: application/sdp\r\n\r\nv=1\r\n";
  EXPECT_EQ(invite_of({early, second, sdp_part}).octets(), "v=1\r\n");
}

TEST(SessionBodyOf, EncodedSdpIsNotTaken) {
  EXPECT_EQ(invite_of({"Content-Transfer-Encoding: base64\r\n" + sdp_part}).kind(), Kind::none);
  const Sent packed =
      invite("multipart/mixed;boundary=b", multipart({sdp_part}), "Content-Encoding: gzip\r\n");
  EXPECT_EQ(packed.kind(), Kind::foreign);
}

// RFC 5621 section 5.
TEST(SessionBodyOf, APartThatMustBeUnderstoodIsForeign) {
  const std::string isup =
      "Content-Disposition: signal;handling=required\r\nContent-Type: application/isup\r\n\r\n\x01";
  EXPECT_EQ(invite_of({isup}).kind(), Kind::foreign);
  EXPECT_EQ(invite_of({sdp_part, isup}).kind(), Kind::foreign);
}

TEST(SessionBodyOf, APartThatMayBePassedOverIs) {
  for (const char* const disposition : {"signal;handling=optional", "signal"}) {
    const std::string isup = "Content-Disposition: " + std::string(disposition) +
                             "\r\nContent-Type: application/isup\r\n\r\n\x01";
    EXPECT_EQ(invite_of({isup, sdp_part}).octets(), sdp) << disposition;
  }
  const std::string required = "Content-Disposition: session;handling=required\r\n" + sdp_part;
  EXPECT_EQ(invite_of({location_part, required}).octets(), sdp);
}

TEST(SessionBodyOf, OneAlternativeIsEnough) {
  const std::string other =
      "Content-Disposition: session;handling=required\r\nContent-Type: application/x-sdp\r\n\r\n?";
  const Sent sent = invite("multipart/alternative;boundary=b", multipart({other, sdp_part}));
  EXPECT_EQ(sent.octets(), sdp);
}

TEST(SessionBodyOf, LocationsAreThePartsBesideIt) {
  const std::string inner =
      "Content-Type: multipart/mixed;boundary=i\r\n\r\n" + multipart({location_part}, "i");
  for (const Sent& sent : {invite_of({location_part, sdp_part}), invite_of({sdp_part, inner})}) {
    ASSERT_EQ(sent.locations().count, 1);
    EXPECT_EQ(sent.text_of(sent.locations().parts[0].whole), location_part);
    EXPECT_EQ(sent.text_of(sent.locations().parts[0].content_id), "<place@example.org>");
    EXPECT_FALSE(sent.locations().is_required);
  }
  EXPECT_TRUE(invite_of({sdp_part}).locations().empty());
  EXPECT_TRUE(invite("application/pidf+xml", "<presence/>").locations().empty());
}

TEST(SessionBodyOf, ALocationThatMustBeUnderstoodIsForWhoeverTakesIt) {
  const std::string part = "Content-Disposition: render;handling=required\r\n" + location_part;
  const Sent sent = invite_of({sdp_part, part});
  EXPECT_EQ(sent.kind(), Kind::sdp);
  EXPECT_TRUE(sent.locations().is_required);
}

TEST(SessionBodyOf, ALocationThatMustBeUnderstoodIsForeignWhereNothingGoesOn) {
  const std::string part = "Content-Disposition: render;handling=required\r\n" + location_part;
  const std::string type = "multipart/mixed;boundary=b";
  const std::string to = " sip:b@10.0.0.1 SIP/2.0";
  EXPECT_EQ(Sent("PRACK" + to, "PRACK", type, multipart({part})).kind(), Kind::foreign);
  EXPECT_EQ(Sent("PRACK" + to, "PRACK", type, multipart({location_part})).kind(), Kind::none);
  EXPECT_EQ(Sent("UPDATE" + to, "UPDATE", type, multipart({part})).kind(), Kind::none);
  EXPECT_EQ(invite_of({part}).kind(), Kind::none);
}

TEST(SessionBodyOf, NoMoreLocationsAreKeptThanThereIsRoomFor) {
  const std::string& part = location_part;
  EXPECT_EQ(invite_of({sdp_part, part, part, part, part}).locations().count,
            headers::max_locations);
  const Sent sent = invite_of({part, part, part, part, part, sdp_part});
  EXPECT_EQ(sent.locations().count, headers::max_locations);
  EXPECT_EQ(sent.octets(), sdp);
  const std::string required = "Content-Disposition: render;handling=required\r\n" + part;
  EXPECT_EQ(invite_of({sdp_part, part, part, part, part, required}).kind(), Kind::foreign);
}

// Which can not be refused.
TEST(SessionBodyOf, OfAResponseAndAnAckIsTakenWhateverElseIsRequired) {
  const std::string isup =
      "Content-Disposition: signal;handling=required\r\nContent-Type: application/isup\r\n\r\n\x01";
  const std::string type = "multipart/mixed;boundary=b";
  const std::string body = multipart({isup, sdp_part});
  EXPECT_EQ(Sent("SIP/2.0 200 OK", "INVITE", type, body).octets(), sdp);
  EXPECT_EQ(Sent("ACK sip:b@10.0.0.1 SIP/2.0", "ACK", type, body).octets(), sdp);
}

TEST(SessionBodyOf, OfOtherMethodsIsTheBodyAsItIs) {
  const std::string body = multipart({sdp_part, location_part});
  const Sent sent("INFO sip:b@10.0.0.1 SIP/2.0", "INFO", "multipart/mixed;boundary=b", body);
  EXPECT_EQ(sent.kind(), Kind::foreign);
  EXPECT_EQ(sent.octets(), body);
}

}  // namespace
}  // namespace demarc::call
