// Patterns: the regular expressions of a snapshot, ready to be run (decision D55). Hyperscan says
// which of a set may match, PCRE2 with its compiler decides and captures.
//
// Built by pattern_store.h on a thread that may allocate; a worker runs them in scratch memory of
// its own, which comes with them, so nothing is allocated while they run. Bounded: a match that
// takes more than max_match_steps counts as none.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/contract/number_rules.h"

struct hs_database;
struct hs_scratch;
struct pcre2_real_code_8;
struct pcre2_real_match_data_8;
struct pcre2_real_match_context_8;

namespace demarc::number {

inline constexpr uint32_t max_match_steps = 20000;

// One set: its codes by id, and the database that chooses among them.
struct CompiledPatterns {
  const hs_database* database = nullptr;  // nullptr: each pattern is a candidate
  std::span<pcre2_real_code_8* const> codes;
  std::span<const uint32_t> always;  // ids that the database does not have, ascending
};

// What one worker runs them in. Not shared.
struct PatternScratch {
  hs_scratch* scan = nullptr;
  pcre2_real_match_data_8* match = nullptr;
  pcre2_real_match_context_8* limits = nullptr;
};

// Where a pattern matched, as octets of the text that it was tried with. 0 is the whole match.
struct Captures {
  struct Range {
    uint16_t begin = 0;
    uint16_t end = 0;
  };
  std::array<Range, 1 + contract::max_captures> ranges = {};
};

class Patterns {
 public:
  Patterns() = default;
  Patterns(std::span<const CompiledPatterns> sets, std::span<const PatternScratch> scratch)
      : sets_(sets), scratch_(scratch) {}

  // The lowest id of the set from `first` to before `end` whose pattern `text` has; no_row when
  // there is none. `worker` says whose scratch memory it is.
  uint32_t find(uint32_t set, unsigned worker, std::string_view text, uint32_t first, uint32_t end,
                Captures& captures) const;
  // Whether that one pattern is in `text`.
  bool matches(uint32_t set, unsigned worker, uint32_t id, std::string_view text,
               Captures& captures) const;

 private:
  std::span<const CompiledPatterns> sets_;
  std::span<const PatternScratch> scratch_;
};

}  // namespace demarc::number
