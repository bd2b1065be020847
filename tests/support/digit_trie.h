// DigitTrieRows: prefixes of routes as the trie that workers walk, a node for each digit. What the
// control plane builds is the same with compressed paths (controlplane/numbers/digit_trie.h).
// Included by tests that make a routes section by hand.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dataplane/contract/section_builder.h"

namespace demarc::support {

class DigitTrieRows {
 public:
  // The root of a trie of these: the index of a route for each prefix.
  uint32_t add(const std::map<std::string, uint32_t>& routes) {
    const auto root = static_cast<uint32_t>(nodes_.size());
    nodes_.emplace_back();
    fill(root, routes, "");
    return root;
  }

  void finish(contract::SectionBuilder<contract::RouteSection>& builder) const {
    builder.section().numbers.nodes = builder.array<contract::DigitNode>(nodes_);
  }

 private:
  void fill(uint32_t node, const std::map<std::string, uint32_t>& routes, const std::string& path) {
    constexpr char symbols[] = "0123456789*+#";
    if (const auto route = routes.find(path); route != routes.end()) {
      nodes_[node].rank = route->second;
      nodes_[node].shortest = 0;
      nodes_[node].longest = static_cast<uint8_t>(contract::max_number_length);
    }
    std::vector<std::string> below;
    for (unsigned symbol = 0; symbol < contract::digit_symbols; ++symbol) {
      const std::string longer = path + std::string(1, symbols[symbol]);
      const auto next = routes.lower_bound(longer);
      if (next == routes.end() || !next->first.starts_with(longer)) continue;
      nodes_[node].marks = static_cast<uint16_t>(nodes_[node].marks | 1u << symbol);
      below.push_back(longer);
    }
    const auto children = static_cast<uint32_t>(nodes_.size());
    if (!below.empty()) nodes_[node].children = children;
    nodes_.resize(nodes_.size() + below.size());
    for (size_t i = 0; i < below.size(); ++i) {
      fill(children + static_cast<uint32_t>(i), routes, below[i]);
    }
  }

  std::vector<contract::DigitNode> nodes_;
};

}  // namespace demarc::support
