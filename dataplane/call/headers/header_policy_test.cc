#include "dataplane/call/headers/header_policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "dataplane/call/headers/header_policy_harness.h"
#include "dataplane/call/headers/privacy.h"
#include "dataplane/contract/field_class.h"

namespace demarc::call::headers {
namespace {

using contract::CallPolicy;
using contract::HeaderRule;

TwoTrunks trusted() {
  TwoTrunks trunks;
  for (CallPolicy* policy : {&trunks.from, &trunks.to}) {
    policy->is_trusted = true;
    policy->keeps_identity = true;
  }
  return trunks;
}

constexpr std::string_view anonymous_from = "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1";

struct Case {
  std::string_view value;
  std::string_view crossed;
};

TEST(HeaderPolicy, NothingCrossesUnlessAPolicySaysSo) {
  TwoTrunks trunks = trusted();
  EXPECT_EQ(trunks.invite("Record-Route: <sip:10.0.0.7;lr>\r\n"
                          "Route: <sip:10.0.0.8;lr>\r\n"
                          "User-Agent: Thing/1.0 (10.0.0.1)\r\n"
                          "Server: x\r\n"
                          "Organization: Acme\r\n"
                          "Call-Info: <http://10.0.0.1/pic.png>;purpose=icon\r\n"
                          "Warning: 399 10.0.0.1 \"no\"\r\n"
                          "Supported: 100rel\r\n"
                          "Allow: INVITE\r\n"
                          "Session-ID: ab30317f1a784dc48ff824d0d3715d86\r\n"
                          "Remote-Party-ID: <sip:100@10.0.0.1>;party=calling\r\n"
                          "P-Preferred-Identity: <sip:100@10.0.0.1>\r\n"
                          "P-Charging-Vector: icid-value=1234\r\n"
                          "X-Secret: 1\r\n"
                          "Date: Sat, 13 Nov 2010 23:29:00 GMT\r\n"),
            "");
  EXPECT_EQ(trunks.count.dropped, 0) << "what does not cross is not lost";
}

// The configuration hides who calls, and no rule of it brings that back. A number that stands for
// the caller is asserted once, in the place of whoever was.
TEST(HeaderPolicy, AConcealedCallerIsNotNamed) {
  constexpr std::string_view lines =
      "P-Asserted-Identity: \"Ann\" <sip:+1@10.0.0.1>, <tel:+1>\r\nPrivacy: id\r\n"
      "Remote-Party-ID: <sip:+1@10.0.0.1>;party=calling\r\nReply-To: <sip:+1@10.0.0.1>\r\n"
      "Subject: Ann\r\nOrganization: Acme\r\nPriority: urgent\r\n"
      "Diversion: <sip:+1@10.0.0.1>\r\n";
  TwoTrunks trunks = trusted();
  trunks.to.history = contract::CallHistory::diversion;
  trunks.from_rules = {{HeaderRule::Action::pass, "*"},
                       {HeaderRule::Action::copy, "X-Party", {}, {}, "Remote-Party-ID"},
                       {HeaderRule::Action::copy, "X-Who", {}, {}, "P-Asserted-Identity"}};
  trunks.identity = Identity::concealed;
  EXPECT_EQ(trunks.invite(lines), "Privacy: id\r\nPriority: urgent\r\n");
  trunks.shown_user = "4255550100";
  EXPECT_EQ(trunks.invite(lines),
            "P-Asserted-Identity: <sip:4255550100@203.0.113.1>\r\nPrivacy: id\r\n"
            "Priority: urgent\r\nX-Who: <sip:4255550100@203.0.113.1>\r\n");
}

TEST(HeaderPolicy, NoFieldOfOursIsReachable) {
  TwoTrunks trunks = trusted();
  trunks.from_rules = {{HeaderRule::Action::pass, "*"}};
  unsigned ours = 0;
  for (unsigned i = 1; i < sip::header_name_count; ++i) {
    const std::string_view name = sip::spelling(static_cast<sip::HeaderName>(i));
    if (contract::field_class(name) != contract::FieldClass::ours) continue;
    ++ours;
    const std::string value = name == "Content-Length" ? ": 0\r\n" : ": 1\r\n";
    EXPECT_EQ(trunks.invite(std::string(name) + value), "") << name;
  }
  EXPECT_EQ(ours, 52u) << "each of the class has a name that the parser knows";
}

TEST(Identity, CrossesBetweenTrustedPeersThatKeepIt) {
  constexpr std::string_view line = "P-Asserted-Identity: <sip:100@10.0.0.1>\r\n";
  constexpr std::string_view crossed = "P-Asserted-Identity: <sip:100@203.0.113.1>\r\n";
  EXPECT_EQ(trusted().invite(line), crossed);
  for (bool CallPolicy::*flag : {&CallPolicy::is_trusted, &CallPolicy::keeps_identity}) {
    for (CallPolicy TwoTrunks::*side : {&TwoTrunks::from, &TwoTrunks::to}) {
      TwoTrunks trunks = trusted();
      (trunks.*side).*flag = false;
      EXPECT_EQ(trunks.invite(line), "");
    }
  }
}

TEST(Identity, KeepsWhoAndNotWhere) {
  for (const Case& one : {
           Case{"<sip:+4930100@10.0.0.1:5070;user=phone;transport=tcp;maddr=10.0.0.2>",
                "<sip:+4930100@203.0.113.1;user=phone>"},
           {"\"B \\\"x\\\" C\" <sip:100:secret@pbx.example?Subject=x>",
            "\"B \\\"x\\\" C\" <sip:100@203.0.113.1>"},
           {"Bob B <sips:100;ext=7@[2001:db8::1]:5061>", "Bob B <sips:100;ext=7@203.0.113.1>"},
           {"sip:100@pbx.example", "<sip:100@203.0.113.1>"},
           {"<sip:pbx.example>", "<sip:203.0.113.1>"},
           {"<tel:+4930100>", "<tel:+4930100>"},
           {"\"Bob\" <tel:100;phone-context=+4930>", "\"Bob\" <tel:100;phone-context=+4930>"},
       }) {
    EXPECT_EQ(trusted().invite("P-Asserted-Identity: " + std::string(one.value) + "\r\n"),
              "P-Asserted-Identity: " + std::string(one.crossed) + "\r\n");
  }
  TwoTrunks six = trusted();
  six.our_host = "[2001:db8::2]";
  EXPECT_EQ(six.invite("P-Asserted-Identity: <sip:100@10.0.0.1>\r\n"),
            "P-Asserted-Identity: <sip:100@[2001:db8::2]>\r\n");
}

TEST(Identity, IsTwoUrisAtMost) {
  TwoTrunks trunks = trusted();
  constexpr std::string_view both =
      "P-Asserted-Identity: <sip:1@203.0.113.1>\r\nP-Asserted-Identity: <tel:+1>\r\n";
  EXPECT_EQ(trunks.invite("P-Asserted-Identity: <sip:1@a.b>, <tel:+1>\r\n"), both);
  EXPECT_EQ(trunks.count.written, 2);
  EXPECT_EQ(trunks.count.dropped, 0);
  EXPECT_EQ(trunks.invite("P-Asserted-Identity: <sip:1@a.b>\r\n"
                          "P-Asserted-Identity: <tel:+1>, <tel:+2>\r\n"),
            both);
  EXPECT_EQ(trunks.count.dropped, 1);
  EXPECT_EQ(trunks.invite("P-Asserted-Identity: <mailto:bob@a.b>\r\n"), "");
  EXPECT_EQ(trunks.count.dropped, 1);
  EXPECT_EQ(trunks.invite("P-Asserted-Identity: <sip:1@a.b\r\n"), "");
  EXPECT_EQ(trunks.count.dropped, 1);
}

TEST(Identity, OfAnAnonymousCallerStaysWithinTheTrustDomain) {
  TwoTrunks trunks = trusted();
  const std::string lines = "P-Asserted-Identity: <tel:+1>\r\nPrivacy: id\r\n";
  EXPECT_EQ(trunks.invite(lines, anonymous_from), lines);
  EXPECT_EQ(trunks.invite("P-Asserted-Identity: <tel:+1>\r\n", anonymous_from), lines)
      << "an anonymous From is a wish, too";
  trunks.to.is_trusted = false;
  EXPECT_EQ(trunks.invite(lines, anonymous_from), "Privacy: id\r\n");
}

TEST(Identity, CrossesInResponsesToo) {
  EXPECT_EQ(trusted().response("200 OK", "INVITE", "P-Asserted-Identity: <sip:200@10.0.0.9>\r\n"),
            "P-Asserted-Identity: <sip:200@203.0.113.1>\r\n");
}

TEST(Privacy, CrossesAsItCame) {
  for (const char* value : {"id", "user;id", "none", "header; session ;critical", "x-new"}) {
    const std::string line = "Privacy: " + std::string(value) + "\r\n";
    EXPECT_EQ(TwoTrunks().invite(line), line);
  }
  TwoTrunks trunks;
  EXPECT_EQ(trunks.invite("Privacy: id id\r\n"), "");
  EXPECT_EQ(trunks.count.dropped, 1);
}

TEST(Reason, CrossesAtTheEndOfACallAndBeforeItsAnswerForSipAndQ850) {
  for (const Case& one :
       {Case{"Q.850;cause=16;text=\"Terminated\"",
             "Reason: Q.850;cause=16;text=\"Terminated\"\r\n"},
        {"SIP ;cause=200 ;text=\"Call completed elsewhere\"",
         "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n"},
        {"q.850 ; cause=34", "Reason: Q.850;cause=34\r\n"},
        {"SIP;cause=486, Q.850;cause=17;text=\"a, \\\"b\\\"\"",
         "Reason: SIP;cause=486\r\nReason: Q.850;cause=17;text=\"a, \\\"b\\\"\"\r\n"},
        {"Preemption;cause=1;text=\"UA Preemption\"", ""},
        {"SIP;cause=600;x=\"10.0.0.1\"", "Reason: SIP;cause=600\r\n"}}) {
    const std::string line = "Reason: " + std::string(one.value) + "\r\n";
    TwoTrunks trunks;
    EXPECT_EQ(trunks.request("BYE", line), one.crossed) << one.value;
    EXPECT_EQ(trunks.request("CANCEL", line), one.crossed) << one.value;
    EXPECT_EQ(trunks.response("486 Busy Here", "INVITE", line), one.crossed) << one.value;
    EXPECT_EQ(trunks.response("183 Session Progress", "INVITE", line), one.crossed) << one.value;
    EXPECT_EQ(trunks.count.dropped, 0);
    EXPECT_EQ(trunks.invite(line), "");
    EXPECT_EQ(trunks.response("200 OK", "INVITE", line), "");
  }
  TwoTrunks trunks;
  EXPECT_EQ(trunks.request("BYE", "Reason: Q.850;cause=999, SIP;cause=200\r\n"),
            "Reason: SIP;cause=200\r\n");
  EXPECT_EQ(trunks.count.dropped, 1) << "one bad element does not take the others along";
}

TEST(UserToUser, CrossesUnread) {
  TwoTrunks trunks;
  constexpr std::string_view line =
      "User-to-User: 56a390f3d2b7310023;encoding=hex;purpose=isdn-uui\r\n";
  EXPECT_EQ(trunks.invite(line), line);
  EXPECT_EQ(trunks.request("BYE", "User-to-User: \"a,b\";encoding=x, 01;encoding=hex\r\n"),
            "User-to-User: \"a,b\";encoding=x\r\nUser-to-User: 01;encoding=hex\r\n");
  EXPECT_EQ(trunks.invite("User-to-User: 5;encoding=hex\r\n"), "");
  EXPECT_EQ(trunks.count.dropped, 1);
}

TEST(EarlyMedia, CrossesBetweenTrustedPeers) {
  constexpr std::string_view line = "P-Early-Media: sendrecv\r\n";
  const auto cross = [&](TwoTrunks trunks) {
    return trunks.response("183 Session Progress", "INVITE", line);
  };
  EXPECT_EQ(cross(trusted()), line);
  for (CallPolicy TwoTrunks::*side : {&TwoTrunks::from, &TwoTrunks::to}) {
    TwoTrunks trunks = trusted();
    (trunks.*side).is_trusted = false;
    EXPECT_EQ(cross(trunks), "");
  }
}

TEST(AlertInfo, CrossesAsAUrnOnly) {
  TwoTrunks trunks;
  EXPECT_EQ(trunks.invite("Alert-Info: <urn:alert:service:call-waiting>;x=1,"
                          " <http://10.0.0.1/r.wav>, <URN:alert:country:us>\r\n"),
            "Alert-Info: <urn:alert:service:call-waiting>\r\n"
            "Alert-Info: <URN:alert:country:us>\r\n");
  EXPECT_EQ(trunks.count.dropped, 0);
  EXPECT_EQ(trunks.invite("Alert-Info: <sip:ring@10.0.0.1>\r\n"), "");
  constexpr std::string_view line = "Alert-Info: <urn:alert:source:external>\r\n";
  EXPECT_EQ(trunks.response("180 Ringing", "INVITE", line), line);
}

TEST(Geolocation, CrossesToWhoIsToldOfLocations) {
  constexpr std::string_view lines =
      "Geolocation: <sips:3sde@lis.example>, <cid:a@b>\r\nGeolocation-Routing: yes\r\n";
  TwoTrunks trunks;
  EXPECT_EQ(trunks.invite(lines), "");
  EXPECT_EQ(trunks.count.dropped, 0);
  Locations none;
  trunks.locations = &none;
  EXPECT_EQ(trunks.invite(lines),
            "Geolocation: <sips:3sde@lis.example>\r\nGeolocation-Routing: yes\r\n");
  EXPECT_EQ(trunks.count.dropped, 1) << "the part does not go on";
  EXPECT_EQ(trunks.invite("Geolocation: nothing\r\n"), "");
  EXPECT_EQ(trunks.count.dropped, 1);
}

TEST(Geolocation, ErrorsComeFromWhoWasTold) {
  constexpr std::string_view line = "Geolocation-Error: 100\r\n";
  TwoTrunks trunks;
  trunks.to.passes_location = true;
  EXPECT_EQ(trunks.response("424 Bad Location Information", "INVITE", line), "");
  trunks.from.passes_location = true;
  EXPECT_EQ(trunks.response("424 Bad Location Information", "INVITE", line), line);
  EXPECT_EQ(trunks.invite(line), "");
}

TEST(HeaderPolicy, PassesWhatSaysNothingOfThePath) {
  const std::string lines =
      "Subject: Lunch\r\n"
      "Priority: emergency\r\n"
      "Resource-Priority: ets.0, wps.3\r\n"
      "Answer-Mode: Manual;require\r\n"
      "Priv-Answer-Mode: Auto\r\n";
  EXPECT_EQ(TwoTrunks().invite(lines), lines);
  EXPECT_EQ(TwoTrunks().invite("s: Lunch\r\n"), "Subject: Lunch\r\n") << "in the long form";
  EXPECT_EQ(TwoTrunks().invite("Subject: two\r\n  lines\r\n"), "Subject: two lines\r\n");
}

TEST(HeaderPolicy, HidesTheSubjectOfAHiddenCallerFromStrangers) {
  TwoTrunks trunks;
  EXPECT_EQ(trunks.invite("Subject: I am Bob\r\nPrivacy: user\r\n"), "Privacy: user\r\n");
  EXPECT_EQ(trunks.invite("Subject: I am Bob\r\n", anonymous_from), "");
  trunks.to.is_trusted = true;
  EXPECT_EQ(trunks.invite("Subject: I am Bob\r\nPrivacy: user\r\n"),
            "Subject: I am Bob\r\nPrivacy: user\r\n");
}

TEST(HeaderPolicy, AFieldThatMayNotRepeatCrossesOnce) {
  TwoTrunks trunks;
  EXPECT_EQ(trunks.invite("Subject: a\r\nSubject: b\r\n"), "Subject: a\r\n");
  EXPECT_EQ(trunks.count.written, 1);
  EXPECT_EQ(trunks.count.dropped, 1);
}

TEST(HeaderPolicy, WritesWholeLinesOrNone) {
  constexpr std::string_view subject = "Subject: 123456789\r\n";
  constexpr std::string_view priority = "Priority: urgent\r\n";
  const std::string both = std::string(subject) + std::string(priority);
  constexpr size_t head = 7;  // what the harness wrote before
  for (size_t room = head; room <= head + both.size(); ++room) {
    TwoTrunks trunks;
    trunks.room = room;
    const std::string_view wanted = room == head + both.size()       ? both
                                    : room >= head + subject.size()  ? subject
                                    : room >= head + priority.size() ? priority
                                                                     : std::string_view{};
    EXPECT_EQ(trunks.invite(both), wanted) << room;
    EXPECT_EQ(trunks.count.written + trunks.count.dropped, 2) << room;
  }
  TwoTrunks trunks;
  trunks.max_octets = 19;
  EXPECT_EQ(trunks.invite(both), priority);
}

TEST(HeaderPolicy, HasALimitOfFieldsAndOfElements) {
  TwoTrunks trunks;
  trunks.from_rules = {{HeaderRule::Action::pass, "X-*"}};
  std::string lines;
  for (unsigned i = 0; i < 70; ++i) lines += "X-" + std::to_string(i) + ": 1\r\n";
  const std::string crossed = trunks.invite(lines);
  EXPECT_EQ(trunks.count.written, 64);
  EXPECT_EQ(trunks.count.dropped, 6);
  EXPECT_EQ(std::count(crossed.begin(), crossed.end(), '\n'), 64);
  std::string many = "User-to-User: 00";
  for (unsigned i = 1; i < 20; ++i) many += ", 00";
  trunks.invite(many + "\r\n");
  EXPECT_EQ(trunks.count.written, 8);
  EXPECT_EQ(trunks.count.dropped, 12);
}

// Whatever comes, what crosses are whole lines that are parsed again, and the same ones.
TEST(HeaderPolicy, WritesLinesThatAreReadAgainForMutatedFields) {
  constexpr unsigned seed = 20240612;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string fields =
      "P-Asserted-Identity: \"Bob \\\" B\" <sip:1@a.b:5060;user=phone>, <tel:+1;ext=2>\r\n"
      "Privacy: id;user\r\n"
      "Diversion: <sip:2@a.b>;reason=user-busy;privacy=full;counter=2\r\n"
      "History-Info: <sip:3@a.b?Reason=SIP%3Bcause%3D302>;index=1,\r\n "
      "<sip:4@a.b>;index=1.1;mp=1\r\n"
      "User-to-User: 00ff;encoding=hex\r\n"
      "Subject: a\r\n b\r\n"
      "Alert-Info: <urn:alert:service:normal>\r\n"
      "X-A: 1\r\n";
  constexpr std::string_view pieces = "\"<>;,=@:\\% \t\r\n.+-1aZ\x01\xff";
  TwoTrunks trunks = trusted();
  trunks.from_rules = {{HeaderRule::Action::pass, "*"},
                       {HeaderRule::Action::copy, "X-B", "", "*a*", "X-A"}};
  uint64_t written = 0;
  for (unsigned round = 0; round < 20000; ++round) {
    trunks.to.history = static_cast<contract::CallHistory>(round % 3);
    trunks.to.is_trusted = round % 2 == 0;
    std::string lines = fields;
    for (unsigned change = 0; change <= round % 4; ++change) {
      const size_t at = random() % lines.size();
      if (random() % 3 == 0) {
        lines.erase(at, 1 + random() % 4);
      } else {
        lines[at] = pieces[random() % pieces.size()];
      }
    }
    const std::string crossed = trunks.invite(lines);
    if (crossed == "not parsed" || crossed.empty()) continue;
    ASSERT_NE(crossed, "failed") << lines;
    const unsigned count = trunks.count.written;
    ASSERT_EQ(std::count(crossed.begin(), crossed.end(), '\n'), count) << lines << crossed;
    std::string again = "BYE sip:a SIP/2.0\r\n" + crossed + "\r\n";
    const size_t size = again.size();
    again.append(sip::padding_octets, 'x');
    sip::Message message;
    ASSERT_TRUE(sip::parse(std::string_view(again).substr(0, size), message)) << lines << crossed;
    ASSERT_EQ(message.field_count, count) << lines << crossed;
    written += count;
  }
  EXPECT_GT(written, 50000u);
}

// --- the caller's name ---

struct Named {
  std::string_view from;
  std::string_view lines;
  bool is_trusted;
  std::string_view display_name;
  std::string_view user;
  bool is_anonymous;
};

void expect_name(const Named& wanted) {
  std::string octets = "INVITE sip:200@10.0.0.9 SIP/2.0\r\nFrom: " + std::string(wanted.from) +
                       "\r\n" + std::string(wanted.lines) + "\r\n";
  const size_t size = octets.size();
  octets.append(sip::padding_octets, 'x');
  const std::string_view datagram = std::string_view(octets).substr(0, size);
  sip::Message message;
  ASSERT_TRUE(sip::parse(datagram, message));
  CallPolicy to;
  to.is_trusted = wanted.is_trusted;
  const CallerName name =
      caller_name(message, datagram, sip::read_essentials(message, datagram).from, to);
  SCOPED_TRACE(datagram);
  EXPECT_EQ(name.display_name, wanted.display_name);
  EXPECT_EQ(name.user, wanted.user);
  EXPECT_EQ(name.is_anonymous, wanted.is_anonymous);
}

TEST(CallerName, IsShownUnlessItIsToBeHidden) {
  constexpr std::string_view bob = "\"Bob B\" <sip:100@10.0.0.1>;tag=1";
  for (const Named& one : {
           Named{bob, "", false, "Bob B", "100", false},
           {bob, "Privacy: id\r\n", false, "Bob B", "100", false},
           {bob, "Privacy: none;user\r\n", false, "Bob B", "100", false},
           {bob, "Privacy: user\r\n", false, "Anonymous", "anonymous", true},
           {bob, "Privacy: id;header\r\n", false, "Anonymous", "anonymous", true},
           {bob, "Privacy: ,\r\n", false, "Anonymous", "anonymous", true},
           {bob, "Privacy: id\r\nPrivacy: user\r\n", false, "Anonymous", "anonymous", true},
           {bob, "Privacy: user\r\n", true, "Bob B", "100", false},
           {"<sip:10.0.0.1>;tag=1", "", false, "", "", false},
           {"sip:100@10.0.0.1;tag=1", "", false, "", "100", false},
           {anonymous_from, "", true, "Anonymous", "anonymous", true},
           {"Bob <sip:100@Anonymous.Invalid>;tag=1", "", true, "Anonymous", "anonymous", true},
           {"Bob <sip:anonymous@10.0.0.1>;tag=1", "", false, "Anonymous", "anonymous", true},
           {"Bob <sip:anonymous@10.0.0.1>;tag=1", "", true, "Bob", "anonymous", false},
           {"<<>", "", true, "Anonymous", "anonymous", true},
       }) {
    expect_name(one);
  }
}

}  // namespace
}  // namespace demarc::call::headers
