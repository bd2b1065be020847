// Builds tries of digits with compressed paths, many roots in one array of nodes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dataplane/contract/number_rules.h"

namespace demarc::numbers {

class DigitTries {
 public:
  struct Item {
    std::string path;            // of 0-9, '*', '#', '+'
    contract::DigitEntry entry;  // `is_last` is filled in
  };
  // The root of a trie of these; no_row when there are none. Items of one path are sorted by rank.
  uint32_t add(std::vector<Item> items);

  const std::vector<contract::DigitNode>& nodes() const { return nodes_; }
  const std::vector<contract::DigitEntry>& entries() const { return entries_; }

 private:
  struct Range {
    size_t begin;
    size_t end;
  };
  // Of the 1000 that a wide node has: fewer are not worth the memory.
  static constexpr size_t least_wide_children = 250;

  void fill(uint32_t node, const std::vector<Item>& items, Range range, size_t depth);
  static bool is_dense(const std::vector<Item>& items, Range range, size_t depth);
  static uint32_t wide_index(const std::string& path, size_t depth);
  static std::vector<Range> groups_of(const std::vector<Item>& items, Range range, size_t depth,
                                      size_t step);
  void add_entries(const std::vector<Item>& items, Range range, contract::DigitNode& node);

  std::vector<contract::DigitNode> nodes_;
  std::vector<contract::DigitEntry> entries_;
};

}  // namespace demarc::numbers
