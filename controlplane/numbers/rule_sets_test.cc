#include "controlplane/numbers/rule_sets.h"

#include <gtest/gtest.h>

#include <random>

#include "controlplane/numbers/rewrite_steps.h"
#include "controlplane/numbers/rules_harness.h"
#include "controlplane/numbers/shape.h"
#include "tests/support/seed.h"

namespace demarc::numbers {
namespace {

using contract::no_row;

// One list of rules, published at once.
struct One : RulesHarness {
  explicit One(const std::vector<std::string>& texts) {
    set = sets.add(rules_of(texts));
    publish();
  }
  std::string operator()(const std::string& number) { return apply(set, number); }
  uint32_t set = no_row;
};

TEST(RuleSets, NormaliseDialledNumbers) {
  One rules({R"(^(\d{4})$ -> +1425555$1)", R"(^(\d{7})$ -> +1425$1)", R"(^(\d{10})$ -> +1$1)",
             R"(^0$ -> +14255550100)", R"(^6222(\d{4})$ -> +1425555$1)"});
  EXPECT_EQ(rules("0123"), "+14255550123");
  EXPECT_EQ(rules("5550123"), "+14255550123");
  EXPECT_EQ(rules("2065550123"), "+12065550123");
  EXPECT_EQ(rules("0"), "+14255550100");
  EXPECT_EQ(rules("62220123"), "+14255550123");
  EXPECT_EQ(rules("62221123456"), "-");
  EXPECT_EQ(rules("+14255550123"), "-");
}

// Two rules that are printed as samples and make no good numbers: they mean what they say.
TEST(RuleSets, DoWhatIsWrittenAndNoMore) {
  EXPECT_EQ(One({R"(^1(\d{10})$ -> +$1)"})("12145550100"), "+2145550100");
  EXPECT_EQ(One({R"(^011(\d*)$ -> +$1)"})("0112145550100"), "+2145550100");
}

TEST(RuleSets, FirstMatchWinsFromTheTop) {
  One rules({R"(^\+(1\d{10})$ -> $1)", R"(^\+(\d{9}\d+)$ -> 011$1)"});
  EXPECT_EQ(rules("+14255550123"), "14255550123");
  EXPECT_EQ(rules("+441235551010"), "011441235551010");
  EXPECT_EQ(rules("+12345678"), "-");
  One reversed({R"(^\+(\d{9}\d+)$ -> 011$1)", R"(^\+(1\d{10})$ -> $1)"});
  EXPECT_EQ(reversed("+14255550123"), "01114255550123");
  EXPECT_EQ(reversed.last_rule, 0u);
}

TEST(RuleSets, TranslateTheDefaultPatternAndAnAreaCode) {
  EXPECT_EQ(One({R"(^\+(\d*)$ -> $1)"})("+14255550123"), "14255550123");
  EXPECT_EQ(One({R"(^\+1425(\d{7})$ -> $1)"})("+14255550123"), "5550123");
  EXPECT_EQ(One({R"(^\+1206(\d{7})$ -> $1)"})("+12065550123"), "5550123");
}

// What the pattern did not match stays, as .NET's Replace does.
TEST(RuleSets, ReplaceWhatWasMatchedAndKeepTheRest) {
  EXPECT_EQ(One({R"(^\+44 -> 0144)"})("+442079460018"), "01442079460018");
  EXPECT_EQ(One({R"(00$ -> 11)"})("+4420794600"), "+4420794611");
}

TEST(RuleSets, TakeAPrefixOffAndPutOneOn) {
  One rules({"prefix +44 -> 0", "prefix +1 ->", "prefix -> 00"});
  EXPECT_EQ(rules("+442079460018"), "02079460018");
  EXPECT_EQ(rules("+14255550123"), "4255550123");
  EXPECT_EQ(rules("7946"), "007946");
  EXPECT_EQ(rules("+1"), "!");
}

// Lync exports exceptions as lookahead.
TEST(RuleSets, TakePatternsWithLookaheadExceptions) {
  One rules({R"(^\+1(?!900|976)(\d{10})$ -> $1)", R"(^\+1(\d{10})$ -> 0$1)"});
  EXPECT_EQ(rules("+14255550123"), "4255550123");
  EXPECT_EQ(rules("+19005550123"), "09005550123");
  EXPECT_EQ(rules.last_rule, 1u);
}

TEST(RuleSets, TakeNamedGroupsAlternativesAndBackReferences) {
  EXPECT_EQ(One({R"(^(?<area>206|425)(?<rest>\d{7})$ -> +1${area}${rest})"})("4255550123"),
            "+14255550123");
  EXPECT_EQ(One({R"(^(\d)\1(\d+)$ -> $2)"})("2279"), "79");
  EXPECT_EQ(One({R"(^\+?(\d+)$ -> $$$1)"})("123"), "!");
}

// The rank decides, not what kind of rule it is.
TEST(RuleSets, MixShapedPatternAndTableRules) {
  RulesHarness rules;
  rules.sets.add_table("dids", {{"2001", "+14255550101", false}, {"44", "+44", true}});
  const uint32_t set =
      rules.sets.add(rules_of({R"(^200(1|29)9$ -> 1)", "table dids", R"(^2001$ -> 2)",
                               R"(^20\d\d$ -> 3)", R"(^(2|33).*$ -> 4)", R"(^3(?!4)\d*$ -> 5)"}));
  rules.publish();
  EXPECT_EQ(rules.apply(set, "20019"), "1");
  EXPECT_EQ(rules.apply(set, "200299"), "1");
  EXPECT_EQ(rules.apply(set, "20029"), "4");
  EXPECT_EQ(rules.apply(set, "2001"), "+14255550101");
  EXPECT_EQ(rules.apply(set, "2005"), "3");
  EXPECT_EQ(rules.apply(set, "33"), "4");
  EXPECT_EQ(rules.apply(set, "3"), "5");
  EXPECT_EQ(rules.apply(set, "34"), "-");
  EXPECT_EQ(rules.apply(set, "442079"), "+442079");
  EXPECT_EQ(rules.last_rule, 1u);
}

TEST(RuleSets, LongestPrefixOfATableWins) {
  RulesHarness rules;
  rules.sets.add_table("t", {{"44", "1", true}, {"4420", "2", true}, {"4420", "3", false}});
  const uint32_t set = rules.sets.add(rules_of({"table t"}));
  rules.publish();
  EXPECT_EQ(rules.apply(set, "44123"), "1123");
  EXPECT_EQ(rules.apply(set, "442099"), "299");
  EXPECT_EQ(rules.apply(set, "45"), "-");
}

TEST(RuleSets, KeepAnExtensionUnlessTheRuleIsAboutIt) {
  One rules({R"(^\+14255550199;ext=(\d{4})$ -> $1)", R"(^\+1(\d{10})$ -> $1)",
             R"(^(\d{4})$ -> +14255550100;ext=$1)"});
  EXPECT_EQ(rules("+14255550123;ext=10001"), "4255550123;ext=10001");
  EXPECT_EQ(rules("+14255550199;ext=1234"), "1234");
  EXPECT_EQ(rules("1234"), "+14255550100;ext=1234");
}

TEST(RuleSets, DropTheContextOfWhatIsNotTheNumberAnyMore) {
  One rules({R"(^(\d{4})$ -> +1425555$1)", R"(^(\d+);phone-context=(\+\d+)$ -> $2$1)"});
  EXPECT_EQ(rules("7042;phone-context=+1914555"), "+14255557042");
  EXPECT_EQ(rules("70422;phone-context=+1914555"), "+191455570422");
}

TEST(RuleSets, HideTheCaller) {
  One rules({R"(^\+1206 -> anonymous)"});
  EXPECT_EQ(rules("+12065550123"), "anonymous");
  EXPECT_EQ(rules("+14255550123"), "-");
}

TEST(RuleSets, RefuseWhatIsNoNumberOrTooLong) {
  EXPECT_EQ(One({R"(^(\d+)$ -> 1234567890$1$1$1)"})("1234567890123456789"), "!");
  EXPECT_EQ(One({R"(^1$ -> +)"})("1"), "!");
}

// A pattern that would backtrack for ever counts as none and ends.
TEST(RuleSets, EndAMatchThatTakesTooManySteps) {
  One rules({R"(^(\d+)+(\d+)+(\d+)+x$ -> 1)", R"(^\d*$ -> 2)"});
  EXPECT_EQ(rules("11111111111111111111111111111111111111111111111111111111111"), "2");
}

TEST(RuleSets, AreSharedWhereTheyAreTheSame) {
  RulesHarness rules;
  const uint32_t first = rules.sets.add(rules_of({R"(^(1|22)$ -> 3)"}));
  EXPECT_EQ(rules.sets.add(rules_of({R"(^(1|22)$ -> 3)"})), first);
  EXPECT_NE(rules.sets.add(rules_of({R"(^(1|22)$ -> 4)"})), first);
  EXPECT_EQ(rules.sets.add({}), no_row);
  EXPECT_EQ(rules.databases.compiled_count(), 1u);
  rules.publish();
  EXPECT_EQ(rules.store->compiled_count(), 1u);
  const auto next = number::PatternStore::build(*rules.snapshot.routes, 2, rules.store.get());
  ASSERT_NE(next, nullptr);
  EXPECT_EQ(next->compiled_count(), 0u);
}

TEST(Databases, CompileOnlyWhatChanged) {
  Databases databases;
  const auto first = databases.of({"^1"});
  databases.of({"^2"});
  EXPECT_EQ(databases.of({"^1"}), first);
  EXPECT_EQ(databases.compiled_count(), 2u);
  databases.forget_unused();
  EXPECT_EQ(databases.of({"^1"}), first);
  databases.forget_unused();
  databases.forget_unused();
  databases.of({"^1"});
  EXPECT_EQ(databases.compiled_count(), 3u);
}

TEST(RuleSets, FindTheFirstOfManyPatternsThatMatch) {
  std::vector<std::string> texts;
  for (int i = 0; i < 200; ++i) {
    texts.push_back("^(?!" + std::string(1, static_cast<char>('2' + i % 2)) + ")(1|2)\\d*" +
                    std::to_string(i) + "$ -> " + std::to_string(1000 + i));
  }
  One rules(texts);
  EXPECT_EQ(rules("1555150"), "1000");
  EXPECT_EQ(rules("1555199"), "1009");
  EXPECT_EQ(rules("3555"), "-");
}

// A database that was left out of the section only makes more candidates.
TEST(RuleSets, AreDecidedByThePatternsAlone) {
  std::vector<std::string> texts;
  for (int i = 0; i < 100; ++i) texts.push_back("^(1|22)" + std::to_string(i) + "x?$ -> 5");
  One rules(texts);
  number::Captures captures;
  EXPECT_EQ(rules.snapshot.patterns->find(0, 1, "199", 0, 1000, captures), 99u);
  EXPECT_EQ(rules.snapshot.patterns->find(0, 9, "199", 0, 1000, captures), no_row);
  EXPECT_EQ(rules.snapshot.patterns->find(9, 0, "199", 0, 1000, captures), no_row);
  EXPECT_TRUE(rules.snapshot.patterns->matches(0, 0, 99, "199", captures));
  EXPECT_FALSE(rules.snapshot.patterns->matches(0, 0, 100, "199", captures));
}

struct ShapeCase {
  const char* pattern;
  bool is_shaped;
};

TEST(Shape, IsOfLiteralDigitsThenCountedOnes) {
  const ShapeCase cases[] = {{R"(^\+(1\d{10})$)", true},  {R"(^\+(\d*)$)", true},
                             {R"(^([2-9]\d{9})$)", true}, {R"(^0$)", true},
                             {R"(^\+44)", true},          {R"(^\+(\d{9}\d+)$)", true},
                             {R"(^[^0]\d{3}$)", true},    {R"(^.*$)", true},
                             {R"(^\+?(\d*)$)", false},    {R"(^(1|2)\d{3}$)", true},
                             {R"(^(1|22)$)", false},      {R"(^(1|2)?$)", false},
                             {R"(^(1|x)$)", false},       {R"(^(1|)$)", false},
                             {R"(^1|2$)", false},         {R"([0-9]{10})", false},
                             {R"(^\+44\d)", false},       {R"(^(?!1)\d$)", false},
                             {R"(^(1)?\d$)", false},      {R"(^\d+?$)", false},
                             {R"(^\d*\d+$)", false},      {R"(^[2-9]{3}[2-9]\d$)", false},
                             {R"(^\d{100}$)", false}};
  for (const ShapeCase& one : cases) {
    EXPECT_EQ(shape_of(one.pattern).has_value(), one.is_shaped) << one.pattern;
  }
}

// What the trie decides and cuts out is what PCRE2 says of the same pattern and number.
TEST(Shape, AgreesWithTheRegularExpression) {
  const unsigned seed = support::test_seed();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto pick = [&random](unsigned count) { return static_cast<unsigned>(random() % count); };
  const std::string parts[] = {R"(\d)", R"(\d{2})", R"(\d{1,3})", R"(\d*)", R"(\d+)", "[2-5]", "1",
                               "2",     R"(\+)",    ".",          R"(\*)",  "[^1]",   "(2|0)"};
  const std::string replacements[] = {"${1}", "${2}",  "${0}",           "+",
                                      "7*",   "+1425", "01234567890123", "#"};
  unsigned shaped = 0;
  unsigned stepped = 0;
  for (unsigned round = 0; round < 400; ++round) {
    std::string pattern = "^(";
    const unsigned count = 1 + pick(4);
    const unsigned split = pick(count);
    for (unsigned i = 0; i < count; ++i) {
      pattern += parts[pick(13)];
      if (i == split) pattern += ")(";
    }
    pattern += pick(4) != 0 ? ")$" : ")";
    const auto shape = shape_of(pattern);
    if (!shape) continue;
    ++shaped;
    std::string made;
    for (unsigned left = pick(5); left != 0; --left) made += replacements[pick(8)];
    stepped += steps_of(*shape, parse_rule(pattern + " -> " + made).replacement).empty() ? 0 : 1;
    RulesHarness rules;
    const uint32_t by_trie = rules.sets.add(rules_of({pattern + " -> " + made}));
    // An alternative makes it a pattern, and nothing else of it.
    const uint32_t by_pattern = rules.sets.add(rules_of({"(?:" + pattern + ") -> " + made}));
    rules.publish();
    for (unsigned i = 0; i < 40; ++i) {
      std::string number = pick(3) == 0 ? "+" : "";
      for (unsigned digit = 1 + pick(5); digit != 0; --digit) number += "0123456*#1"[pick(10)];
      EXPECT_EQ(rules.apply(by_trie, number), rules.apply(by_pattern, number))
          << pattern << " -> " << made << " on " << number;
    }
  }
  EXPECT_GT(shaped, 100u);
  EXPECT_GT(stepped, 50u);
  EXPECT_LT(stepped, shaped);
}

TEST(Stems, AreWhatEveryMatchBeginsWith) {
  using Stems = std::vector<std::string>;
  EXPECT_EQ(stems_of(R"(^8425(?:1|23)(\d+)$)"), Stems{"8425"});
  EXPECT_EQ(stems_of(R"(^\+1(425|206)\d{7}$)"), Stems{"+1"});
  EXPECT_EQ(stems_of(R"(^(\+1[23])4?(?!9))"), (Stems{"+12", "+13"}));
  EXPECT_EQ(stems_of(R"(^(1|2)5\d(3|44)$)"), (Stems{"15", "25"}));
  EXPECT_EQ(stems_of(R"(^12(3(4|55))$)"), Stems{"12"});
  EXPECT_EQ(stems_of(R"(^12(34)?)"), Stems{"12"});
  EXPECT_EQ(stems_of(R"(^1234?)"), Stems{"123"});
  EXPECT_EQ(stems_of(R"(^12[34)|]5)"), Stems{"12"});
  for (const char* pattern : {"12", R"(^\d12)", "^12|34", "^(12|34)", "^(12)?3", "^12(3)|4",
                              R"(^12[a(]2|34)", R"(^12\Q(\E|34)", R"(^12(?#\)|34)",
                              R"(^12\c[|34]?)", "^12[]|]|34", "^12[^](]|5", "(?m)^12", ""}) {
    EXPECT_EQ(stems_of(pattern), Stems()) << pattern;
  }
}

// The trie leaves nothing out that the regular expression takes.
TEST(Stems, AgreeWithTheRegularExpression) {
  std::mt19937 random(13);
  const auto pick = [&random](unsigned count) { return static_cast<unsigned>(random() % count); };
  const std::string parts[] = {"1",     "2",     "12",  R"(\d)",  "[1-3]",  "(1|2)", "(1|23)",
                               "(",     ")",     "|",   "?",      "+",      "{2}",   R"(\+)",
                               "(?!2)", "[|1(]", "(?:", R"(\d+)", "(1|2)?", "$"};
  unsigned stemmed = 0;
  for (unsigned round = 0; round < 6000; ++round) {
    std::string pattern = "^";
    for (unsigned left = 2 + pick(6); left != 0; --left) pattern += parts[pick(20)];
    if (shape_of(pattern) || stems_of(pattern).empty()) continue;
    try {
      check_pattern(pattern);
    } catch (const RuleError&) {
      continue;
    }
    ++stemmed;
    RulesHarness rules;
    const uint32_t by_stem = rules.sets.add(rules_of({pattern + " -> 7$0"}));
    const uint32_t by_pattern = rules.sets.add(rules_of({"(?:" + pattern + ") -> 7$0"}));
    EXPECT_EQ(rules.databases.compiled_count(), 1u);
    rules.publish();
    for (unsigned i = 0; i < 40; ++i) {
      std::string number = pick(6) == 0 ? "+" : "";
      for (unsigned digit = 1 + pick(5); digit != 0; --digit) number += "123"[pick(3)];
      EXPECT_EQ(rules.apply(by_stem, number), rules.apply(by_pattern, number))
          << pattern << " on " << number;
    }
  }
  EXPECT_GT(stemmed, 100u);
}

// More patterns of one beginning than the trie tries go to the database; their order stays.
TEST(RuleSets, LeaveTheManyOfOneStemToTheDatabase) {
  std::vector<std::string> texts;
  for (int i = 0; i < 20; ++i) {
    texts.push_back("^44(?:" + std::to_string(i) + "|x)(\\d*)$ -> 9" + std::to_string(i));
  }
  RulesHarness rules;
  const uint32_t set = rules.sets.add(rules_of(texts));
  EXPECT_EQ(rules.databases.compiled_count(), 1u);
  rules.publish();
  for (int i = 0; i < 20; ++i) {
    const int first = i < 10 ? i : 1;
    EXPECT_EQ(rules.apply(set, "44" + std::to_string(i)), "9" + std::to_string(first));
  }
}

TEST(DigitTries, FindEveryPathOfMany) {
  std::mt19937 random(11);
  std::map<std::string, std::string> kept;
  while (kept.size() < 3000) {
    std::string path;
    for (auto i = 1 + random() % 20; i != 0; --i) path += "0123456789*#+"[random() % 13];
    kept.emplace(path, std::to_string(10000 + kept.size()));
  }
  std::vector<TableRow> rows;
  for (const auto& [number, value] : kept) rows.push_back({number, value, false});
  RulesHarness rules;
  rules.sets.add_table("t", rows);
  const uint32_t set = rules.sets.add(rules_of({"table t"}));
  rules.publish();
  for (const auto& [number, value] : kept) {
    // A plus sign in the middle is in no number that is read from a message.
    if (number.find('+', 1) != std::string::npos || number == "+") continue;
    if (number.find_first_of("0123456789*#") == std::string::npos) continue;
    EXPECT_EQ(rules.apply(set, number), value) << number;
    EXPECT_EQ(rules.apply(set, number + "0"),
              kept.contains(number + "0") ? kept[number + "0"] : "-");
  }
}

}  // namespace
}  // namespace demarc::numbers
