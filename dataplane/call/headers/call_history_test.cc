#include "dataplane/call/headers/call_history.h"

#include <gtest/gtest.h>

#include "dataplane/call/headers/header_policy_harness.h"

namespace demarc::call::headers {
namespace {

using contract::CallHistory;

TwoTrunks with(CallHistory history, bool is_trusted = true) {
  TwoTrunks trunks;
  trunks.to.history = history;
  trunks.to.is_trusted = is_trusted;
  trunks.called_user = "200";
  return trunks;
}
TwoTrunks diversion(bool is_trusted = true) {
  return with(CallHistory::diversion, is_trusted);
}
TwoTrunks history(bool is_trusted = true) {
  return with(CallHistory::history_info, is_trusted);
}

std::string lines_of(std::string_view name, std::initializer_list<std::string> values) {
  std::string lines;
  for (const std::string& value : values) lines += std::string(name) + ": " + value + "\r\n";
  return lines;
}
std::string diversions(std::initializer_list<std::string> values) {
  return lines_of("Diversion", values);
}
std::string entries(std::initializer_list<std::string> values) {
  return lines_of("History-Info", values);
}

TEST(CallHistory, CrossesOnlyWhereThePeerTakesItAndInAnInvite) {
  const std::string lines =
      diversions({"<sip:1@a.b>;reason=no-answer"}) + entries({"<sip:1@a.b>;index=1"});
  EXPECT_EQ(with(CallHistory::none).invite(lines), "");
  EXPECT_EQ(diversion().request("BYE", lines), "");
  EXPECT_EQ(diversion().response("200 OK", "INVITE", lines), "");
  EXPECT_EQ(history().request("UPDATE", lines), "");
  EXPECT_EQ(diversion().invite(""), "");
}

TEST(CallHistory, DiversionsKeepTheirOrderAndWhatIsSaidOfThem) {
  TwoTrunks trunks = diversion();
  EXPECT_EQ(trunks.invite(diversions(
                {"\"Ann\" <sip:+3@pbx.example:5070;user=phone;transport=tcp>;reason=user-busy;"
                 "counter=2;limit=5;screen=yes;privacy=off, <tel:+2>;reason=\"No-Answer\"",
                 "<sip:1@10.0.0.1>;reason=x-night;x=10.0.0.1"})),
            diversions({"\"Ann\" <sip:+3@203.0.113.1;user=phone>;reason=user-busy;privacy=off;"
                        "screen=yes;counter=2;limit=5",
                        "<tel:+2>;reason=no-answer", "<sip:1@203.0.113.1>;reason=x-night"}));
  EXPECT_EQ(trunks.count.dropped, 0);
  EXPECT_EQ(trunks.invite(diversions({"<sip:1@a.b>;reason=, <mailto:a@b>, <sip:2@a.b>"})),
            diversions({"<sip:2@203.0.113.1>"}));
  EXPECT_EQ(trunks.count.dropped, 2);
}

TEST(CallHistory, EntriesKeepTheirIndicesTargetsAndReasons) {
  EXPECT_EQ(history().invite(entries(
                {"<sip:1@pbx.example;maddr=10.0.0.3?Reason=SIP%3Bcause%3D302&Privacy=none"
                 "&X=10.0.0.1>;index=1, \"B\" <sip:2@10.0.0.1;cause=302;user=phone>;index=1.1;mp=1",
                 "<tel:+3;ext=7>;index=1.1.1;rc=1.1"})),
            entries({"<sip:1@203.0.113.1?Reason=SIP%3Bcause%3D302&Privacy=none>;index=1",
                     "\"B\" <sip:2@203.0.113.1;user=phone;cause=302>;index=1.1;mp=1",
                     "<sip:+3;ext=7@203.0.113.1;user=phone>;index=1.1.1;rc=1.1"}));
}

TEST(CallHistory, TheFormThatThePeerTakesIsPreferred) {
  const std::string both = diversions({"<sip:1@a.b>;reason=no-answer"}) +
                           entries({"<sip:5@a.b>;index=1", "<sip:6@a.b>;index=1.1;rc=1"});
  EXPECT_EQ(diversion().invite(both), diversions({"<sip:1@203.0.113.1>;reason=no-answer"}));
  EXPECT_EQ(history().invite(both),
            entries({"<sip:5@203.0.113.1>;index=1", "<sip:6@203.0.113.1>;index=1.1;rc=1"}));
}

// RFC 7544: the latest Diversion is the last entry but one.
TEST(CallHistory, DiversionsBecomeEntriesOldestFirst) {
  EXPECT_EQ(history().invite(diversions({"\"C\" <sip:3@a.b>;reason=no-answer, "
                                         "<sip:2@a.b>;reason=unconditional;privacy=full",
                                         "<tel:+1>;reason=user-busy"})),
            entries({"<sip:+1@203.0.113.1;user=phone>;index=1",
                     "<sip:2@203.0.113.1;cause=486?Privacy=history>;index=1.1;mp=1",
                     "\"C\" <sip:3@203.0.113.1;cause=302>;index=1.1.1;mp=1.1",
                     "<sip:200@203.0.113.1;cause=408>;index=1.1.1.1;mp=1.1.1"}));
  TwoTrunks nobody = history();
  nobody.called_user = "";
  EXPECT_EQ(nobody.invite(diversions({"<sip:1@a.b>;reason=away"})),
            entries({"<sip:1@203.0.113.1>;index=1"}));
}

TEST(CallHistory, EachReasonHasItsCause) {
  struct Case {
    std::string_view reason;
    unsigned cause;
    std::string_view back;
  };
  for (const Case& one : {Case{"unconditional", 302, "unconditional"},
                          {"user-busy", 486, "user-busy"},
                          {"no-answer", 408, "no-answer"},
                          {"deflection", 480, "deflection"},
                          {"unavailable", 503, "unavailable"},
                          {"unknown", 404, "unknown"},
                          {"time-of-day", 404, "unknown"},
                          {"do-not-disturb", 404, "unknown"},
                          {"follow-me", 404, "unknown"},
                          {"out-of-service", 404, "unknown"},
                          {"away", 404, "unknown"},
                          {"x-else", 404, "unknown"}}) {
    const std::string made =
        history().invite(diversions({"<sip:1@a.b>;reason=" + std::string(one.reason)}));
    EXPECT_EQ(made, entries({"<sip:1@203.0.113.1>;index=1",
                             "<sip:200@203.0.113.1;cause=" + std::to_string(one.cause) +
                                 ">;index=1.1;mp=1"}));
    EXPECT_EQ(diversion().invite(made),
              diversions({"<sip:1@203.0.113.1>;reason=" + std::string(one.back) +
                          ";counter=1;privacy=off"}));
  }
}

TEST(CallHistory, EntriesBecomeDiversionsLatestFirst) {
  EXPECT_EQ(diversion().invite(entries({"<sip:1@a.b>;index=1",
                                        "<sip:2@a.b;cause=302?Privacy=history>;index=1.1;mp=1",
                                        "<sip:3@a.b;cause=487>;index=1.1.1;mp=1.1"})),
            diversions({"<sip:2@203.0.113.1>;reason=deflection;counter=1;privacy=full",
                        "<sip:1@203.0.113.1>;reason=unconditional;counter=1;privacy=off"}));
  // The reason may stand in the entry that was left, and mp alone is a diversion.
  EXPECT_EQ(diversion().invite(entries({"<sip:1@a.b?Reason=SIP%3Bcause%3D486>;index=1",
                                        "<sip:2@a.b>;index=1.1", "<sip:3@a.b>;index=1.2;mp=1.1"})),
            diversions({"<sip:2@203.0.113.1>;reason=unknown;counter=1;privacy=off",
                        "<sip:1@203.0.113.1>;reason=user-busy;counter=1;privacy=off"}));
  // A fork names by whom it was made.
  EXPECT_EQ(diversion().invite(entries({"<sip:1@a.b>;index=1", "<sip:2@a.b>;index=1.1;rc=1",
                                        "<sip:3@a.b;cause=408>;index=1.2;mp=1"})),
            diversions({"<sip:1@203.0.113.1>;reason=no-answer;counter=1;privacy=off"}));
  // Only routed on, never diverted.
  EXPECT_EQ(diversion().invite(entries({"<sip:1@a.b>;index=1", "<sip:1@c.d>;index=1.1;rc=1"})), "");
}

constexpr std::string_view nobody = "<sip:anonymous@anonymous.invalid";

TEST(CallHistory, IsHiddenFromStrangersAsItsOwnPrivacySays) {
  const std::string hidden(nobody);
  EXPECT_EQ(
      diversion(false).invite(diversions({"\"D\" <sip:4@a.b>;reason=away;privacy=off",
                                          "\"C\" <sip:3@a.b>;reason=away;privacy=name",
                                          "\"B\" <sip:2@a.b>;reason=away;privacy=full",
                                          "\"A\" <sip:1@a.b>;reason=away;privacy=what"})),
      diversions({"\"D\" <sip:4@203.0.113.1>;reason=away;privacy=off",
                  "<sip:3@203.0.113.1>;reason=away;privacy=name",
                  hidden + ">;reason=away;privacy=full", hidden + ">;reason=away;privacy=full"}));
  TwoTrunks trunks = history(false);
  EXPECT_EQ(
      trunks.invite(entries({"\"A\" <sip:1@a.b?Privacy=history&Reason=SIP%3Bcause%3D302>;index=1",
                             "<sip:2@a.b;cause=302?Privacy=none>;index=1.1;mp=1",
                             "<sip:3@a.b?Privacy=%2C>;index=1.2"})),
      entries({hidden + "?Reason=SIP%3Bcause%3D302>;index=1",
               "<sip:2@203.0.113.1;cause=302?Privacy=none>;index=1.1;mp=1",
               hidden + ">;index=1.2"}));
  EXPECT_EQ(trunks.count.dropped, 0);
  EXPECT_EQ(trunks.invite(diversions({"<sip:1@a.b>;reason=away;privacy=full"})),
            entries({hidden + ">;index=1", "<sip:200@203.0.113.1;cause=404>;index=1.1;mp=1"}));
  EXPECT_EQ(diversion(false).invite(entries(
                {"<sip:1@a.b?Privacy=session>;index=1", "<sip:2@a.b;cause=302>;index=1.1;mp=1"})),
            diversions({hidden + ">;reason=unconditional;counter=1;privacy=full"}));
}

TEST(CallHistory, OfAHiddenCallerDoesNotReachStrangersAtAll) {
  const std::string line = diversions({"<sip:1@a.b>;reason=away"});
  const std::string crossed = diversions({"<sip:1@203.0.113.1>;reason=away"});
  for (const std::string_view privacy : {"user", "header", "session", "history", "id;user"}) {
    const std::string wish = "Privacy: " + std::string(privacy) + "\r\n";
    EXPECT_EQ(diversion(false).invite(wish + line), wish);
    EXPECT_EQ(diversion(true).invite(wish + line), wish + crossed);
  }
  EXPECT_EQ(diversion(false).invite("Privacy: id\r\n" + line), "Privacy: id\r\n" + crossed);
  EXPECT_EQ(diversion(false).invite(line, "<sip:anonymous@anonymous.invalid>;tag=1"), "");
}

TEST(CallHistory, KeepsTheLatestWhenThereAreTooMany) {
  std::string many_diversions = "Diversion: <sip:d0@a.b>";
  std::string many_entries = "History-Info: <sip:e0@a.b>;index=1";
  for (unsigned i = 1; i < 20; ++i) {
    many_diversions += ", <sip:d" + std::to_string(i) + "@a.b>";
    many_entries += ", <sip:e" + std::to_string(i) + "@a.b>;index=1." + std::to_string(i);
  }
  TwoTrunks trunks = diversion();
  const std::string diverted = trunks.invite(many_diversions + "\r\n");
  EXPECT_EQ(trunks.count.written, 16);
  EXPECT_EQ(trunks.count.dropped, 4);
  EXPECT_NE(diverted.find("<sip:d0@"), std::string::npos);
  EXPECT_EQ(diverted.find("<sip:d16@"), std::string::npos);
  trunks = history();
  const std::string left = trunks.invite(many_entries + "\r\n");
  EXPECT_EQ(trunks.count.written, 16);
  EXPECT_EQ(trunks.count.dropped, 4);
  EXPECT_EQ(left.find("<sip:e3@"), std::string::npos);
  EXPECT_NE(left.find("<sip:e19@"), std::string::npos);
}

}  // namespace
}  // namespace demarc::call::headers
