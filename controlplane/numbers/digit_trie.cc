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
  unsigned skipped = 0;
  while (skipped < contract::max_skip && depth < first.size() && depth < last.size() &&
         first[depth] == last[depth]) {
    made.skip |= static_cast<uint32_t>(first[depth]) << (4 * ++skipped);
    ++depth;
  }
  made.skip |= skipped;
  size_t here = range.begin;
  while (here != range.end && items[here].path.size() == depth) ++here;
  add_entries(items, {range.begin, here}, made);
  range.begin = here;
  const bool is_wide = is_dense(items, range, depth);
  const size_t step = is_wide ? contract::wide_digits : 1;
  const std::vector<Range> groups = groups_of(items, range, depth, step);
  if (!groups.empty()) made.children = static_cast<uint32_t>(nodes_.size());
  nodes_.resize(nodes_.size() + (is_wide ? contract::wide_children : groups.size()));
  uint32_t child = made.children;
  for (const Range& group : groups) {
    const std::string& path = items[group.begin].path;
    if (is_wide) {
      child = made.children + wide_index(path, depth);
    } else {
      made.marks = static_cast<uint16_t>(made.marks | 1u << static_cast<unsigned>(path[depth]));
    }
    fill(child++, items, group, depth + step);
  }
  if (is_wide) made.marks |= contract::node_is_wide;
  nodes_[node] = made;
}

// Whether a wide node would have enough of its children, and hide no shorter prefix.
bool DigitTries::is_dense(const std::vector<Item>& items, Range range, size_t depth) {
  if (range.end - range.begin < least_wide_children) return false;
  const bool are_long = std::all_of(
      items.begin() + static_cast<std::ptrdiff_t>(range.begin),
      items.begin() + static_cast<std::ptrdiff_t>(range.end), [depth](const Item& item) {
        const std::string_view next = std::string_view(item.path).substr(depth);
        return next.size() >= contract::wide_digits && next[0] <= 9 && next[1] <= 9 && next[2] <= 9;
      });
  return are_long &&
         groups_of(items, range, depth, contract::wide_digits).size() >= least_wide_children;
}

uint32_t DigitTries::wide_index(const std::string& path, size_t depth) {
  uint32_t index = 0;
  for (size_t i = 0; i < contract::wide_digits; ++i) {
    index = 10 * index + static_cast<uint32_t>(path[depth + i]);
  }
  return index;
}

// Those whose next `step` symbols are the same.
std::vector<DigitTries::Range> DigitTries::groups_of(const std::vector<Item>& items, Range range,
                                                     size_t depth, size_t step) {
  std::vector<Range> groups;
  for (size_t at = range.begin; at != range.end;) {
    const size_t begin = at;
    const std::string_view next = std::string_view(items[at].path).substr(depth, step);
    while (at != range.end && std::string_view(items[at].path).substr(depth, step) == next) ++at;
    groups.push_back({begin, at});
  }
  return groups;
}

void DigitTries::add_entries(const std::vector<Item>& items, Range range, DigitNode& node) {
  if (range.begin == range.end) return;
  const contract::DigitEntry& first = items[range.begin].entry;
  if (range.end - range.begin == 1 && first.shortest <= first.longest) {
    node.rank = first.rank;
    node.shortest = first.shortest;
    node.longest = first.longest;
    if (first.wants_digits != 0) node.marks |= contract::node_wants_digits;
    return;
  }
  node.marks |= contract::node_has_entries;
  node.rank = static_cast<uint32_t>(entries_.size());
  for (size_t i = range.begin; i != range.end; ++i) {
    entries_.push_back(items[i].entry);
    entries_.back().is_last = i + 1 == range.end ? 1 : 0;
  }
}

}  // namespace demarc::numbers
