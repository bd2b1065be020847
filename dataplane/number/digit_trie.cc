#include "dataplane/number/digit_trie.h"

#include <algorithm>
#include <bit>

namespace demarc::number {
namespace {

using contract::DigitEntry;
using contract::DigitNode;
using contract::no_row;

// Of the next three symbols, if all are 0 to 9: which child of a wide node they lead to.
bool read_wide(uint64_t ahead, uint32_t& child) {
  const auto first = static_cast<uint32_t>(ahead & 15);
  const auto second = static_cast<uint32_t>(ahead >> 4 & 15);
  const auto third = static_cast<uint32_t>(ahead >> 8 & 15);
  child = 100 * first + 10 * second + third;
  return first <= 9 && second <= 9 && third <= 9;
}

template <class Visit>
void visit_entries(const Trie& trie, const DigitNode& node, const DigitKey& key, Visit visit) {
  for (const DigitEntry* entry = &trie.entries[node.rank];; ++entry) {
    const bool fits = key.length() >= entry->shortest && key.length() <= entry->longest &&
                      (entry->wants_digits == 0 || key.is_plain());
    if (fits) visit(entry->rank, key.dropped());
    if (entry->is_last != 0) return;
  }
}

// Calls visit(rank, prefix_length) for each entry on the way whose length and rest fit.
template <class Visit>
void walk(const Trie& trie, uint32_t root, std::string_view digits, Visit visit) {
  if (digits.size() > contract::max_number_length) return;
  DigitKey key(digits);
  const DigitNode* const nodes = trie.nodes.data();
  for (uint32_t index = root;;) {
    const DigitNode& node = nodes[index];
    if (const unsigned skipped = node.skip & 15; skipped != 0) {
      const uint64_t differs = (key.ahead() ^ node.skip >> 4) & ((uint64_t{1} << 4 * skipped) - 1);
      if (differs != 0 || key.left() < skipped) return;
      key.drop(skipped);
    }
    if (key.length() >= node.shortest && key.length() <= node.longest) {
      if ((node.marks & contract::node_wants_digits) == 0 || key.is_plain()) {
        visit(node.rank, key.dropped());
      }
    } else if ((node.marks & contract::node_has_entries) != 0) {
      visit_entries(trie, node, key, visit);
    }
    if ((node.marks & contract::node_is_wide) != 0) {
      uint32_t child = 0;
      if (key.left() < contract::wide_digits || !read_wide(key.ahead(), child)) return;
      index = node.children + child;
      key.drop(contract::wide_digits);
      continue;
    }
    if (key.left() == 0) return;
    const unsigned edges = node.marks & contract::node_edges;
    const unsigned symbol = key.ahead() & 15;
    if ((edges >> symbol & 1) == 0) return;
    index = node.children + static_cast<uint32_t>(std::popcount(edges & ((1u << symbol) - 1)));
    key.drop(1);
  }
}

}  // namespace

uint32_t first_match(const Trie& trie, uint32_t root, std::string_view digits) {
  uint32_t found = no_row;
  if (root == no_row) return found;
  walk(trie, root, digits, [&](uint32_t rank, unsigned) { found = std::min(found, rank); });
  return found;
}

uint32_t first_match(const Trie& trie, uint32_t root, std::string_view digits, RankTest test) {
  uint32_t found = no_row;
  if (root == no_row) return found;
  walk(trie, root, digits, [&](uint32_t rank, unsigned) {
    if (rank < found && test.holds(test.context, rank)) found = rank;
  });
  return found;
}

uint32_t longest_match(const Trie& trie, uint32_t root, std::string_view digits, unsigned& length) {
  uint32_t found = no_row;
  if (root == no_row) return found;
  walk(trie, root, digits, [&](uint32_t rank, unsigned at) {
    if (found != no_row && at == length && rank > found) return;
    found = rank;
    length = at;
  });
  return found;
}

}  // namespace demarc::number
