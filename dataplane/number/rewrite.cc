#include "dataplane/number/rewrite.h"

#include <algorithm>
#include <cstring>

#include "dataplane/number/digit_trie.h"
#include "dataplane/number/patterns.h"
#include "dataplane/number/replacement.h"
#include "dataplane/number/short_copy.h"

namespace demarc::number {
namespace {

using contract::no_row;
using contract::NumberRule;
using contract::NumberRuleKind;
using contract::NumberRuleSet;
using contract::NumberTable;
using contract::PatternRow;
using contract::RouteSection;

using Output = MadeText<contract::max_number_length>;

// A rule of the set that matched, and what it captured; of a shaped rule that follows from it.
struct Found {
  uint32_t rank = no_row;
  Captures captures;
  // Of a table: the row's value, and how many digits it replaces.
  uint32_t value = no_row;
  unsigned value_digits = 0;
};

// The octet of a number of that length.
unsigned place_in(uint8_t at, unsigned length) {
  const unsigned distance = std::min<unsigned>(at & ~contract::from_end, length);
  return (at & contract::from_end) == 0 ? distance : length - distance;
}

Captures shaped_captures(const RouteSection& section, const NumberRule& rule, unsigned length) {
  Captures captures;
  const auto spans = elements(section.header, rule.captures);
  for (size_t i = 0; i < spans.size() && i < captures.ranges.size(); ++i) {
    captures.ranges[i] = {static_cast<uint16_t>(place_in(spans[i].begin, length)),
                          static_cast<uint16_t>(place_in(spans[i].end, length))};
  }
  return captures;
}

// Makes a number without parameters out of one. False, and it stays, when it would be too long.
bool run_steps(std::span<const contract::RewriteStep> steps, Number& number) {
  constexpr size_t chunk = 16;
  using Buffer = std::array<char, contract::max_number_length + 2 + chunk>;
  // Copied in whole chunks, so both ends have room for what is not meant.
  Buffer before;
  Buffer made;
  copy_short(before.data(), number.octets.data(), number.digit_length);
  unsigned length = 0;
  for (const contract::RewriteStep& step : steps) {
    const unsigned begin = place_in(step.kept.begin, number.digit_length);
    const unsigned end = place_in(step.kept.end, number.digit_length);
    const unsigned kept = end - std::min(begin, end);
    if (length + step.text_length + kept > contract::max_number_length) return false;
    std::memcpy(made.data() + length, step.text, sizeof step.text);
    length += step.text_length;
    for (unsigned at = 0; at < kept; at += chunk) {
      std::memcpy(made.data() + length + at, before.data() + begin + at, chunk);
    }
    length += kept;
  }
  copy_short(number.octets.data(), made.data(), length);
  number.length = number.digit_length = static_cast<uint8_t>(length);
  return true;
}

class Search {
 public:
  Search(const contract::Snapshot& snapshot, unsigned worker, const NumberRuleSet& set,
         const Number& number)
      : section_(*snapshot.routes),
        patterns_(snapshot.patterns),
        worker_(worker),
        set_(set),
        number_(number),
        trie_{elements(section_.header, section_.numbers.nodes),
              elements(section_.header, section_.numbers.entries)},
        rules_(elements(section_.header, set.rules)) {}

  Found run() {
    find_shaped();
    if (set_.tables.count != 0) find_table();
    if (set_.patterns != no_row) find_pattern();
    const bool is_stemmed =
        found_.rank != no_row && rules_[found_.rank].kind == NumberRuleKind::stemmed;
    if (is_stemmed) found_.captures = stemmed_;
    return found_;
  }

 private:
  // Of the trie: the shaped rules, and the patterns that begin with digits of the number.
  void find_shaped() {
    if (set_.stemmed == no_row || patterns_ == nullptr) {
      found_.rank = first_match(trie_, set_.root, number_.digits());
    } else {
      const RankTest test{[](const void* context, uint32_t rank) {
                            return static_cast<const Search*>(context)->holds(rank);
                          },
                          this};
      // The last test that held was that of the lowest rank, so its captures are there.
      found_.rank = first_match(trie_, set_.root, number_.digits(), test);
    }
    if (found_.rank >= rules_.size()) found_.rank = no_row;
  }

  bool holds(uint32_t rank) const {
    if (rank >= rules_.size()) return false;
    const NumberRule& rule = rules_[rank];
    if (rule.kind != NumberRuleKind::stemmed) return true;
    const std::string_view text = rule.sees_parameters != 0 ? number_.view() : number_.digits();
    return patterns_->matches(set_.stemmed, worker_, rule.pattern_row, text, stemmed_);
  }

  void find_table() {
    const auto tables = elements(section_.header, section_.numbers.tables);
    for (const uint32_t rank : elements(section_.header, set_.tables)) {
      if (rank >= found_.rank) return;
      const NumberRule& rule = rules_[rank];
      if (rule.table >= tables.size()) continue;
      unsigned length = 0;
      const uint32_t value =
          longest_match(trie_, tables[rule.table].root, number_.digits(), length);
      if (value >= section_.numbers.values.count) continue;
      found_.rank = rank;
      found_.value = value;
      found_.value_digits = length;
      return;
    }
  }

  // Which patterns a text is for.
  struct Readers {
    bool of_digits = true;
    bool of_parameters = true;
  };

