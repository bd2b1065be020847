#include "dataplane/number/rewrite.h"

#include <algorithm>
#include <cstring>

#include "dataplane/number/digit_trie.h"
#include "dataplane/number/patterns.h"
#include "sip-parser/base/ascii.h"

namespace demarc::number {
namespace {

using contract::no_row;
using contract::NumberRule;
using contract::NumberRuleKind;
using contract::NumberRuleSet;
using contract::NumberTable;
using contract::PatternRow;
using contract::RouteSection;

// What is written so far of a number that may become too long.
struct Output {
  std::array<char, contract::max_number_length> octets;
  size_t length = 0;
  bool is_full = false;

  void put(std::string_view piece) {
    if (length + piece.size() > octets.size()) {
      is_full = true;
      return;
    }
    std::memcpy(octets.data() + length, piece.data(), piece.size());
    length += piece.size();
  }
  std::string_view view() const { return {octets.data(), length}; }
};

// A rule of the set that matched, and what it captured.
struct Found {
  uint32_t rank = no_row;
  Captures captures;
  // Of a table: the row's value, and how many digits it replaces.
  uint32_t value = no_row;
  unsigned value_digits = 0;
};

Captures shaped_captures(const RouteSection& section, const NumberRule& rule, size_t length) {
  Captures captures;
  const auto place = [length](uint8_t at) {
    const size_t distance = at & ~contract::from_end;
    if ((at & contract::from_end) == 0) return static_cast<uint16_t>(std::min(distance, length));
    return static_cast<uint16_t>(length - std::min(distance, length));
  };
  const auto spans = elements(section.header, rule.captures);
  for (size_t i = 0; i < spans.size() && i < captures.ranges.size(); ++i) {
    captures.ranges[i] = {place(spans[i].begin), place(spans[i].end)};
  }
  return captures;
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
    find_table();
    find_pattern();
    return found_;
  }

 private:
  // Of the trie: the shaped rules, and the patterns that begin with digits of the number.
  void find_shaped() {
    struct Stemmed {
      const Search& search;
      Captures& captures;
    };
    Captures captures;
    const Stemmed stemmed{*this, captures};
    const RankTest test{[](const void* context, uint32_t rank) {
                          const auto& tried = *static_cast<const Stemmed*>(context);
                          return tried.search.holds(rank, tried.captures);
                        },
                        &stemmed};
    const bool has_stemmed = set_.stemmed != no_row && patterns_ != nullptr;
    const uint32_t rank =
        first_match(trie_, set_.root, number_.digits(), has_stemmed ? test : RankTest{});
    if (rank >= rules_.size()) return;
    found_.rank = rank;
    // The last test that held was that of the lowest rank.
    found_.captures = rules_[rank].kind == NumberRuleKind::stemmed
                          ? captures
                          : shaped_captures(section_, rules_[rank], number_.digit_length);
  }

  bool holds(uint32_t rank, Captures& captures) const {
    if (rank >= rules_.size()) return false;
    const NumberRule& rule = rules_[rank];
    if (rule.kind != NumberRuleKind::stemmed) return true;
    const std::string_view text = rule.sees_parameters != 0 ? number_.view() : number_.digits();
    return patterns_->matches(set_.stemmed, worker_, rule.pattern_row, text, captures);
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
    if (set_.patterns == no_row || patterns_ == nullptr) return;
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
};

// "$1" and so on, "$0", "$$".
void substitute(std::string_view replacement, std::string_view matched, const Captures& captures,
                Output& output) {
  while (!replacement.empty()) {
    const size_t dollar = replacement.find('$');
    if (dollar == std::string_view::npos || dollar + 1 == replacement.size()) {
      return output.put(replacement);
    }
    output.put(replacement.substr(0, dollar));
    const char named = replacement[dollar + 1];
    replacement.remove_prefix(dollar + 2);
    if (!ascii::is_digit(named)) {
      output.put({&named, 1});
      continue;
    }
    const auto& range = captures.ranges[static_cast<unsigned>(named - '0')];
    if (range.end <= matched.size() && range.begin <= range.end) {
      output.put(matched.substr(range.begin, static_cast<size_t>(range.end - range.begin)));
    }
  }
}

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

}  // namespace

Rewrite rewrite(const contract::Snapshot& snapshot, unsigned worker, uint32_t set_row,
                Number& number) {
  const RouteSection& section = *snapshot.routes;
  const auto sets = elements(section.header, section.numbers.sets);
  if (set_row >= sets.size() || number.length == 0) return {};
  const NumberRuleSet& set = sets[set_row];
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
    const Captures::Range whole = found.captures.ranges[0];
    output.put(matched.substr(0, whole.begin));
    substitute(text(section.header, rule.replacement), matched, found.captures, output);
    output.put(matched.substr(whole.end));
  }
  if (!take(output, number, sees_parameters, number)) result.result = RewriteResult::unusable;
  return result;
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
