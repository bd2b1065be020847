#include "dataplane/number/display_name.h"

#include "dataplane/number/digit_trie.h"
#include "dataplane/number/number.h"
#include "dataplane/number/patterns.h"
#include "dataplane/number/replacement.h"
#include "sip-parser/field_checks.h"

namespace demarc::number {
namespace {

using contract::NameAction;
using contract::no_row;
using contract::NumberRule;
using contract::NumberRuleSet;
using contract::NumberTable;
using contract::PatternRow;
using contract::RouteSection;

using MadeName = MadeText<contract::max_name_length>;

// The rule of the set that has the number; of a table, the row's value as well.
struct Found {
  uint32_t rank = no_row;
  uint32_t value = no_row;
  Captures captures;
};

void find_pattern(const contract::Snapshot& snapshot, unsigned worker, const NumberRuleSet& set,
                  std::string_view shown, Found& found) {
  if (set.patterns == no_row || snapshot.patterns == nullptr) return;
  const RouteSection& section = *snapshot.routes;
  const auto sets = elements(section.header, section.numbers.pattern_sets);
  const auto rows = elements(section.header, sets[set.patterns].patterns);
  const auto end = static_cast<uint32_t>(rows.size());
  const uint32_t id = snapshot.patterns->find(set.patterns, worker, shown, 0, end, found.captures);
  if (id < end) found.rank = rows[id].rank;
}

// A table that stands before the pattern that was found.
void find_table(const RouteSection& section, const NumberRuleSet& set, std::string_view digits,
                Found& found) {
  const Trie trie{elements(section.header, section.numbers.nodes),
                  elements(section.header, section.numbers.entries)};
  const auto tables = elements(section.header, section.numbers.tables);
  const auto rules = elements(section.header, set.rules);
  for (const uint32_t rank : elements(section.header, set.tables)) {
    if (rank >= found.rank) return;
    if (rules[rank].table >= tables.size()) continue;
    unsigned length = 0;
    const uint32_t value = longest_match(trie, tables[rules[rank].table].root, digits, length);
    if (value >= section.numbers.values.count) continue;
    found.rank = rank;
    found.value = value;
    return;
  }
}

// RFC 3261 section 25.1: quoted-pairs for what would end the quoted-string.
bool quote(std::string_view made, DisplayName& name) {
  const Span whole = {0, static_cast<uint16_t>(made.size())};
  if (made.empty() || !sip::check_text(whole, made)) return false;
  name.length = 0;
  for (const char c : made) {
    if (c == '"' || c == '\\') name.octets[name.length++] = '\\';
    name.octets[name.length++] = c;
  }
  return true;
}

// What rules of names are asked about: of a number its digits, `number` being where they stand.
std::string_view asked_of(std::string_view shown, Number& number, bool& is_number) {
  is_number = read_text(shown, number);
  if (is_number) shown = number.digits();
  return shown.empty() ? "" : shown;  // which has an address, as Hyperscan wants it
}

// A rank beyond the rules where none of them has it.
Found find(const contract::Snapshot& snapshot, unsigned worker, const NumberRuleSet& set,
           std::string_view asked, bool is_number) {
  Found found;
  find_pattern(snapshot, worker, set, asked, found);
  if (is_number) find_table(*snapshot.routes, set, asked, found);
  return found;
}

}  // namespace

Rewrite name_rule(const contract::Snapshot& snapshot, unsigned worker, uint32_t set_row,
                  std::string_view shown) {
  const RouteSection& section = *snapshot.routes;
  const auto sets = elements(section.header, section.numbers.sets);
  if (set_row >= sets.size()) return {};
  Number number;
  bool is_number = false;
  const std::string_view asked = asked_of(shown, number, is_number);
  const uint32_t rank = find(snapshot, worker, sets[set_row], asked, is_number).rank;
  if (rank >= sets[set_row].rules.count) return {};
  return {RewriteResult::rewritten, set_row, rank};
}

NameResult display_name(const contract::Snapshot& snapshot, unsigned worker, uint32_t set_row,
                        std::string_view shown, DisplayName& name) {
  const RouteSection& section = *snapshot.routes;
  const auto sets = elements(section.header, section.numbers.sets);
  if (set_row >= sets.size()) return NameResult::unmatched;
  const NumberRuleSet& set = sets[set_row];
  Number number;
  bool is_number = false;
  shown = asked_of(shown, number, is_number);
  const Found found = find(snapshot, worker, set, shown, is_number);
  const auto rules = elements(section.header, set.rules);
  if (found.rank >= rules.size()) return NameResult::unmatched;
  const NumberRule& rule = rules[found.rank];
  if (rule.name_action == NameAction::keep) return NameResult::kept;
  if (rule.name_action == NameAction::remove) return NameResult::removed;
  MadeName made;
  if (found.value != no_row) {
    made.put(text(section.header, elements(section.header, section.numbers.values)[found.value]));
  } else {
    substitute(text(section.header, rule.replacement), shown, found.captures, made);
  }
  return !made.is_full && quote(made.view(), name) ? NameResult::set : NameResult::removed;
}

}  // namespace demarc::number
