#include "sip-parser/validate.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "sip-parser/parse.h"
#include "tests/support/guarded_buffer.h"
#include "tests/support/sip_messages.h"

namespace demarc::sip {
namespace {

// A sound request, one part of which each test replaces.
struct Request {
  std::string line = "INVITE sip:bob@example.net SIP/2.0";
  std::string via = "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\n";
  std::string from = "From: <sip:alice@example.com>;tag=a\r\n";
  std::string to = "To: <sip:bob@example.net>\r\n";
  std::string call_id = "Call-ID: i@example.com\r\n";
  std::string cseq = "CSeq: 1 INVITE\r\n";
  std::string max_forwards = "Max-Forwards: 70\r\n";
  std::string more;

  std::string datagram() const {
    return line + "\r\n" + via + from + to + call_id + cseq + max_forwards + more + "\r\n";
  }
};

Verdict verdict_of(const std::string& datagram) {
  const support::GuardedBuffer buffer(datagram, padding_octets, '\n');
  Message message;
  const bool is_parsed = parse(buffer.view(), message).has_value();
  static_cast<void>(is_parsed);  // validate() also judges what parse() refused
  return validate(message, buffer.view());
}
Defect defect_of(const Request& request) {
  return verdict_of(request.datagram()).defect;
}

TEST(Validate, AcceptsASoundRequest) {
  const Verdict verdict = verdict_of(Request{}.datagram());
  EXPECT_TRUE(verdict.is_acceptable());
  EXPECT_EQ(verdict.status_code, 0);
}

// What is read on the way is what the parsers of those fields read, of a bad message too.
TEST(Validate, GivesTheEssentials) {
  Request tagged;
  tagged.to = "To: \"Bob\" <sip:bob@example.net;x=y>;tag=b\r\n";
  Request old;
  old.from = "From: sip:alice@example.com\r\n";
  old.max_forwards = "Max-Forwards: 256\r\n";
  Request unreadable = tagged;
  unreadable.via = "Via: SIP/2.0\r\n";
  unreadable.cseq = "CSeq: one INVITE\r\n";
  for (const Request& request : {tagged, old, unreadable}) {
    const std::string text = request.datagram();
    const support::GuardedBuffer buffer(text, padding_octets, '\n');
    const std::string_view datagram = buffer.view();
    Message message;
    ASSERT_TRUE(parse(datagram, message).has_value());
    Essentials essentials;
    EXPECT_EQ(validate(message, datagram, essentials).defect, defect_of(request));
    const bool is_readable = request.via != unreadable.via;
    EXPECT_EQ(essentials.has_via, is_readable);
    EXPECT_EQ(demarc::text(essentials.top_via.branch, datagram), is_readable ? "z9hG4bKx" : "");
    EXPECT_EQ(essentials.cseq, is_readable ? 1u : 0u);
    EXPECT_EQ(demarc::text(essentials.from_tag, datagram), request.from == old.from ? "" : "a");
    EXPECT_EQ(demarc::text(essentials.to_tag, datagram), request.to == tagged.to ? "b" : "");
  }
}

TEST(Validate, GivesTheCallerAndTheFirstContact) {
  Request request;
  request.from = "From: \"A\" <sip:alice@example.com>;tag=a\r\n";
  request.more = "Contact: <sip:a@192.0.2.1>, <sip:b@192.0.2.2>\r\nContact: <sip:c@192.0.2.3>\r\n";
  Request bad = request;
  bad.max_forwards = "Max-Forwards: 256\r\n";
  for (const Request& one : {request, bad}) {
    const support::GuardedBuffer buffer(one.datagram(), padding_octets, '\n');
    Message message;
    ASSERT_TRUE(parse(buffer.view(), message).has_value());
    Essentials essentials;
    static_cast<void>(validate(message, buffer.view(), essentials));
    EXPECT_EQ(demarc::text(essentials.from.name_addr.display_name, buffer.view()), "A");
    EXPECT_EQ(demarc::text(essentials.from.uri.user, buffer.view()), "alice");
    EXPECT_EQ(demarc::text(essentials.contact.whole, buffer.view()), "sip:a@192.0.2.1");
  }
}

TEST(Validate, GivesNothingOfAContactThatCanNotBeRead) {
  Request request;
  request.more = "Contact: <sip:a@192.0.2.1>\r\nContact: <sip:\r\n";
  const support::GuardedBuffer buffer(request.datagram(), padding_octets, '\n');
  Message message;
  ASSERT_TRUE(parse(buffer.view(), message).has_value());
  Essentials essentials;
  EXPECT_EQ(validate(message, buffer.view(), essentials).defect, Defect::bad_contact);
  EXPECT_TRUE(essentials.contact.whole.empty());
}

TEST(Validate, AcceptsEveryMessage) {
  for (const std::string_view datagram : support::sip_messages) {
    EXPECT_EQ(spelling(verdict_of(std::string(datagram)).defect), "none") << datagram;
  }
}

TEST(Validate, NeedsTheMandatoryFields) {
  for (std::string Request::*field :
       {&Request::via, &Request::from, &Request::to, &Request::call_id, &Request::cseq}) {
    Request request;
    (request.*field).clear();
    const Verdict verdict = verdict_of(request.datagram());
    EXPECT_EQ(verdict.defect, Defect::missing_mandatory_field);
    EXPECT_EQ(verdict.status_code, 400);
    EXPECT_EQ(verdict.reason, "Missing Mandatory Header Field");
  }
}

TEST(Validate, TakesNoMaxForwardsAs70) {
  Request request;
  request.max_forwards.clear();
  EXPECT_EQ(defect_of(request), Defect::none);
}

TEST(Validate, RefusesRepeatedFields) {
  for (const char* second :
       {"f: <sip:alice@example.com>;tag=a", "t: <sip:bob@example.net>", "i: i@example.com",
        "CSeq: 1 INVITE", "Max-Forwards: 70", "Content-Length: 0\r\nl: 0",
        "Content-Type: a/b\r\nc: a/b", "Expires: 1\r\nExpires: 1", "Session-Expires: 90\r\nx: 90",
        "Replaces: a\r\nReplaces: b", "RAck: 1 1 INVITE\r\nRAck: 1 2 INVITE",
        "Refer-To: <sip:a@b>\r\nr: <sip:a@b>", "Subject: a\r\ns: b"}) {
    Request request;
    request.more = std::string(second) + "\r\n";
    const Verdict verdict = verdict_of(request.datagram());
    EXPECT_EQ(verdict.defect, Defect::repeated_field) << second;
    EXPECT_EQ(verdict.status_code, 400);
  }
}

TEST(Validate, AllowsRepeatedLists) {
  Request request;
  request.more =
      "Via: nonsense of another hop\r\nRoute: <sip:a>\r\nRoute: <sip:b>\r\nAllow: ACK\r\n"
      "Allow: BYE\r\nContact: <sip:a@b>\r\nm: <sip:c@d>\r\nX-Own: 1\r\nX-Own: 2\r\n";
  EXPECT_EQ(defect_of(request), Defect::none);
}

TEST(Validate, NamesTheBadField) {
  const std::pair<const char*, Defect> cases[] = {
      {"Via:", Defect::bad_via},
      {"Via: SIP/2.0/UDP 192.0.2.15;;,;,,", Defect::bad_via},
      {"From:", Defect::bad_from},
      {"From: Bell, Alexander <sip:a@b>;tag=1", Defect::bad_from},
      {"To:", Defect::bad_to},
      {"To: \"Mr. J. User <sip:a@b>", Defect::bad_to},
      {"To: < sip:a@b >", Defect::bad_to},
      {"CSeq:", Defect::bad_cseq},
      {"CSeq: 2147483648 INVITE", Defect::bad_cseq},
      {"CSeq: 1", Defect::bad_cseq},
      {"Call-ID:", Defect::bad_call_id},
      {"Call-ID: a b", Defect::bad_call_id},
      {"Call-ID: a@b@c", Defect::bad_call_id},
      {"Call-ID: @", Defect::bad_call_id},
      {"Call-ID: a\r\n b", Defect::bad_call_id},
      {"Call-ID: a;b", Defect::bad_call_id},
      {"Max-Forwards:", Defect::bad_max_forwards},
      {"Max-Forwards: -1", Defect::bad_max_forwards},
      {"Max-Forwards: 256", Defect::bad_max_forwards},
      {"Max-Forwards: seventy", Defect::bad_max_forwards},
      {"CSeq: 1 ACK", Defect::method_mismatch},
      {"CSeq: 1 invite", Defect::method_mismatch},
      {"Contact:", Defect::bad_contact},
      {"Contact: sip:a@b?Route=%3Csip:c%3E", Defect::bad_contact},
      {"Contact: \"Joe\" <sip:a@b>;;;;", Defect::bad_contact},
      {"Contact: <sip:a@b>,", Defect::bad_contact},
      {"Contact: *", Defect::bad_contact},
  };
  for (const auto& [line, defect] : cases) {
    Request request;
    const std::string_view text = line;
    const std::string_view name = text.substr(0, text.find(':'));
    std::string& field = name == "Via"            ? request.via
                         : name == "From"         ? request.from
                         : name == "To"           ? request.to
                         : name == "CSeq"         ? request.cseq
                         : name == "Call-ID"      ? request.call_id
                         : name == "Max-Forwards" ? request.max_forwards
                                                  : request.more;
    field = std::string(text) + "\r\n";
    const Verdict verdict = verdict_of(request.datagram());
    EXPECT_EQ(spelling(verdict.defect), spelling(defect)) << line;
    EXPECT_EQ(verdict.status_code, 400) << line;
    EXPECT_FALSE(verdict.reason.empty()) << line;
  }
}

TEST(Validate, RefusesABareMagicCookie) {
  Request request;
  request.via = "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\r\n";
  const Verdict verdict = verdict_of(request.datagram());
  EXPECT_EQ(verdict.defect, Defect::bad_branch);
  EXPECT_EQ(verdict.status_code, 400);
  for (const char* branch : {"", ";branch=1", ";branch=z9hG4b", ";branch=z9hG4bK-"}) {
    request.via = "Via: SIP/2.0/UDP 192.0.2.1" + std::string(branch) + "\r\n";
    EXPECT_EQ(defect_of(request), Defect::none) << branch;
  }
}

TEST(Validate, RefusesIpv6ReferencesThatAreNone) {
  for (const char* host : {"[::1::]", "[2001:db8:::192.0.2.1]", "[1:2:3:4:5:6:7:8:9]"}) {
    Request request;
    request.via = "Via: SIP/2.0/UDP " + std::string(host) + ":5060;branch=z9hG4bKx\r\n";
    EXPECT_EQ(defect_of(request), Defect::bad_via) << host;
    request = Request{};
    request.line = "INVITE sip:bob@" + std::string(host) + " SIP/2.0";
    EXPECT_EQ(defect_of(request), Defect::bad_request_uri) << host;
  }
  Request request;
  request.line = "INVITE sip:bob@[2001:db8::1]:5070 SIP/2.0";
  request.via = "Via: SIP/2.0/UDP [2001:db8::9:5060];branch=z9hG4bKx\r\n";
  EXPECT_EQ(defect_of(request), Defect::none);
}

TEST(Validate, WantsARackInAPrack) {
  Request request;
  request.line = "PRACK sip:bob@example.net SIP/2.0";
  request.cseq = "CSeq: 2 PRACK\r\n";
  EXPECT_EQ(defect_of(request), Defect::bad_rack);
  for (const char* good : {"1 1 INVITE", "4294967295 2147483647 INVITE", "1\t1\r\n INVITE"}) {
    request.more = "RAck: " + std::string(good) + "\r\n";
    EXPECT_EQ(defect_of(request), Defect::none) << good;
  }
  for (const char* bad :
       {"", "1", "1 1", "1 INVITE", "x 1 INVITE", "-1 1 INVITE", "11INVITE", "1 1 INVITE x",
        "0 1 INVITE", "4294967296 1 INVITE", "1 2147483648 INVITE"}) {
    request.more = "RAck: " + std::string(bad) + "\r\n";
    const Verdict verdict = verdict_of(request.datagram());
    EXPECT_EQ(verdict.defect, Defect::bad_rack) << bad;
    EXPECT_EQ(verdict.status_code, 400) << bad;
  }
}

TEST(Validate, DropsAResponseThatCanNotBeAcknowledged) {
  Request response;
  response.line = "SIP/2.0 183 Session Progress";
  for (const char* good : {"1", "4294967295", "0001"}) {
    response.more = "RSeq: " + std::string(good) + "\r\n";
    EXPECT_EQ(defect_of(response), Defect::none) << good;
  }
  for (const char* bad : {"", "0", "00", "-1", "4294967296", "1 2", "x"}) {
    response.more = "RSeq: " + std::string(bad) + "\r\n";
    const Verdict verdict = verdict_of(response.datagram());
    EXPECT_EQ(verdict.defect, Defect::bad_rseq) << bad;
    EXPECT_EQ(verdict.status_code, 0) << bad;
  }
}

TEST(Validate, NamesADefectForEachParseError) {
  for (unsigned i = 1; i < static_cast<unsigned>(ParseError::count); ++i) {
    EXPECT_NE(defect_of(static_cast<ParseError>(i)), Defect::none) << i;
  }
  EXPECT_EQ(defect_of(ParseError::count), Defect::none);
  EXPECT_EQ(defect_of(ParseError::too_long), Defect::message_too_large);
  EXPECT_EQ(defect_of(ParseError::missing_call_id), Defect::missing_mandatory_field);
}

TEST(Validate, AcceptsMaxForwardsToItsLimit) {
  Request request;
  for (const char* good : {"0", "254", "255", "0068"}) {
    request.max_forwards = "Max-Forwards: " + std::string(good) + "\r\n";
    EXPECT_EQ(defect_of(request), Defect::none) << good;
  }
}

TEST(Validate, AcceptsTheWordsOfACallId) {
  Request request;
  request.call_id = "Call-ID: word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\r\n";
  EXPECT_EQ(defect_of(request), Defect::none);
}

TEST(Validate, AllowsTheStarContactInRegisterOnly) {
  Request request;
  request.line = "REGISTER sip:example.net SIP/2.0";
  request.cseq = "CSeq: 1 REGISTER\r\n";
  request.more = "Contact: *\r\n";
  EXPECT_EQ(defect_of(request), Defect::none);
}

TEST(Validate, JudgesTheRequestUri) {
  Request request;
  for (const char* uri : {"<sip:a@b>", "sip:", "sip:a@b@c", "sip:a@b:0", "a", "sip:%4@b",
                          "sip:user@example.com?Route=%3Csip:example.com%3E"}) {
    request.line = "INVITE " + std::string(uri) + " SIP/2.0";
    const Verdict verdict = verdict_of(request.datagram());
    EXPECT_EQ(verdict.defect, Defect::bad_request_uri) << uri;
    EXPECT_EQ(verdict.status_code, 400) << uri;
  }
  for (const char* uri : {"http://x", "soap.beep://192.0.2.103:3002", "urn:service:sos"}) {
    request.line = "INVITE " + std::string(uri) + " SIP/2.0";
    const Verdict verdict = verdict_of(request.datagram());
    EXPECT_EQ(verdict.defect, Defect::unsupported_scheme) << uri;
    EXPECT_EQ(verdict.status_code, 416) << uri;
  }
  for (const char* uri : {"sips:a@b", "tel:+1", "sip:b"}) {
    request.line = "INVITE " + std::string(uri) + " SIP/2.0";
    EXPECT_EQ(defect_of(request), Defect::none) << uri;
  }
}

TEST(Validate, JudgesTheContentLengthThatParseRefused) {
  Request request;
  request.more = "Content-Length: 9999\r\n";
  const Verdict verdict = verdict_of(request.datagram());
  EXPECT_EQ(verdict.defect, Defect::bad_content_length);
  EXPECT_EQ(verdict.status_code, 400);
}

TEST(Validate, NeverAnswersAnAck) {
  Request request;
  request.line = "ACK sip:bob@example.net SIP/2.0";
  const Verdict verdict = verdict_of(request.datagram());
  EXPECT_EQ(verdict.defect, Defect::method_mismatch);
  EXPECT_EQ(verdict.status_code, 0);
}

TEST(Validate, DropsBadResponses) {
  Request response;
  for (const char* code : {"099", "000", "700", "999"}) {
    response.line = "SIP/2.0 " + std::string(code) + " Odd";
    const Verdict verdict = verdict_of(response.datagram());
    EXPECT_EQ(verdict.defect, Defect::bad_status_code) << code;
    EXPECT_EQ(verdict.status_code, 0) << code;
  }
  for (const char* code : {"100", "699"}) {
    response.line = "SIP/2.0 " + std::string(code) + " Fine";
    EXPECT_EQ(defect_of(response), Defect::none) << code;
  }
  response.via = "Via: x\r\n";
  const Verdict verdict = verdict_of(response.datagram());
  EXPECT_EQ(verdict.defect, Defect::bad_via);
  EXPECT_EQ(verdict.status_code, 0);
}

TEST(Validate, NamesItsDefects) {
  for (unsigned i = 0; i < static_cast<unsigned>(Defect::count); ++i) {
    EXPECT_FALSE(spelling(static_cast<Defect>(i)).empty()) << i;
  }
  EXPECT_EQ(spelling(Defect::bad_via), "bad_via");
  EXPECT_EQ(spelling(Defect::bad_status_code), "bad_status_code");
  EXPECT_EQ(spelling(Defect::count), "");
}

}  // namespace
}  // namespace demarc::sip
