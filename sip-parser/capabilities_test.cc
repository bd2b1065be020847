#include "sip-parser/capabilities.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "sip-parser/parse.h"
#include "tests/support/guarded_buffer.h"
#include "tests/support/sip_messages.h"

namespace demarc::sip {
namespace {

using Role = Capabilities::Role;
using Challenge = Capabilities::Challenge;

constexpr std::string_view option_tags[] = {"100rel", "timer"};
constexpr std::string_view body_types[] = {"application/sdp", "multipart/mixed"};
constexpr std::string_view encodings[] = {"gzip", "deflate"};
constexpr Capabilities user_agent{.option_tags = option_tags, .body_types = body_types};
constexpr Capabilities proxy{.role = Role::proxy, .is_forwarding = true};

// A sound request with lines of its own behind the mandatory fields.
std::string request(std::string_view method, std::string_view more, std::string_view body = {},
                    std::string_view uri = "sip:bob@example.net") {
  std::string text(method);
  text.append(" ").append(uri).append(
      " SIP/2.0\r\n"
      "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\n"
      "From: <sip:alice@example.com>;tag=a\r\n"
      "To: <sip:bob@example.net>\r\n"
      "Call-ID: i@example.com\r\n"
      "CSeq: 1 ");
  text.append(method).append("\r\n").append(more);
  return text.append("\r\n").append(body);
}

struct Judged {
  Verdict verdict;
  std::string fields;  // what a refusal must carry
};

Judged judge(const std::string& datagram, const Capabilities& capabilities = user_agent) {
  const support::GuardedBuffer buffer(datagram, padding_octets, ' ');
  Message message;
  const auto parsed = parse(buffer.view(), message);
  EXPECT_TRUE(parsed.has_value()) << datagram;
  Judged judged;
  judged.verdict = validate(message, buffer.view(), capabilities);
  char room[512];
  Writer writer(room);
  write_refusal_fields(writer, judged.verdict.defect, message, buffer.view(), capabilities);
  EXPECT_FALSE(writer.failed());
  judged.fields = writer.written();
  return judged;
}

void expect(const Judged& judged, Defect defect, unsigned status, std::string_view what) {
  EXPECT_EQ(spelling(judged.verdict.defect), spelling(defect)) << what;
  EXPECT_EQ(judged.verdict.status_code, status) << what;
  EXPECT_EQ(judged.verdict.reason.empty(), status == 0) << what;
}

TEST(Capabilities, ServeASoundRequest) {
  for (const char* method : {"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER"}) {
    expect(judge(request(method, "")), Defect::none, 0, method);
  }
}

TEST(Capabilities, LetTheDefectsOfEverybodyGoFirst) {
  expect(judge(request("PUBLISH", "Max-Forwards: x\r\n")), Defect::bad_max_forwards, 400, "");
  expect(judge(request("INVITE", "", "", "sip:")), Defect::bad_request_uri, 400, "");
}

TEST(Capabilities, RefuseAMethodThatIsKnownBy405WithAllow) {
  for (const char* method : {"PUBLISH", "MESSAGE", "SUBSCRIBE", "UPDATE"}) {
    const Judged judged = judge(request(method, ""));
    expect(judged, Defect::method_not_allowed, 405, method);
    EXPECT_EQ(judged.fields, "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, REGISTER\r\n");
  }
}

TEST(Capabilities, RefuseAnUnknownMethodBy501WithAllow) {
  for (const char* method : {"NEWMETHOD", "invite", "RE%47ISTER"}) {
    const Judged judged = judge(request(method, ""));
    expect(judged, Defect::unknown_method, 501, method);
    EXPECT_EQ(judged.fields, "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, REGISTER\r\n");
  }
}

TEST(Capabilities, RefuseAnUnknownMethodBeforeItsCSeq) {
  std::string text = request("NEWMETHOD", "");
  text.replace(text.find("1 NEWMETHOD"), 11, "1 INVITE");
  expect(judge(text), Defect::unknown_method, 501, text);
  text = request("PUBLISH", "");
  text.replace(text.find("1 PUBLISH"), 9, "1 INVITE");
  expect(judge(text), Defect::method_mismatch, 400, text);
}

TEST(Capabilities, OfAProxyServeAnyMethod) {
  expect(judge(request("NEWMETHOD", ""), proxy), Defect::none, 0, "");
}

TEST(Capabilities, RefuseASchemeThatIsNotServed) {
  for (const char* uri : {"http://example.net/", "urn:service:sos", "soap.beep://192.0.2.1:80"}) {
    expect(judge(request("INVITE", "", "", uri)), Defect::unsupported_scheme, 416, uri);
  }
  constexpr std::string_view few[] = {"sip"};
  const Capabilities no_tls{.schemes = few};
  expect(judge(request("INVITE", "", "", "sips:a@b"), no_tls), Defect::unsupported_scheme, 416, "");
  expect(judge(request("INVITE", "", "", "SIP:a@b"), no_tls), Defect::none, 0, "");
}

TEST(Capabilities, ServeASchemeThatTheyList) {
  constexpr std::string_view schemes[] = {"sip", "urn"};
  const Capabilities emergency{.schemes = schemes};
  expect(judge(request("INVITE", "", "", "urn:service:sos"), emergency), Defect::none, 0, "");
}

TEST(Capabilities, WantAnAddressOfRecordOfASchemeThatIsServed) {
  std::string text = request("REGISTER", "");
  text.replace(text.find("<sip:bob@example.net>"), 21, "isbn:0000000000");
  expect(judge(text), Defect::bad_to, 400, text);
  expect(judge(text, proxy), Defect::none, 0, text);
  text = request("OPTIONS", "");
  text.replace(text.find("<sip:bob@example.net>"), 21, "isbn:0000000000");
  expect(judge(text), Defect::none, 0, text);
}

TEST(Capabilities, WantAnOrderAmongBindings) {
  for (const char* q : {"0", "1", "0.", "1.", "0.5", "0.123", "1.000", "0.000"}) {
    const std::string line = std::string("Contact: <sip:a@b>;q=") + q + "\r\n";
    expect(judge(request("REGISTER", line)), Defect::none, 0, q);
  }
  for (const char* q : {"2", "1.1", "0.1234", "-0", "+1", ".5", "0,5", "1.001", "0x1", "\"1\"x",
                        "18446744073709551616"}) {
    const std::string line = std::string("Contact: <sip:a@b>;q=") + q + "\r\n";
    expect(judge(request("REGISTER", line)), Defect::bad_contact, 400, q);
  }
  expect(judge(request("REGISTER", "Contact: <sip:a@b>;q\r\n")), Defect::bad_contact, 400, "");
  expect(judge(request("REGISTER", "Contact: *\r\nExpires: 0\r\n")), Defect::none, 0, "");
}

TEST(Capabilities, ReadEveryRoute) {
  for (const char* name : {"Route", "Record-Route"}) {
    for (const char* bad : {"", "<sip:a>,", "sip", "<sip:a", "<sip:a>, <sip:>", "<sip:a@b@c>",
                            "<sip:a>;;", "nonsense <"}) {
      const std::string line = std::string(name) + ": " + bad + "\r\n";
      // A value of white space only has no elements.
      const bool is_empty = bad[0] == '\0';
      expect(judge(request("INVITE", line)), is_empty ? Defect::none : Defect::bad_route,
             is_empty ? 0 : 400, line);
    }
    const std::string line = std::string(name) + ": <sip:a;lr>, <sips:[2001:db8::1]>;x\r\n";
    expect(judge(request("INVITE", line)), Defect::none, 0, line);
  }
}

TEST(Capabilities, EndTheWayOfARequestToBeForwarded) {
  Capabilities forwarding = user_agent;
  forwarding.is_forwarding = true;
  expect(judge(request("INVITE", "Max-Forwards: 0\r\n"), forwarding), Defect::too_many_hops, 483,
         "");
  expect(judge(request("INVITE", "Max-Forwards: 00\r\n"), proxy), Defect::too_many_hops, 483, "");
  expect(judge(request("INVITE", "Max-Forwards: 1\r\n"), forwarding), Defect::none, 0, "");
  expect(judge(request("INVITE", ""), forwarding), Defect::none, 0, "");
  expect(judge(request("OPTIONS", "Max-Forwards: 0\r\n")), Defect::none, 0, "");
}

TEST(Capabilities, ListExactlyTheExtensionsThatTheyLack) {
  const Judged judged =
      judge(request("INVITE", "Require: 100rel, nothing\r\nRequire: TIMER,\r\n  none\r\n"));
  expect(judged, Defect::unsupported_extension, 420, "");
  EXPECT_EQ(judged.fields, "Unsupported: nothing, none\r\n");
  expect(judge(request("INVITE", "Require: 100rel, timer\r\n")), Defect::none, 0, "");
  expect(judge(request("INVITE", "Proxy-Require: nothing\r\n")), Defect::none, 0, "");
}

TEST(Capabilities, OfAProxyAskProxyRequireOnly) {
  const Judged judged = judge(request("INVITE", "Require: a\r\nProxy-Require: b, c\r\n"), proxy);
  expect(judged, Defect::unsupported_extension, 420, "");
  EXPECT_EQ(judged.fields, "Unsupported: b, c\r\n");
  expect(judge(request("INVITE", "Require: a\r\n"), proxy), Defect::none, 0, "");
}

TEST(Capabilities, PassOverRequireInAckAndCancel) {
  expect(judge(request("ACK", "Require: nothing\r\n")), Defect::none, 0, "");
  expect(judge(request("CANCEL", "Require: nothing\r\n")), Defect::none, 0, "");
}

TEST(Capabilities, RefuseAnOptionTagThatIsNoToken) {
  for (const char* tags : {"a b", "a,", ",a", "\"a\"", "a;b", "<a>"}) {
    const std::string line = std::string("Require: ") + tags + "\r\n";
    expect(judge(request("INVITE", line)), Defect::bad_require, 400, tags);
  }
}

TEST(Capabilities, RefuseABodyOfAnotherTypeWithAccept) {
  for (const char* type : {"application/unknownformat", "text/plain", "application/sdpx",
                           "multipart/alternative;boundary=a"}) {
    const std::string line = std::string("Content-Type: ") + type + "\r\n";
    const Judged judged = judge(request("INVITE", line, "body"));
    expect(judged, Defect::unsupported_media_type, 415, type);
    EXPECT_EQ(judged.fields, "Accept: application/sdp, multipart/mixed\r\n");
    expect(judge(request("INVITE", line, "body"), proxy), Defect::none, 0, type);
    expect(judge(request("INVITE", line + "Content-Disposition: x;handling=optional\r\n", "body")),
           Defect::none, 0, type);
    expect(judge(request("INVITE", line + "Content-Disposition: x;handling=required\r\n", "body")),
           Defect::unsupported_media_type, 415, type);
    expect(judge(request("INVITE", line)), Defect::none, 0, type);
  }
  for (const char* type :
       {"application/sdp", "APPLICATION / SDP ; charset=\"utf;8\"", "multipart/mixed;boundary=x"}) {
    const std::string line = std::string("Content-Type: ") + type + "\r\n";
    const std::string_view body = "--x\r\n\r\n\r\n--x--";
    expect(judge(request("INVITE", line, body)), Defect::none, 0, type);
  }
}

TEST(Capabilities, WantThePartsOfAMultipart) {
  const auto judge_body = [](std::string_view type, std::string_view body) {
    const std::string line = "Content-Type: multipart/mixed" + std::string(type) + "\r\n";
    return judge(request("INVITE", line, body));
  };
  expect(judge_body(";boundary=x", "--x\r\n\r\n\r\n--x--"), Defect::none, 0, "");
  for (const char* type : {"", ";boundary=\"\"", ";boundary=y", ";charset=x"}) {
    expect(judge_body(type, "--x\r\n\r\n\r\n--x--"), Defect::bad_multipart, 400, type);
  }
  for (const char* body : {"x", "--x", "--x\r\n\r\n", "--x\r\n\r\nno end", "--x\n\n\n--x--"}) {
    expect(judge_body(";boundary=x", body), Defect::bad_multipart, 400, body);
  }
}

TEST(Capabilities, WantTheTypeOfABody) {
  expect(judge(request("INVITE", "", "body")), Defect::missing_content_type, 400, "");
  expect(judge(request("INVITE", "", "body"), proxy), Defect::none, 0, "");
  for (const char* type : {"", "application", "application/", "/sdp", "application/sdp;",
                           "application/sdp, text/plain", "a b/c", "application/sdp;=x"}) {
    const std::string line = std::string("Content-Type: ") + type + "\r\n";
    expect(judge(request("INVITE", line, "body")), Defect::bad_content_type, 400, type);
    expect(judge(request("INVITE", line)), Defect::bad_content_type, 400, type);
  }
}

TEST(Capabilities, RefuseAnEncodingWithAcceptEncoding) {
  const std::string type = "Content-Type: application/sdp\r\n";
  Judged judged = judge(request("INVITE", type + "Content-Encoding: gzip\r\n", "body"));
  expect(judged, Defect::unsupported_encoding, 415, "");
  EXPECT_EQ(judged.fields, "Accept-Encoding: identity\r\n");
  expect(judge(request("INVITE", type + "e: Identity\r\n", "body")), Defect::none, 0, "");

  const Capabilities unpacking{.encodings = encodings};
  expect(judge(request("INVITE", type + "e: gzip\r\n", "body"), unpacking), Defect::none, 0, "");
  judged = judge(request("INVITE", type + "e: gzip, tar\r\n", "body"), unpacking);
  expect(judged, Defect::unsupported_encoding, 415, "");
  EXPECT_EQ(judged.fields, "Accept-Encoding: gzip, deflate\r\n");
}

TEST(Capabilities, WantTheirAnswerAccepted) {
  for (const char* accept : {"application/sdp", "text/plain, application/*", "*/*", "*/*;q=0.1",
                             "APPLICATION/SDP;level=1", "application/*;q=0, application/sdp",
                             "*/*;q=0, application/sdp;q=0.001"}) {
    const std::string line = std::string("Accept: ") + accept + "\r\n";
    expect(judge(request("INVITE", line)), Defect::none, 0, accept);
  }
  for (const char* accept : {"", "text/plain", "text/*", "application/sdp;q=0",
                             "application/sdp;q=0.000, */*", "application/*;q=0,*/*"}) {
    const std::string line = std::string("Accept: ") + accept + "\r\n";
    expect(judge(request("INVITE", line)), Defect::not_acceptable, 406, accept);
    expect(judge(request("BYE", line)), Defect::none, 0, accept);
    expect(judge(request("INVITE", line), proxy), Defect::none, 0, accept);
  }
  for (const char* accept : {"x", "application/sdp,", "a/b/c", "application/sdp;"}) {
    const std::string line = std::string("Accept: ") + accept + "\r\n";
    expect(judge(request("INVITE", line)), Defect::bad_accept, 400, accept);
  }
  expect(judge(request("INVITE", "Accept: text/plain\r\nAccept: application/sdp\r\n")),
         Defect::none, 0, "");
}

TEST(Capabilities, ChallengeWithoutCredentialsOfTheScheme) {
  Capabilities registrar = user_agent;
  registrar.challenge = Challenge::unauthorized;
  expect(judge(request("REGISTER", ""), registrar), Defect::no_credentials, 401, "");
  for (const char* value : {"", "Basic YTpi", "DigestX a=b", "Digest,a", "Digest a=,b=\"",
                            "Digest a", "Digest username=\"a\""}) {
    const std::string line = std::string("Authorization: ") + value + "\r\n";
    expect(judge(request("REGISTER", line), registrar), Defect::no_credentials, 401, value);
  }
  const std::string params =
      "username=\"a\", realm=\"r\", nonce=\"n\", uri=\"sip:r\", "
      "response=\"0123456789abcdef0123456789abcdef\"";
  for (const char* scheme : {"Digest ", "digest\t", "DIGEST\r\n "}) {
    const std::string line = "Authorization: " + (scheme + params) + "\r\n";
    expect(judge(request("REGISTER", line), registrar), Defect::none, 0, scheme);
  }
  Capabilities asking_proxy = proxy;
  asking_proxy.challenge = Challenge::proxy_authentication_required;
  expect(judge(request("INVITE", "Authorization: Digest " + params + "\r\n"), asking_proxy),
         Defect::no_proxy_credentials, 407, "");
  expect(judge(request("INVITE", "Proxy-Authorization: Digest " + params + "\r\n"), asking_proxy),
         Defect::none, 0, "");
  expect(judge(request("ACK", ""), asking_proxy), Defect::none, 0, "");
  expect(judge(request("CANCEL", ""), asking_proxy), Defect::none, 0, "");
}

TEST(Capabilities, OfAUserAgentDropAResponseWithASecondVia) {
  std::string text(support::response_ringing);
  expect(judge(text), Defect::none, 0, text);
  text.insert(text.find("From:"), "Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKy\r\n");
  expect(judge(text, proxy), Defect::none, 0, text);
  const Judged judged = judge(text);
  EXPECT_EQ(judged.verdict.defect, Defect::misrouted_response);
  EXPECT_EQ(judged.verdict.status_code, 0);
}

TEST(Capabilities, DropAResponseWithABadRoute) {
  std::string text(support::response_ringing);
  text.insert(text.find("From:"), "Record-Route: <sip:\r\n");
  const Judged judged = judge(text);
  EXPECT_EQ(judged.verdict.defect, Defect::bad_route);
  EXPECT_EQ(judged.verdict.status_code, 0);
}

TEST(Capabilities, NeverAnswerAnAck) {
  const Judged judged = judge(request("ACK", "Content-Type: text/plain\r\n", "body"));
  EXPECT_EQ(judged.verdict.defect, Defect::unsupported_media_type);
  EXPECT_EQ(judged.verdict.status_code, 0);
}

}  // namespace
}  // namespace demarc::sip
