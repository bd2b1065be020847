// Walks of a trie of digits: the first rule in order, or the longest prefix. Pure reads of a
// section that was checked; a walk ends with the number. Used by rewrite.h and by route/.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/number/digit_key.h"

namespace demarc::number {

struct Trie {
  std::span<const contract::DigitNode> nodes;
  std::span<const contract::DigitEntry> entries;
};

// What an entry's rank must fulfil beside its prefix and length. Lives as long as the call it is
// given to.
struct RankTest {
  bool (*holds)(const void* context, uint32_t rank) = nullptr;
  const void* context = nullptr;
};

// The lowest rank of the entries whose prefix `digits` begins with, whose length it has, and which
// the test takes; no_row when there is none. Each entry is looked at once.
uint32_t first_match(const Trie& trie, uint32_t root, std::string_view digits);
uint32_t first_match(const Trie& trie, uint32_t root, std::string_view digits, RankTest test);

// The rank of the longest prefix; of two of one length the lower rank. `length` becomes that of the
// prefix.
uint32_t longest_match(const Trie& trie, uint32_t root, std::string_view digits, unsigned& length);

}  // namespace demarc::number