  // Those that stand before what was found. Patterns about parameters are tried with all of the
  // number, the others with its digits.
  void find_pattern() {
    if (patterns_ == nullptr) return;
    if (number_.length == number_.digit_length) return find_pattern(number_.digits(), {});
    find_pattern(number_.digits(), {.of_parameters = false});
    find_pattern(number_.view(), {.of_digits = false});
  }

  void find_pattern(std::string_view text, Readers readers) {
    const auto sets = elements(section_.header, section_.numbers.pattern_sets);
    const auto rows = elements(section_.header, sets[set_.patterns].patterns);
    const auto before =
        std::lower_bound(rows.begin(), rows.end(), found_.rank,
                         [](const PatternRow& row, uint32_t rank) { return row.rank < rank; });
    const auto end = static_cast<uint32_t>(before - rows.begin());
    Captures captures;
    for (uint32_t id = 0; id < end; ++id) {
      id = patterns_->find(set_.patterns, worker_, text, id, end, captures);
      if (id >= end) return;
      const uint32_t rank = rows[id].rank;
      if (rank >= rules_.size()) return;
      const bool sees_parameters = rules_[rank].sees_parameters != 0;
      if (!(sees_parameters ? readers.of_parameters : readers.of_digits)) continue;
      found_ = {rank, captures};
      return;
    }
  }

  const RouteSection& section_;
  const Patterns* patterns_;
  unsigned worker_;
  const NumberRuleSet& set_;
  const Number& number_;
  Trie trie_;
  std::span<const NumberRule> rules_;
  Found found_;
  mutable Captures stemmed_;  // of the last pattern that was tried and matched
};

// Takes the text that a rule made: digits and perhaps parameters.
bool take(const Output& output, const Number& before, bool sees_parameters, Number& number) {
  if (output.is_full) return false;
  Number made;
  if (!read_text(output.view(), made)) return false;
  if (sees_parameters || made.length != made.digit_length) {
    number = made;
    return true;
  }
  Number kept = before;
  drop_context(kept);
  return number.assign(made.digits(), kept.parameters());
}

// By whatever of the set comes first.
[[gnu::noinline]] Rewrite rewrite_by_search(const contract::Snapshot& snapshot, unsigned worker,
                                            uint32_t set_row, Number& number) {
  const RouteSection& section = *snapshot.routes;
  const NumberRuleSet& set = elements(section.header, section.numbers.sets)[set_row];
  const Found found = Search(snapshot, worker, set, number).run();
  if (found.rank == no_row) return {};
  const NumberRule& rule = elements(section.header, set.rules)[found.rank];
  Rewrite result{RewriteResult::rewritten, set_row, found.rank, rule.hides_caller != 0};
  if (result.hides_caller && rule.replacement.length == 0) return result;
  const bool sees_parameters = rule.sees_parameters != 0;
  const std::string_view matched = sees_parameters ? number.view() : number.digits();
  Output output;
  if (found.value != no_row) {
    output.put(text(section.header, elements(section.header, section.numbers.values)[found.value]));
    output.put(matched.substr(std::min<size_t>(found.value_digits, matched.size())));
  } else {
    const Captures captures = rule.kind == NumberRuleKind::shaped
                                  ? shaped_captures(section, rule, number.digit_length)
                                  : found.captures;
    const Captures::Range whole = captures.ranges[0];
    output.put(matched.substr(0, whole.begin));
    substitute(text(section.header, rule.replacement), matched, captures, output);
    output.put(matched.substr(whole.end));
  }
  if (!take(output, number, sees_parameters, number)) result.result = RewriteResult::unusable;
  return result;
}

}  // namespace

Rewrite rewrite(const contract::Snapshot& snapshot, unsigned worker, uint32_t set_row,
                Number& number) {
  const RouteSection& section = *snapshot.routes;
  const auto sets = elements(section.header, section.numbers.sets);
  if (set_row >= sets.size() || number.length == 0) return {};
  const NumberRuleSet& set = sets[set_row];
  if (set.tables.count != 0 || set.patterns != no_row) {
    return rewrite_by_search(snapshot, worker, set_row, number);
  }
  // Most rules are in the trie, and most of what it finds is made in a few steps.
  const Trie trie{elements(section.header, section.numbers.nodes),
                  elements(section.header, section.numbers.entries)};
  const uint32_t rank = first_match(trie, set.root, number.digits());
  if (rank == no_row) return {};
  const auto rules = elements(section.header, set.rules);
  const bool is_short = rank < rules.size() && rules[rank].kind == NumberRuleKind::shaped &&
                        rules[rank].steps.count != 0 && number.length == number.digit_length;
  if (!is_short) return rewrite_by_search(snapshot, worker, set_row, number);
  const NumberRule& rule = rules[rank];
  const bool fits = run_steps(elements(section.header, rule.steps), number);
  return {fits ? RewriteResult::rewritten : RewriteResult::unusable, set_row, rank,
          rule.hides_caller != 0};
}

contract::TrunkNumbers numbers_of(const contract::Snapshot& snapshot, contract::TrunkId trunk) {
  const RouteSection& section = *snapshot.routes;
  const auto trunks = elements(section.header, section.numbers.trunks);
  return index_of(trunk) < trunks.size() ? trunks[index_of(trunk)] : contract::TrunkNumbers{};
}

const contract::NumberRule& rule_of(const contract::Snapshot& snapshot, const Rewrite& rewrite) {
  const RouteSection& section = *snapshot.routes;
  const auto& set = elements(section.header, section.numbers.sets)[rewrite.set];
  return elements(section.header, set.rules)[rewrite.rule];
}

}  // namespace demarc::number
