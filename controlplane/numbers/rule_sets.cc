#include "controlplane/numbers/rule_sets.h"

#include <algorithm>

#include "controlplane/numbers/rewrite_steps.h"
#include "controlplane/numbers/shape.h"

namespace demarc::numbers {

// Patterns that a number may be tried with for having one stem.
constexpr unsigned max_patterns_per_stem = 4;

using contract::DigitEntry;
using contract::no_row;
using contract::NumberRule;
using contract::NumberRuleKind;
using contract::PatternRow;

void RuleSets::add_table(const std::string& name, const std::vector<TableRow>& rows) {
  std::vector<DigitTries::Item> items;
  items.reserve(rows.size());
  for (const TableRow& row : rows) {
    DigitEntry entry;
    entry.rank = static_cast<uint32_t>(values_.size());
    entry.shortest = static_cast<uint8_t>(row.number.size());
    entry.longest = row.is_prefix ? static_cast<uint8_t>(contract::max_number_length)
                                  : static_cast<uint8_t>(row.number.size());
    values_.push_back(builder_.text(row.replacement));
    items.push_back({row.number, entry});
  }
  contract::NumberTable table;
  table.name = builder_.text(name);
  table.root = tries_.add(std::move(items));
  table_ids_[name] = static_cast<uint32_t>(tables_.size());
  tables_.push_back(table);
}

uint32_t RuleSets::add(const std::vector<Rule>& rules) {
  if (rules.empty()) return no_row;
  const auto [known, is_new] = known_.emplace(rules, static_cast<uint32_t>(sets_.size()));
  if (!is_new) return known->second;
  Parts parts;
  for (const Rule& rule : rules) parts.rows.push_back(row_of(rule, parts));
  contract::NumberRuleSet set;
  set.root = tries_.add(std::move(parts.items));
  set.patterns = add_patterns(parts.patterns);
  set.stemmed = add_single_patterns(parts.stemmed);
  set.rules = builder_.array<NumberRule>(parts.rows);
  set.tables = builder_.array<uint32_t>(parts.tables);
  sets_.push_back(set);
  return known->second;
}

NumberRule RuleSets::row_of(const Rule& rule, Parts& parts) {
  const auto rank = static_cast<uint32_t>(parts.rows.size());
  NumberRule row;
  row.line = rule.line;
  row.hides_caller = rule.hides_caller ? 1 : 0;
  row.sees_parameters = rule.sees_parameters ? 1 : 0;
  row.replacement = builder_.text(rule.replacement);
  row.name_action = rule.name_action;
  if (!rule.table.empty()) {
    row.pattern = builder_.text("table " + rule.table);
    row.kind = NumberRuleKind::table;
    row.table = table_ids_.at(rule.table);
    parts.tables.push_back(rank);
    return row;
  }
  row.pattern = builder_.text(rule.pattern);
  // Names are looked for beside what is no number, too, and few trunks have rules about them.
  const bool is_for_trie = !rule.sees_parameters && !rule.is_about_names;
  const auto shape = is_for_trie ? shape_of(rule.pattern) : std::nullopt;
  if (!shape) {
    add_pattern(rule, parts, row);
    return row;
  }
  row.captures = builder_.array<contract::CaptureSpan>(shape->captures);
  // Of a hidden caller there may be nothing to make.
  if (!rule.hides_caller) {
    row.steps = builder_.array<contract::RewriteStep>(steps_of(*shape, rule.replacement));
  }
  for (const std::string& prefix : shape->prefixes) {
    DigitEntry entry;
    entry.rank = rank;
    entry.shortest = shape->shortest;
    entry.longest = shape->longest;
    entry.wants_digits = shape->wants_digits ? 1 : 0;
    parts.items.push_back({prefix, entry});
  }
  return row;
}

// A database is asked once for all of its patterns and takes long to compile. Where the digits that
// a pattern begins with leave few of them, the trie chooses.
void RuleSets::add_pattern(const Rule& rule, Parts& parts, NumberRule& row) {
  const auto rank = static_cast<uint32_t>(parts.rows.size());
  const std::vector<std::string> stems =
      rule.is_about_names ? std::vector<std::string>() : stems_of(rule.pattern);
  const bool is_stemmed =
      !stems.empty() && std::all_of(stems.begin(), stems.end(), [&](const std::string& stem) {
        return parts.per_stem[stem] < max_patterns_per_stem;
      });
  std::vector<Ranked>& patterns = is_stemmed ? parts.stemmed : parts.patterns;
  row.kind = is_stemmed ? NumberRuleKind::stemmed : NumberRuleKind::pattern;
  row.pattern_row = static_cast<uint32_t>(patterns.size());
  patterns.push_back({rule.pattern, rank});
  if (!is_stemmed) return;
  for (const std::string& stem : stems) {
    ++parts.per_stem[stem];
    DigitEntry entry;
    entry.rank = rank;
    entry.shortest = static_cast<uint8_t>(stem.size());
    entry.longest = contract::max_number_length;
    parts.items.push_back({stem, entry});
  }
}

uint32_t RuleSets::add_patterns(const std::vector<Ranked>& patterns) {
  if (patterns.empty()) return no_row;
  std::vector<std::string> texts;
  for (const Ranked& pattern : patterns) texts.push_back(pattern.pattern);
  return add_set(patterns, *databases_.of(texts));
}

uint32_t RuleSets::add_single_patterns(const std::vector<Ranked>& patterns) {
  if (patterns.empty()) return no_row;
  Databases::Database none;
  none.is_left_out.assign(patterns.size(), true);
  std::vector<std::string> texts;
  for (const Ranked& pattern : patterns) texts.push_back(pattern.pattern);
  // Not that of the same patterns with a database.
  none.key = ~key_of(texts);
  return add_set(patterns, none);
}

uint32_t RuleSets::add_set(const std::vector<Ranked>& patterns,
                           const Databases::Database& database) {
  std::vector<PatternRow> rows;
  for (size_t i = 0; i < patterns.size(); ++i) {
    PatternRow row;
    row.text = builder_.text(patterns[i].pattern);
    row.rank = patterns[i].rank;
    row.is_always_candidate = database.is_left_out[i] ? 1 : 0;
    rows.push_back(row);
  }
  contract::PatternSet set;
  set.patterns = builder_.array<PatternRow>(rows);
  set.database = builder_.array<uint8_t>(database.octets);
  set.key = database.key;
  pattern_sets_.push_back(set);
  return static_cast<uint32_t>(pattern_sets_.size() - 1);
}

void RuleSets::finish(contract::NumberRows& rows) {
  rows.nodes = builder_.array<contract::DigitNode>(tries_.nodes());
  rows.entries = builder_.array<DigitEntry>(tries_.entries());
  rows.sets = builder_.array<contract::NumberRuleSet>(sets_);
  rows.tables = builder_.array<contract::NumberTable>(tables_);
  rows.values = builder_.array<contract::Text>(values_);
  rows.pattern_sets = builder_.array<contract::PatternSet>(pattern_sets_);
}

}  // namespace demarc::numbers
