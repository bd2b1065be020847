#include "controlplane/numbers/rule_text.h"

#include <gtest/gtest.h>

#include "controlplane/numbers/table_file.h"

namespace demarc::numbers {
namespace {

std::string mistake_of(const std::string& text) {
  try {
    parse_rule(text);
  } catch (const RuleError& error) {
    return error.what();
  }
  return "";
}

TEST(RuleText, IsReadInEachForm) {
  const Rule pattern = parse_rule(R"(  ^\+(1\d{10})$  ->  ${1}0 )");
  EXPECT_EQ(pattern.pattern, R"(^\+(1\d{10})$)");
  EXPECT_EQ(pattern.replacement, "$10");
  const Rule prefix = parse_rule("prefix +44 -> 0");
  EXPECT_EQ(prefix.pattern, R"(^\+44)");
  EXPECT_EQ(prefix.replacement, "0");
  EXPECT_EQ(parse_rule("table dids").table, "dids");
  EXPECT_TRUE(parse_rule("^0 -> anonymous").hides_caller);
  EXPECT_TRUE(parse_rule(R"(^(\d+);ext=1$ -> $1)").sees_parameters);
  EXPECT_EQ(parse_rule(R"(^(?<a>\d)$ -> $&${a}$0)").replacement, "$0$1$0");
}

TEST(RuleText, SaysWhatIsWrongWithOne) {
  EXPECT_NE(mistake_of("nonsense").find("is not a rule such as"), std::string::npos);
  EXPECT_NE(mistake_of(R"(^(\d -> $1)").find("character 5"), std::string::npos);
  // Only interpreted, it would allocate on a worker.
  EXPECT_NE(mistake_of(R"((*NO_JIT)^(\d+)$ -> $1)").find("machine code"), std::string::npos);
  EXPECT_NE(mistake_of(R"(^\d$ -> $1)").find("the pattern has 0 groups"), std::string::npos);
  EXPECT_NE(mistake_of(R"(^\d$ -> ${a})").find("no group \"a\""), std::string::npos);
  EXPECT_NE(mistake_of(R"(^(\d)$ -> $12)").find("$12"), std::string::npos);
  EXPECT_NE(mistake_of(R"(^\d$ -> ${1)").find("without"), std::string::npos);
  EXPECT_NE(mistake_of(R"(^\d$ -> 1$)").find("ends in"), std::string::npos);
  EXPECT_NE(mistake_of(R"(^\d$ -> $x)").find("means nothing"), std::string::npos);
  EXPECT_NE(mistake_of(R"(^\d$ -> abc)").find("which no number has"), std::string::npos);
  EXPECT_NE(mistake_of(R"( -> 1)").find("is not a rule"), std::string::npos);
  EXPECT_NE(mistake_of("prefix x -> 1").find("may hold digits"), std::string::npos);
  EXPECT_NE(mistake_of("prefix 1").find("not a prefix rule"), std::string::npos);
  EXPECT_NE(mistake_of(std::string(300, '1') + " -> 1").find("longer than"), std::string::npos);
  EXPECT_NE(mistake_of(std::string("4\0|1 -> 1", 9)).find("control character"), std::string::npos);
  EXPECT_NE(mistake_of("4\x07 -> 1").find("control character"), std::string::npos);
  EXPECT_NE(mistake_of("()()()()()()()()()() -> 1").find("the limit is 9"), std::string::npos);
}

TEST(NameRules, AreReadInEachForm) {
  const Rule pattern = parse_name_rule(R"(  ^\+44(\d+)$  ->  "Desk -> "$1" ${1}" )");
  EXPECT_TRUE(pattern.is_about_names);
  EXPECT_EQ(pattern.pattern, R"(^\+44(\d+)$)");
  EXPECT_EQ(pattern.replacement, R"(Desk -> "$1" $1)");
  EXPECT_EQ(pattern.name_action, contract::NameAction::set);
  const Rule prefix = parse_name_rule("prefix +44 -> keep");
  EXPECT_EQ(prefix.pattern, R"(^\+44)");
  EXPECT_EQ(prefix.name_action, contract::NameAction::keep);
  EXPECT_EQ(parse_name_rule("^.*$ -> remove").name_action, contract::NameAction::remove);
  EXPECT_EQ(parse_name_rule("^1 -> \"keep\"").replacement, "keep");
  EXPECT_EQ(parse_name_rule("table desks").table, "desks");
  EXPECT_NE(parse_name_rule("table desks"), parse_rule("table desks"));
}

TEST(NameRules, SayWhatIsWrongWithOne) {
  const auto mistake = [](const std::string& text) -> std::string {
    try {
      parse_name_rule(text);
    } catch (const RuleError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(mistake("nonsense").find("is not a rule such as"), std::string::npos);
  EXPECT_NE(mistake("^1 -> Desk").find("neither keep nor remove"), std::string::npos);
  EXPECT_NE(mistake("^1 -> \"").find("neither keep nor remove"), std::string::npos);
  EXPECT_NE(mistake("^1 -> \"\"").find("the name is empty"), std::string::npos);
  EXPECT_NE(mistake("^1 -> \"$1\"").find("the pattern has 0 groups"), std::string::npos);
  EXPECT_NE(mistake("^(1 -> keep").find("missing closing"), std::string::npos);
  EXPECT_NE(mistake("prefix x -> keep").find("may hold digits"), std::string::npos);
  EXPECT_NE(mistake("()()()()()()()()()() -> keep").find("the limit is 9"), std::string::npos);
  EXPECT_NE(mistake("^1 -> \"a\tb\"").find("control character"), std::string::npos);
  EXPECT_NE(mistake("^1 -> \"\xff\"").find("not UTF-8"), std::string::npos);
  EXPECT_EQ(mistake("^1 -> \"" + std::string(contract::max_name_length, 'x') + "\""), "");
  EXPECT_NE(mistake("^1 -> \"" + std::string(1 + contract::max_name_length, 'x') + "\"")
                .find("more than 128 octets"),
            std::string::npos);
}

// "(\+)?[1-9]\d*(;ext=[1-9]\d*)?"
TEST(RuleText, KnowsACallerId) {
  for (const char* good : {"+14255550123", "1", "+1;ext=5", "14255550123;ext=10001"}) {
    EXPECT_TRUE(is_caller_id(good)) << good;
  }
  for (const char* bad : {"", "+", "0123", "+0", "1;ext=", "1;ext=05", "1;x=5", "1a", "1;ext=5a"}) {
    EXPECT_FALSE(is_caller_id(bad)) << bad;
  }
}

TEST(TableFile, IsReadWithHeadingCommentsQuotesAndPrefixes) {
  const Table table = read_table(
      "number,replacement\r\n# main site\r\n2002,+14255550102\r\n\r\n\"2001\",\"+14255550101\"\r\n"
      "+44*,0*\r\n");
  EXPECT_TRUE(table.mistakes.empty());
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_EQ(table.rows[0].number, "+44");
  EXPECT_EQ(table.rows[0].replacement, "0");
  EXPECT_TRUE(table.rows[0].is_prefix);
  EXPECT_EQ(table.rows[1].replacement, "+14255550101");
}

TEST(TableFile, TellsOfEveryMistakeWithItsLine) {
  const Table table =
      read_table("1,2\n3\n4x,5\n6,abc\n\"7,8\n1,9\n,5\n10,\n" + std::string(70, '1') + ",1\n");
  ASSERT_EQ(table.mistakes.size(), 8u);
  const uint32_t lines[] = {2, 3, 4, 5, 6, 7, 8, 9};
  for (size_t i = 0; i < 8; ++i) EXPECT_EQ(table.mistakes[i].line, lines[i]);
  EXPECT_EQ(table.mistakes[4].message, "\"1\" stands twice");
  EXPECT_EQ(table.rows.size(), 1u);
}

TEST(TableFile, OfNamesHasAnyTextBesideNumbers) {
  const Table table =
      read_table("+44*,London *\n2001,\"Smith, Anna\"\n2002,\n2003,\xff\n3x,y\n", TableKind::names);
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0].replacement, "London *");
  EXPECT_TRUE(table.rows[0].is_prefix);
  EXPECT_EQ(table.rows[1].replacement, "Smith, Anna");
  ASSERT_EQ(table.mistakes.size(), 3u);
  EXPECT_EQ(table.mistakes[0].message, "the name is empty");
  EXPECT_NE(table.mistakes[1].message.find("not UTF-8"), std::string::npos);
  EXPECT_NE(table.mistakes[2].message.find("may hold digits"), std::string::npos);
}

TEST(TableFile, TellsOfAHundredMistakesAtMost) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "1x,2\n";
  EXPECT_EQ(read_table(text).mistakes.size(), max_mistakes);
  EXPECT_TRUE(read_table("").rows.empty());
}

}  // namespace
}  // namespace demarc::numbers
