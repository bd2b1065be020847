#include "controlplane/trunks/trie.h"

namespace demarc::trunks {

using contract::TrieNode;

std::optional<unsigned> edge_of(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  if (digit == '*') return 10;
  if (digit == '#') return 11;
  if (digit == '+') return 12;
  return std::nullopt;
}

uint32_t TrieBuilder::add_root() {
  nodes_.push_back(TrieNode{});
  return static_cast<uint32_t>(nodes_.size() - 1);
}

void TrieBuilder::add(uint32_t root, std::string_view prefix, uint32_t route) {
  uint32_t at = root;
  for (const char digit : prefix) {
    const std::optional<unsigned> edge = edge_of(digit);
    DEMARC_CHECK(edge.has_value());
    if (nodes_[at].edges[*edge] == 0) {
      const uint32_t added = add_root();
      nodes_[at].edges[*edge] = added;
    }
    at = nodes_[at].edges[*edge];
  }
  if (nodes_[at].route == 0xffffffff) nodes_[at].route = route;
}

}  // namespace demarc::trunks
