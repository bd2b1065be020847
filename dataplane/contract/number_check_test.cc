// What check_section() says of number rules: how a rule makes a number.
#include <gtest/gtest.h>

#include "dataplane/contract/section_harness.h"

namespace demarc::contract {
namespace {

struct RuleRows {
  NumberRule rule;
  std::vector<CaptureSpan> captures = {{0, 3}};
  std::vector<RewriteStep> steps = {{{0, 3}, 1, "+"}};
};

SectionError with(const std::function<void(RuleRows&)>& change = {}) {
  SectionBuilder<RouteSection> builder(SectionKind::routes, 1);
  const std::vector<TrunkRoutes> by_trunk(bounds.trunks);
  builder.section().by_trunk = builder.array<TrunkRoutes>(by_trunk);
  RuleRows rows;
  if (change) change(rows);
  if (rows.rule.captures.count == 0) {
    rows.rule.captures = builder.array<CaptureSpan>(rows.captures);
  }
  if (rows.rule.steps.count == 0) rows.rule.steps = builder.array<RewriteStep>(rows.steps);
  NumberRuleSet set;
  set.rules = builder.array<NumberRule>(std::span(&rows.rule, 1));
  builder.section().numbers.sets = builder.array<NumberRuleSet>(std::span(&set, 1));
  return check(builder.finish());
}

TEST(CheckNumbers, TakesARuleOfSteps) {
  EXPECT_EQ(with(), SectionError::none);
  EXPECT_EQ(with([](auto& r) { r.steps.clear(); }), SectionError::none);
}

// A worker copies so many octets without another look.
TEST(CheckNumbers, RefusesAStepWithMoreTextThanItHolds) {
  const auto of_length = [](uint8_t length) {
    return with([length](auto& r) { r.steps[0].text_length = length; });
  };
  EXPECT_EQ(of_length(RewriteStep::max_text), SectionError::none);
  EXPECT_EQ(of_length(RewriteStep::max_text + 1), SectionError::bad_value);
  EXPECT_EQ(of_length(255), SectionError::bad_value);
}

TEST(CheckNumbers, RefusesAnActionOnNamesThatIsNone) {
  const auto of_action = [](unsigned action) {
    return with([action](auto& r) { r.rule.name_action = static_cast<NameAction>(action); });
  };
  EXPECT_EQ(of_action(2), SectionError::none);
  EXPECT_EQ(of_action(3), SectionError::bad_value);
}

// Names are never looked for in a trie.
TEST(CheckNumbers, RefusesRulesOfATrieForNames) {
  const auto of_names = [](const NumberRuleSet& set, uint32_t TrunkNumbers::*which) {
    SectionBuilder<RouteSection> builder(SectionKind::routes, 1);
    const std::vector<TrunkRoutes> by_trunk(bounds.trunks);
    builder.section().by_trunk = builder.array<TrunkRoutes>(by_trunk);
    const std::vector<DigitNode> nodes(1);
    const std::vector<PatternSet> patterns(1);
    std::vector<TrunkNumbers> trunks(bounds.trunks);
    trunks[0].*which = 0;
    NumberRows& rows = builder.section().numbers;
    rows.nodes = builder.array<DigitNode>(nodes);
    rows.pattern_sets = builder.array<PatternSet>(patterns);
    rows.sets = builder.array<NumberRuleSet>(std::span(&set, 1));
    rows.trunks = builder.array<TrunkNumbers>(trunks);
    return check(builder.finish());
  };
  for (const auto which : {&TrunkNumbers::caller_names, &TrunkNumbers::called_names}) {
    EXPECT_EQ(of_names({.patterns = 0, .rules = {}, .tables = {}}, which), SectionError::none);
    EXPECT_EQ(of_names({.root = 0, .rules = {}, .tables = {}}, which), SectionError::bad_value);
    EXPECT_EQ(of_names({.stemmed = 0, .rules = {}, .tables = {}}, which), SectionError::bad_value);
  }
  EXPECT_EQ(of_names({.root = 0, .rules = {}, .tables = {}}, &TrunkNumbers::called_out),
            SectionError::none);
}

TEST(CheckNumbers, RefusesMoreStepsThanARuleMayHave) {
  const auto so_many = [](size_t count) {
    return with([count](auto& r) { r.steps.resize(count); });
  };
  EXPECT_EQ(so_many(max_rewrite_steps), SectionError::none);
  EXPECT_EQ(so_many(max_rewrite_steps + 1), SectionError::bad_value);
}

TEST(CheckNumbers, RefusesStepsThatLeaveTheSection) {
  EXPECT_EQ(with([](auto& r) { r.rule.steps = {0xfffffff0, 2}; }), SectionError::bad_array);
}

TEST(CheckNumbers, RefusesAShapedRuleWithoutAMatchOrWithTooManyGroups) {
  EXPECT_EQ(with([](auto& r) { r.captures.clear(); }), SectionError::bad_value);
  EXPECT_EQ(with([](auto& r) { r.captures.resize(1 + max_captures); }), SectionError::none);
  EXPECT_EQ(with([](auto& r) { r.captures.resize(2 + max_captures); }), SectionError::bad_value);
}

}  // namespace
}  // namespace demarc::contract
