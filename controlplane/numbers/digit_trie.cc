#include "controlplane/numbers/digit_trie.h"

#include <algorithm>

#include "dataplane/number/digit_trie.h"
#include "sip-parser/base/check.h"

namespace demarc::numbers {

using contract::DigitNode;
using contract::no_row;

uint32_t DigitTries::add(std::vector<Item> items) {
  if (items.empty()) return no_row;
  for (Item& item : items) {
    for (char& symbol : item.path) {
      symbol = static_cast<char>(number::symbol_of(symbol));
      DEMARC_CHECK(symbol < static_cast<char>(contract::digit_symbols));
    }
  }
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    const int order = a.path.compare(b.path);
    return order != 0 ? order < 0 : a.entry.rank < b.entry.rank;
  });
  const auto root = static_cast<uint32_t>(nodes_.size());
  nodes_.emplace_back();
  fill(root, items, {0, items.size()}, 0);
  return root;
}

// The items of the range have their first `depth` symbols in common, which led to the node.
void DigitTries::fill(uint32_t node, const std::vector<Item>& items, Range range, size_t depth) {
  const std::string& first = items[range.begin].path;
  const std::string& last = items[range.end - 1].path;
  DigitNode made;
  while (made.skip_count < contract::max_skip && depth < first.size() && depth < last.size() &&
         first[depth] == last[depth]) {
    made.skip |= static_cast<uint32_t>(first[depth]) << (4 * made.skip_count++);
    ++depth;
  }
  size_t here = range.begin;
  while (here != range.end && items[here].path.size() == depth) ++here;
  if (here != range.begin) made.entries = add_entries(items, {range.begin, here});
  std::vector<Range> groups;
  for (size_t at = here; at != range.end;) {
    const size_t begin = at;
    const char symbol = items[at].path[depth];
    while (at != range.end && items[at].path[depth] == symbol) ++at;
    groups.push_back({begin, at});
    made.edges = static_cast<uint16_t>(made.edges | 1u << static_cast<unsigned>(symbol));
  }
  made.children = static_cast<uint32_t>(nodes_.size());
  if (groups.empty()) made.children = 0;
  nodes_[node] = made;
  nodes_.resize(nodes_.size() + groups.size());
  for (size_t i = 0; i < groups.size(); ++i) {
    fill(made.children + static_cast<uint32_t>(i), items, groups[i], depth + 1);
  }
}

uint32_t DigitTries::add_entries(const std::vector<Item>& items, Range range) {
  const auto begin = static_cast<uint32_t>(entries_.size());
  for (size_t i = range.begin; i != range.end; ++i) {
    entries_.push_back(items[i].entry);
    entries_.back().is_last = i + 1 == range.end ? 1 : 0;
  }
  return begin;
}

}  // namespace demarc::numbers
