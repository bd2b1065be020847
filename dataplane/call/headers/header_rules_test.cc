#include "dataplane/call/headers/header_rules.h"

#include <gtest/gtest.h>

#include <random>

#include "dataplane/call/headers/header_policy_harness.h"
#include "dataplane/call/headers/value_pattern.h"

namespace demarc::call::headers {
namespace {

using enum contract::HeaderRule::Action;

uint16_t bits(std::initializer_list<sip::Method> methods) {
  unsigned bits = 0;
  for (const sip::Method method : methods) bits |= 1u << static_cast<unsigned>(method);
  return static_cast<uint16_t>(bits);
}

TwoTrunks with_from(std::vector<Rule> rules) {
  TwoTrunks trunks;
  trunks.from_rules = std::move(rules);
  return trunks;
}
TwoTrunks with_to(std::vector<Rule> rules) {
  TwoTrunks trunks;
  trunks.to_rules = std::move(rules);
  return trunks;
}

TEST(HeaderRules, PassLetsNamedFieldsCross) {
  const std::string lines = "X-A: 1\r\nY: 2\r\nx-b: 3\r\nX-A: 4\r\n";
  EXPECT_EQ(with_from({{pass, "X-*"}}).invite(lines), "X-A: 1\r\nx-b: 3\r\nX-A: 4\r\n");
  EXPECT_EQ(with_to({{pass, "x-*"}}).invite(lines), "X-A: 1\r\nx-b: 3\r\nX-A: 4\r\n");
  EXPECT_EQ(with_from({{pass, "X-A"}}).invite(lines), "X-A: 1\r\nX-A: 4\r\n");
  EXPECT_EQ(with_from({{pass, "X-*", "", "3"}}).invite(lines), "x-b: 3\r\n");
  EXPECT_EQ(with_from({{pass, "User-Agent"}}).invite("User-Agent: Thing\r\n"),
            "User-Agent: Thing\r\n");
  EXPECT_EQ(with_from({{pass, "X-A"}, {pass, "*"}}).invite("X-A: 1\r\n"), "X-A: 1\r\n")
      << "what crosses already does not cross twice";
  EXPECT_EQ(with_from({{pass, "*"}}).invite("Subject: s\r\nX-A: 1\r\n"),
            "Subject: s\r\nX-A: 1\r\n");
}

TEST(HeaderRules, PassNeverReachesWhatHasAPolicyOfItsOwn) {
  const std::string lines =
      "P-Asserted-Identity: <sip:1@a.b>\r\nP-Preferred-Identity: <sip:1@a.b>\r\n"
      "Diversion: <sip:1@a.b>\r\nHistory-Info: <sip:1@a.b>;index=1\r\nP-Early-Media: gated\r\n";
  for (const char* name : {"*", "P-*", "P-Asserted-Identity", "Diversion", "Via", "Contact"}) {
    EXPECT_EQ(with_from({{pass, name}}).invite(lines), "") << name;
  }
}

TEST(HeaderRules, RemoveTakesWhatWouldCross) {
  const std::string lines = "Subject: s\r\nPriority: urgent\r\nPrivacy: id\r\n";
  EXPECT_EQ(with_to({{remove, "subject"}}).invite(lines), "Priority: urgent\r\nPrivacy: id\r\n");
  EXPECT_EQ(with_to({{remove, "Pri*"}}).invite(lines), "Subject: s\r\n");
  EXPECT_EQ(with_to({{remove, "*"}}).invite(lines), "");
  EXPECT_EQ(with_to({{remove, "*", "", "*d*"}}).invite(lines),
            "Subject: s\r\nPriority: urgent\r\n");
  EXPECT_EQ(with_from({{pass, "X-*"}, {remove, "X-B"}}).invite("X-A: 1\r\nX-B: 2\r\n"),
            "X-A: 1\r\n");
}

TEST(HeaderRules, AddWritesOneMoreField) {
  EXPECT_EQ(with_to({{add, "X-Side", "outside"}}).invite("Subject: s\r\n"),
            "Subject: s\r\nX-Side: outside\r\n");
  EXPECT_EQ(with_to({{add, "P-Preferred-Identity", "<sip:1@example.com>"}}).invite(""),
            "P-Preferred-Identity: <sip:1@example.com>\r\n");
  TwoTrunks twice = with_to({{add, "Subject", "mine"}});
  EXPECT_EQ(twice.invite("Subject: s\r\n"), "Subject: s\r\n");
  EXPECT_EQ(twice.count.dropped, 1) << "a Subject may stand once";
}

TEST(HeaderRules, AValueThatItsFieldCanNotHaveIsLeftOut) {
  TwoTrunks trunks = with_to({{add, "Priority", "two words"}, {add, "X-A", "two words"}});
  EXPECT_EQ(trunks.invite(""), "X-A: two words\r\n");
  EXPECT_EQ(trunks.count.dropped, 1);
  // A section that was checked holds none of these; still they make no line of their own.
  for (const std::string& value :
       {std::string("a\r\nVia: x"), std::string("a\nb"), std::string("\0", 1), std::string("a\r"),
        std::string("a\r\n"), std::string("a\r\n b\r\nVia: x")}) {
    TwoTrunks bad = with_to({{add, "X-A", value}});
    EXPECT_EQ(bad.invite(""), "");
    EXPECT_EQ(bad.count.dropped, 1);
  }
  TwoTrunks name = with_to({{add, "X A", "1"}});
  EXPECT_EQ(name.invite(""), "");
  EXPECT_EQ(name.count.dropped, 1);
}

TEST(HeaderRules, ReplaceChangesValuesAndAddsNone) {
  TwoTrunks trunks = with_from({{pass, "X-*"}, {replace, "X-*", "none", "*10.0.*"}});
  EXPECT_EQ(trunks.invite("X-A: at 10.0.0.1\r\nX-B: 192.0.2.1\r\n"),
            "X-A: none\r\nX-B: 192.0.2.1\r\n");
  EXPECT_EQ(trunks.invite(""), "");
  EXPECT_EQ(with_to({{replace, "Subject", "other"}}).invite("Subject: s\r\n"),
            "Subject: other\r\n");
}

Rule copies(std::string name, std::string source, std::string pattern = "") {
  return {copy, std::move(name), "", std::move(pattern), std::move(source)};
}

TEST(HeaderRules, CopyTakesTheValueOfTheFirstSource) {
  const std::string lines = "X-A: 1\r\nX-A: 2\r\nSubject: s\r\n";
  EXPECT_EQ(with_to({copies("X-B", "Subject")}).invite(lines), "Subject: s\r\nX-B: s\r\n");
  EXPECT_EQ(with_to({copies("X-B", "X-A")}).invite(lines), "Subject: s\r\nX-B: 1\r\n");
  EXPECT_EQ(with_to({copies("X-B", "X-A", "2")}).invite(lines), "Subject: s\r\nX-B: 2\r\n");
  EXPECT_EQ(with_to({copies("X-B", "X-C")}).invite(lines), "Subject: s\r\n");
  EXPECT_EQ(with_to({{replace, "Subject", "t"}, copies("X-B", "Subject")}).invite(lines),
            "Subject: t\r\nX-B: t\r\n")
      << "what was changed before is what is copied";
}

TEST(HeaderRules, CopyDoesNotGoPastAPolicy) {
  const std::string identity = "P-Asserted-Identity: <sip:1@a.b>\r\n";
  TwoTrunks trunks = with_to({copies("X-B", "P-Asserted-Identity")});
  EXPECT_EQ(trunks.invite(identity), "");
  for (contract::CallPolicy* policy : {&trunks.from, &trunks.to}) {
    policy->is_trusted = policy->keeps_identity = true;
  }
  EXPECT_EQ(trunks.invite(identity),
            "P-Asserted-Identity: <sip:1@203.0.113.1>\r\nX-B: <sip:1@203.0.113.1>\r\n");
  EXPECT_EQ(with_to({copies("X-B", "Contact")}).invite(""), "");
}

TEST(HeaderRules, AreTakenInOrderThoseOfTheSenderFirst) {
  TwoTrunks trunks = with_from({{add, "X-A", "1"}, {replace, "X-A", "2"}});
  trunks.to_rules = {{replace, "X-A", "4", "2"}, {replace, "X-A", "5", "2"}, {add, "X-A", "6"}};
  EXPECT_EQ(trunks.invite(""), "X-A: 4\r\nX-A: 6\r\n");
}

TEST(HeaderRules, AreForTheirMethodsAndResponsesToThem) {
  TwoTrunks trunks =
      with_to({{add, "X-A", "1", "", "", bits({sip::Method::invite, sip::Method::bye})}});
  EXPECT_EQ(trunks.invite(""), "X-A: 1\r\n");
  EXPECT_EQ(trunks.request("BYE", ""), "X-A: 1\r\n");
  EXPECT_EQ(trunks.request("UPDATE", ""), "");
  EXPECT_EQ(trunks.response("200 OK", "INVITE", ""), "X-A: 1\r\n");
  EXPECT_EQ(trunks.response("200 OK", "UPDATE", ""), "");
  TwoTrunks unknown = with_to({{add, "X-A", "1", "", "", bits({sip::Method::other})}});
  EXPECT_EQ(unknown.request("FROB", ""), "X-A: 1\r\n");
}

TEST(ValuePattern, MatchesStarsAsAnyRun) {
  struct Case {
    std::string_view pattern;
    std::string_view text;
    bool is_match;
  };
  for (const Case& one : {
           Case{"", "", true},        {"", "a", false},           {"*", "", true},
           {"*", "abc", true},        {"**", "abc", true},        {"abc", "abc", true},
           {"abc", "ABC", false},     {"abc", "abcd", false},     {"a*", "abc", true},
           {"a*", "ba", false},       {"*c", "abc", true},        {"*c", "cb", false},
           {"a*c", "ac", true},       {"a*c", "abcabc", true},    {"a*c", "abcab", false},
           {"a*a", "a", false},       {"*b*", "abc", true},       {"*bc*bc", "abc", false},
           {"*bc*bc", "abcbc", true}, {"*aab*", "aaaab", true},   {"*abab*c", "abaababc", true},
           {"*ab*ab*", "abab", true}, {"*ab*ab*", "aba", false},  {"a*b*c", "a1b2c", true},
           {"a*b*c", "a1c2b", false}, {"a*bcd*d", "abcd", false}, {"*x", "", false},
       }) {
    EXPECT_EQ(matches_pattern(one.pattern, one.text), one.is_match)
        << one.pattern << " " << one.text;
  }
  EXPECT_FALSE(matches_pattern(std::string(256, '*'), "a"));
  EXPECT_TRUE(matches_pattern(std::string(255, '*'), "a"));
}

// The plain definition, with all the time in the world.
bool slow_match(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*' && slow_match(pattern.substr(1), text)) return true;
  if (text.empty()) return false;
  if (pattern[0] == '*') return slow_match(pattern, text.substr(1));
  return pattern[0] == text[0] && slow_match(pattern.substr(1), text.substr(1));
}

TEST(ValuePattern, AgreesWithItsDefinition) {
  constexpr unsigned seed = 20240611;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  unsigned matches = 0;
  for (unsigned round = 0; round < 20000; ++round) {
    std::string pattern;
    std::string text;
    for (auto i = random() % 8; i > 0; --i) pattern += "ab*"[random() % 3];
    for (auto i = random() % 12; i > 0; --i) text += "ab"[random() % 2];
    const bool is_match = slow_match(pattern, text);
    ASSERT_EQ(matches_pattern(pattern, text), is_match) << pattern << " " << text;
    matches += is_match ? 1 : 0;
  }
  EXPECT_GT(matches, 1000u);
}

// With backtracking this would not end.
TEST(ValuePattern, IsNotHeldUpByHostileText) {
  std::string stars;
  for (unsigned i = 0; i < 127; ++i) stars += "*a";
  EXPECT_FALSE(matches_pattern(stars + "b", std::string(60000, 'a')));
  EXPECT_FALSE(matches_pattern("*" + std::string(250, 'a') + "b*", std::string(60000, 'a')));
}

}  // namespace
}  // namespace demarc::call::headers
