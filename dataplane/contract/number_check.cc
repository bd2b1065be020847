#include <bit>

#include "dataplane/contract/checker.h"

namespace demarc::contract {
namespace {

struct Counts {
  uint64_t nodes, entries, sets, tables, values, pattern_sets;
};

void check_tries(Checker& checker, const NumberRows& rows) {
  const auto nodes = checker.array(rows.nodes);
  const auto entries = checker.array(rows.entries);
  for (const DigitNode& node : nodes) {
    const bool is_wide = (node.marks & node_is_wide) != 0;
    const auto edges = static_cast<unsigned>(std::popcount(uint16_t(node.marks & node_edges)));
    checker.require(!is_wide || edges == 0, SectionError::bad_value);
    const uint32_t children = is_wide ? wide_children : edges;
    if (children != 0) checker.reference(uint64_t{node.children} + children - 1, nodes.size());
    if ((node.marks & node_has_entries) != 0) checker.reference(node.rank, entries.size());
    checker.require((node.skip & 15) <= max_skip, SectionError::bad_value);
  }
  // A walk over entries ends at one that says so.
  checker.require(entries.empty() || entries.back().is_last != 0, SectionError::bad_value);
}

// Rows of the two pattern sets of a rule set.
struct PatternCounts {
  uint64_t chosen = 0;
  uint64_t stemmed = 0;
};

uint64_t count_patterns(Checker& checker, const NumberRows& rows, uint32_t set,
                        const Counts& counts) {
  if (set == no_row) return 0;
  checker.reference(set, counts.pattern_sets);
  return set < counts.pattern_sets ? checker.array(rows.pattern_sets)[set].patterns.count : 0;
}

void check_rule(Checker& checker, const NumberRule& rule, const Counts& counts,
                const PatternCounts& patterns) {
  checker.text(rule.pattern);
  checker.text(rule.replacement);
  checker.require(rule.kind <= NumberRuleKind::stemmed, SectionError::bad_value);
  checker.require(rule.name_action <= NameAction::remove, SectionError::bad_value);
  const auto captures = checker.array(rule.captures);
  checker.require(captures.size() <= 1 + max_captures, SectionError::bad_value);
  const auto steps = checker.array(rule.steps);
  checker.require(steps.size() <= max_rewrite_steps, SectionError::bad_value);
  for (const RewriteStep& step : steps) {
    checker.require(step.text_length <= RewriteStep::max_text, SectionError::bad_value);
  }
  if (rule.kind == NumberRuleKind::shaped) {
    checker.require(!captures.empty(), SectionError::bad_value);
  } else if (rule.kind == NumberRuleKind::pattern) {
    checker.reference(rule.pattern_row, patterns.chosen);
  } else if (rule.kind == NumberRuleKind::stemmed) {
    checker.reference(rule.pattern_row, patterns.stemmed);
  } else {
    checker.reference(rule.table, counts.tables);
  }
}

void check_set(Checker& checker, const NumberRows& rows, const NumberRuleSet& set,
               const Counts& counts) {
  if (set.root != no_row) checker.reference(set.root, counts.nodes);
  const PatternCounts patterns{count_patterns(checker, rows, set.patterns, counts),
                               count_patterns(checker, rows, set.stemmed, counts)};
  const auto rules = checker.array(set.rules);
  checker.require(rules.size() <= max_rules_per_set, SectionError::bad_value);
  for (const NumberRule& rule : rules) check_rule(checker, rule, counts, patterns);
  for (const uint32_t rank : checker.array(set.tables)) checker.reference(rank, rules.size());
}

void check_pattern_set(Checker& checker, const PatternSet& set) {
  uint32_t rank = 0;
  for (const PatternRow& row : checker.array(set.patterns)) {
    checker.text(row.text);
    checker.require(row.text.length <= max_pattern_length, SectionError::bad_value);
    checker.require(row.rank >= rank, SectionError::out_of_order);
    rank = row.rank;
  }
  checker.require(checker.array(set.database).size() <= max_database_octets,
                  SectionError::bad_value);
}

// Names are looked for by patterns and tables only: a rule that a trie finds would never be.
void check_names(Checker& checker, const NumberRows& rows, uint32_t set, const Counts& counts) {
  if (set == no_row || set >= counts.sets) return;
  const NumberRuleSet& names = checker.array(rows.sets)[set];
  checker.require(names.root == no_row && names.stemmed == no_row, SectionError::bad_value);
}

void check_trunk(Checker& checker, const NumberRows& rows, const TrunkNumbers& trunk,
                 const Counts& counts) {
  for (const uint32_t set : {trunk.called_in, trunk.calling_in, trunk.called_out, trunk.calling_out,
                             trunk.caller_names, trunk.called_names}) {
    if (set != no_row) checker.reference(set, counts.sets);
  }
  check_names(checker, rows, trunk.caller_names, counts);
  check_names(checker, rows, trunk.called_names, counts);
  if (trunk.cost != no_row) checker.reference(trunk.cost, counts.nodes);
}

}  // namespace

// Entries and pattern rows say ranks of whoever uses them, who looks before it takes one.
void check_numbers(Checker& checker, const NumberRows& rows, uint32_t trunk_count) {
  const Counts counts{rows.nodes.count,  rows.entries.count, rows.sets.count,
                      rows.tables.count, rows.values.count,  rows.pattern_sets.count};
  check_tries(checker, rows);
  for (const PatternSet& set : checker.array(rows.pattern_sets)) check_pattern_set(checker, set);
  if (checker.error() != SectionError::none) return;
  for (const NumberRuleSet& set : checker.array(rows.sets)) check_set(checker, rows, set, counts);
  for (const NumberTable& table : checker.array(rows.tables)) {
    checker.text(table.name);
    if (table.root != no_row) checker.reference(table.root, counts.nodes);
  }
  for (const Text& value : checker.array(rows.values)) checker.text(value);
  const auto trunks = checker.array(rows.trunks);
  checker.require(trunks.empty() || trunks.size() == trunk_count, SectionError::bad_reference);
  for (const TrunkNumbers& trunk : trunks) check_trunk(checker, rows, trunk, counts);
}

}  // namespace demarc::contract
