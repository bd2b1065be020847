// What rules about display names make, run as a worker runs them.
#include <gtest/gtest.h>

#include "controlplane/numbers/rules_harness.h"

namespace demarc::numbers {
namespace {

// One list of rules, published at once, with a table that they may name.
struct Names : RulesHarness {
  explicit Names(const std::vector<std::string>& texts) {
    sets.add_table("desks", {{"+44", "London", true}, {"+442079460018", "Anna \"A\" \\", false}});
    set = sets.add(name_rules_of(texts));
    publish();
  }
  std::string operator()(const std::string& user) { return name_beside(set, user); }
  uint32_t set = contract::no_row;
};

TEST(DisplayNames, AreThoseOfTheFirstRuleThatMatches) {
  Names names({R"(^\+1(\d{3})(\d{4})$ -> "$2 of $1, $$")", "prefix +1 -> keep",
               "prefix +49 -> remove", R"(^\d+$ -> "inside")", R"(^1 -> "never")"});
  EXPECT_EQ(names("+15550123"), "0123 of 555, $");
  EXPECT_EQ(names("+1555"), "kept");
  EXPECT_EQ(names("+4930123"), "removed");
  EXPECT_EQ(names("1000"), "inside");
  EXPECT_EQ(names("alice"), "-");
  EXPECT_EQ(Names({})("1000"), "-");
}

// By the digits, however the number is written and whatever stands behind it.
TEST(DisplayNames, AreGivenByTheDigitsOfANumber) {
  Names names({R"(^\+1555(\d+)$ -> "Desk $1")"});
  EXPECT_EQ(names("+1-555-0123;ext=7"), "Desk 0123");
}

// A trunk that shows no names shows none of those either.
TEST(DisplayNames, StandBesideWhatIsNoNumber) {
  Names names({R"(^(al.+)$ -> "$1")", "^.*$ -> remove"});
  EXPECT_EQ(names("alice"), "alice");
  EXPECT_EQ(names("bob.smith%20x"), "removed");
  EXPECT_EQ(names(""), "removed");
}

TEST(DisplayNames, OfATableAreTheWholeName) {
  Names names({"table desks", R"(^\+44 -> "no")", R"(^\+ -> "abroad")"});
  EXPECT_EQ(names("+4420123"), "London");
  EXPECT_EQ(names("+491234"), "abroad");
}

TEST(DisplayNames, OfATableStandBehindEarlierRules) {
  Names names({R"(^\+4420 -> keep)", "table desks"});
  EXPECT_EQ(names("+4420123"), "kept");
  EXPECT_EQ(names("+44123"), "London");
}

// RFC 3261 section 25.1: quoted-pair.
TEST(DisplayNames, HaveBackslashesBeforeQuotesAndBackslashes) {
  EXPECT_EQ(Names({"table desks"})("+442079460018"), R"(Anna \"A\" \\)");
  EXPECT_EQ(Names({R"(^1(.*)$ -> "a"$1\b")"})("12"), R"(a\"2\\b)");
}

TEST(DisplayNames, MayNeedABackslashForEachOctet) {
  const std::string quotes(contract::max_name_length, '"');
  EXPECT_EQ(Names({"^1 -> \"" + quotes + "\""})("1").size(), 2 * contract::max_name_length);
}

TEST(DisplayNames, AreNoneWhenTheyCanNotStandInAField) {
  Names names({R"(^(x*)(y?)(?:z.*)?$ -> "$1$2")", R"(^(a.)$ -> "$1")"});
  EXPECT_EQ(names("z"), "removed") << "empty";
  EXPECT_EQ(names(std::string(contract::max_name_length, 'x')),
            std::string(contract::max_name_length, 'x'));
  EXPECT_EQ(names(std::string(contract::max_name_length, 'x') + "y"), "removed") << "too long";
  EXPECT_EQ(names("a\xff"), "removed") << "not UTF-8";
  EXPECT_EQ(names(std::string("a\0", 2)), "removed") << "a control character";
}

// Rules about numbers may be written alike and are others.
TEST(DisplayNames, DoNotShareASetWithNumbers) {
  RulesHarness harness;
  harness.sets.add_table("both", {{"1", "2", false}});
  const uint32_t numbers = harness.sets.add(rules_of({"table both"}));
  const uint32_t names = harness.sets.add(name_rules_of({"table both"}));
  harness.publish();
  EXPECT_NE(numbers, names);
  EXPECT_EQ(harness.apply(numbers, "1"), "2");
  EXPECT_EQ(harness.name_beside(names, "1"), "2");
}

}  // namespace
}  // namespace demarc::numbers
