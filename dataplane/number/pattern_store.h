// PatternStore: the patterns of one routes section made ready to be run: databases deserialised,
// patterns compiled to machine code, scratch memory for each worker (decision D55).
//
// Built by the dataplane's loader and by the control plane's what-if, on a thread that may
// allocate. Immutable afterwards but for the scratch memory, which is each worker's own. Must
// outlive the workers' use of patterns(); the section may go before.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "dataplane/contract/section.h"
#include "dataplane/number/patterns.h"

namespace demarc::number {

class PatternStore {
 public:
  // nullptr when a pattern is none or there is no memory. Sets that `before` has, too, are taken
  // over from it; it may be nullptr.
  static std::shared_ptr<const PatternStore> build(const contract::RouteSection& section,
                                                   unsigned workers, const PatternStore* before);
  ~PatternStore();
  PatternStore(const PatternStore&) = delete;
  PatternStore& operator=(const PatternStore&) = delete;

  const Patterns& patterns() const { return patterns_; }
  // Sets that were compiled for this one and not taken over.
  unsigned compiled_count() const { return compiled_count_; }

 private:
  class Set;
  PatternStore() = default;
  bool add_set(const contract::RouteSection& section, const contract::PatternSet& row,
               const PatternStore* before);
  bool make_scratch(unsigned workers);

  std::map<uint64_t, std::shared_ptr<const Set>> by_key_;
  std::vector<CompiledPatterns> sets_;
  std::vector<PatternScratch> scratch_;
  unsigned compiled_count_ = 0;
  Patterns patterns_;
};

}  // namespace demarc::number
