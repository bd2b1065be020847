#define PCRE2_CODE_UNIT_WIDTH 8
#include "dataplane/number/patterns.h"

#include <hs/hs_runtime.h>
#include <pcre2.h>

#include <algorithm>

namespace demarc::number {
namespace {

using contract::no_row;

// The lowest ids that a scan found, in order. When more were found than there is room for, the
// highest ones are forgotten and looked for again behind those that are kept.
struct Candidates {
  static constexpr unsigned capacity = 32;
  std::array<uint32_t, capacity> ids;
  unsigned count = 0;
  bool has_more = false;
  uint32_t first = 0;
  uint32_t end = 0;

  void add(uint32_t id) {
    if (id < first || id >= end) return;
    unsigned at = count;
    while (at != 0 && ids[at - 1] > id) --at;
    if (at != 0 && ids[at - 1] == id) return;
    if (count == capacity) {
      has_more = true;
      if (at == capacity) return;
      --count;
    }
    for (unsigned i = count; i > at; --i) ids[i] = ids[i - 1];
    ids[at] = id;
    ++count;
  }
};

// 0 goes on with the scan: which ids are lowest is known at its end only.
int on_match(unsigned id, unsigned long long, unsigned long long, unsigned, void* context) {
  static_cast<Candidates*>(context)->add(id);
  return 0;
}

// The lowest ones; they are in order.
void add_always(std::span<const uint32_t> always, Candidates& found) {
  const auto* const begin = always.data();
  const auto* const end = begin + always.size();
  const auto* id = std::lower_bound(begin, end, found.first);
  for (; id != end && *id < found.end; ++id) {
    if (found.count == Candidates::capacity) {
      found.has_more = true;
      return;
    }
    found.add(*id);
  }
}

bool run(const PatternScratch& scratch, const pcre2_code* code, std::string_view text,
         Captures& captures) {
  if (code == nullptr) return false;
  // All codes are compiled (pattern_store.cc), so the checks of pcre2_match() are not needed.
  const int count = pcre2_jit_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0,
                                    0, scratch.match, scratch.limits);
  if (count < 0) return false;
  const PCRE2_SIZE* const offsets = pcre2_get_ovector_pointer(scratch.match);
  captures = {};
  // 0: more groups than there is room for, which the control plane refuses.
  const unsigned known =
      std::min<unsigned>(static_cast<unsigned>(count), 1 + contract::max_captures);
  for (unsigned i = 0; i < known; ++i) {
    if (offsets[2 * i] == PCRE2_UNSET || offsets[2 * i] > offsets[2 * i + 1]) continue;
    captures.ranges[i] = {static_cast<uint16_t>(offsets[2 * i]),
                          static_cast<uint16_t>(offsets[2 * i + 1])};
  }
  return true;
}

}  // namespace

uint32_t Patterns::find(uint32_t set, unsigned worker, std::string_view text, uint32_t first,
                        uint32_t end, Captures& captures) const {
  if (set >= sets_.size() || worker >= scratch_.size()) return no_row;
  const CompiledPatterns& patterns = sets_[set];
  const PatternScratch& scratch = scratch_[worker];
  end = std::min(end, static_cast<uint32_t>(patterns.codes.size()));
  while (first < end) {
    Candidates found;
    found.first = first;
    found.end = end;
    add_always(patterns.always, found);
    if (patterns.database != nullptr) {
      static_cast<void>(hs_scan(patterns.database, text.data(), static_cast<unsigned>(text.size()),
                                0, scratch.scan, on_match, &found));
    }
    for (unsigned i = 0; i < found.count; ++i) {
      if (run(scratch, patterns.codes[found.ids[i]], text, captures)) return found.ids[i];
    }
    if (!found.has_more) return no_row;
    first = found.ids[found.count - 1] + 1;
  }
  return no_row;
}

bool Patterns::matches(uint32_t set, unsigned worker, uint32_t id, std::string_view text,
                       Captures& captures) const {
  if (set >= sets_.size() || worker >= scratch_.size()) return false;
  if (id >= sets_[set].codes.size()) return false;
  return run(scratch_[worker], sets_[set].codes[id], text, captures);
}

}  // namespace demarc::number
