// Builds the digit tries of the routes section, one per trunk, all in one array of nodes.
// An edge of 0 is no edge: node 0 is always a root, so no edge ever leads to it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "dataplane/contract/section.h"

namespace demarc::trunks {

// The edge for '0'..'9', '*', '#', '+'; nothing for another character.
std::optional<unsigned> edge_of(char digit);

class TrieBuilder {
 public:
  // The index of a new root.
  uint32_t add_root();
  // The longest prefix wins; of two equal ones the first. `prefix` holds digits of edge_of only.
  void add(uint32_t root, std::string_view prefix, uint32_t route);
  const std::vector<contract::TrieNode>& nodes() const { return nodes_; }

 private:
  std::vector<contract::TrieNode> nodes_;
};

}  // namespace demarc::trunks
