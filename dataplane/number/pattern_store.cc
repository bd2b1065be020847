#define PCRE2_CODE_UNIT_WIDTH 8
#include "dataplane/number/pattern_store.h"

#include <hs/hs_runtime.h>
#include <pcre2.h>

namespace demarc::number {

using contract::PatternRow;
using contract::PatternSet;
using contract::RouteSection;

// What is made of one PatternSet; shared by the snapshots that have it.
class PatternStore::Set {
 public:
  Set() = default;
  ~Set() {
    for (pcre2_code* code : codes_) pcre2_code_free(code);
    static_cast<void>(hs_free_database(database_));
  }
  Set(const Set&) = delete;
  Set& operator=(const Set&) = delete;

  bool build(const RouteSection& section, const PatternSet& row) {
    const auto octets = elements(section.header, row.database);
    if (!octets.empty() && hs_deserialize_database(reinterpret_cast<const char*>(octets.data()),
                                                   octets.size(), &database_) != HS_SUCCESS) {
      return false;
    }
    uint32_t id = 0;
    for (const PatternRow& pattern : elements(section.header, row.patterns)) {
      if (!add_code(text(section.header, pattern.text))) return false;
      if (database_ == nullptr || pattern.is_always_candidate != 0) always_.push_back(id);
      ++id;
    }
    return true;
  }
  CompiledPatterns view() const { return {database_, codes_, always_}; }
  const hs_database* database() const { return database_; }

 private:
  bool add_code(std::string_view pattern) {
    int error = 0;
    PCRE2_SIZE at = 0;
    pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                     0, &error, &at, nullptr);
    if (code == nullptr) return false;
    codes_.push_back(code);
    // Interpreted, a match would allocate.
    size_t octets = 0;
    return pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0 &&
           pcre2_pattern_info(code, PCRE2_INFO_JITSIZE, &octets) == 0 && octets != 0;
  }

  hs_database* database_ = nullptr;
  std::vector<pcre2_code*> codes_;
  std::vector<uint32_t> always_;
};

std::shared_ptr<const PatternStore> PatternStore::build(const RouteSection& section,
                                                        unsigned workers,
                                                        const PatternStore* before) {
  const std::shared_ptr<PatternStore> store(new PatternStore);
  for (const PatternSet& row : elements(section.header, section.numbers.pattern_sets)) {
    if (!store->add_set(section, row, before)) return nullptr;
  }
  if (!store->make_scratch(workers)) return nullptr;
  store->patterns_ = Patterns(store->sets_, store->scratch_);
  return store;
}

bool PatternStore::add_set(const RouteSection& section, const PatternSet& row,
                           const PatternStore* before) {
  std::shared_ptr<const Set>& set = by_key_[row.key];
  if (set == nullptr && before != nullptr) {
    const auto found = before->by_key_.find(row.key);
    if (found != before->by_key_.end()) set = found->second;
  }
  if (set == nullptr) {
    const auto made = std::make_shared<Set>();
    if (!made->build(section, row)) return false;
    set = made;
    ++compiled_count_;
  }
  sets_.push_back(set->view());
  // Two sets with one key would be a mistake of the sender; ids are looked at all the same.
  return sets_.back().codes.size() == row.patterns.count;
}

bool PatternStore::make_scratch(unsigned workers) {
  hs_scratch* first = nullptr;
  for (const auto& [key, set] : by_key_) {
    if (set->database() == nullptr) continue;
    if (hs_alloc_scratch(set->database(), &first) != HS_SUCCESS) return false;
  }
  for (unsigned worker = 0; worker < workers; ++worker) {
    PatternScratch& scratch = scratch_.emplace_back();
    if (worker == 0) {
      scratch.scan = first;
    } else if (first != nullptr && hs_clone_scratch(first, &scratch.scan) != HS_SUCCESS) {
      return false;
    }
    scratch.match = pcre2_match_data_create(1 + contract::max_captures, nullptr);
    scratch.limits = pcre2_match_context_create(nullptr);
    if (scratch.match == nullptr || scratch.limits == nullptr) return false;
    pcre2_set_match_limit(scratch.limits, max_match_steps);
  }
  return true;
}

PatternStore::~PatternStore() {
  for (const PatternScratch& scratch : scratch_) {
    static_cast<void>(hs_free_scratch(scratch.scan));
    pcre2_match_data_free(scratch.match);
    pcre2_match_context_free(scratch.limits);
  }
}

}  // namespace demarc::number
