// Databases: Hyperscan's compiler, and what it made before. 10,000 patterns take seconds, so a set
// of patterns that did not change is not compiled again.
//
// Owned by whoever compiles configurations; one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace demarc::numbers {

// A hash of patterns in their order.
uint64_t key_of(const std::vector<std::string>& patterns);

class Databases {
 public:
  struct Database {
    uint64_t key = 0;               // of the patterns
    std::vector<uint8_t> octets;    // serialised; empty when none of the patterns could be taken
    std::vector<bool> is_left_out;  // by pattern: it is a candidate in any case
  };
  // One for good patterns, in their order, which gives their ids.
  std::shared_ptr<const Database> of(const std::vector<std::string>& patterns);
  // Forgets those that were not asked for since the last call of it.
  void forget_unused();
  unsigned compiled_count() const { return compiled_count_; }

 private:
  struct Kept {
    std::shared_ptr<const Database> database;
    bool is_used = true;
  };
  std::map<std::vector<std::string>, Kept> kept_;
  unsigned compiled_count_ = 0;
};

}  // namespace demarc::numbers
