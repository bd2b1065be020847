#include "dataplane/number/digit_trie.h"

#include <array>
#include <bit>

#include "sip-parser/base/ascii.h"

namespace demarc::number {
namespace {

using contract::DigitEntry;
using contract::DigitNode;
using contract::no_row;

constexpr std::array<uint8_t, 256> make_symbols() {
  std::array<uint8_t, 256> symbols = {};
  for (auto& symbol : symbols) symbol = contract::digit_symbols;
  for (uint8_t digit = 0; digit < 10; ++digit) symbols['0' + digit] = digit;
  symbols['*'] = 10;
  symbols['#'] = 11;
  symbols['+'] = 12;
  return symbols;
}
constexpr std::array<uint8_t, 256> symbols = make_symbols();

// From where on there is nothing but 0 to 9.
size_t plain_from(std::string_view digits) {
  size_t at = digits.size();
  while (at != 0 && ascii::is_digit(digits[at - 1])) --at;
  return at;
}

// Calls visit(entry, prefix_length) for each entry on the way whose length and rest fit.
template <class Visit>
void walk(const Trie& trie, uint32_t root, std::string_view digits, Visit visit) {
  const size_t plain = plain_from(digits);
  size_t at = 0;
  for (uint32_t index = root;;) {
    const DigitNode& node = trie.nodes[index];
    uint32_t skip = node.skip;
    for (unsigned i = 0; i < node.skip_count; ++i, skip >>= 4, ++at) {
      if (at == digits.size() || symbol_of(digits[at]) != (skip & 15)) return;
    }
    if (node.entries != no_row) {
      for (const DigitEntry* entry = &trie.entries[node.entries];; ++entry) {
        const bool fits = digits.size() >= entry->shortest && digits.size() <= entry->longest &&
                          (entry->wants_digits == 0 || plain <= at);
        if (fits) visit(*entry, static_cast<unsigned>(at));
        if (entry->is_last != 0) break;
      }
    }
    if (at == digits.size()) return;
    const unsigned symbol = symbol_of(digits[at++]);
    const unsigned bit = 1u << symbol;
    if (symbol == contract::digit_symbols || (node.edges & bit) == 0) return;
    index = node.children + static_cast<uint32_t>(std::popcount(node.edges & (bit - 1)));
  }
}

}  // namespace

unsigned symbol_of(char octet) {
  return symbols[static_cast<unsigned char>(octet)];
}

uint32_t first_match(const Trie& trie, uint32_t root, std::string_view digits, RankTest test) {
  uint32_t found = no_row;
  if (root == no_row) return found;
  walk(trie, root, digits, [&](const DigitEntry& entry, unsigned) {
    if (entry.rank >= found) return;
    if (test.holds == nullptr || test.holds(test.context, entry.rank)) found = entry.rank;
  });
  return found;
}

uint32_t longest_match(const Trie& trie, uint32_t root, std::string_view digits, unsigned& length) {
  uint32_t found = no_row;
  if (root == no_row) return found;
  walk(trie, root, digits, [&](const DigitEntry& entry, unsigned at) {
    if (found != no_row && at == length && entry.rank > found) return;
    found = entry.rank;
    length = at;
  });
  return found;
}

}  // namespace demarc::number
