// Rows of the routes section about routes that are chosen by more than the longest called prefix.
//
// Routes of such a trunk stand in their order: by priority, then by the length of the called
// prefix, then as in the file; a route's index is its rank, and the first one that matches counts.
#pragma once

#include <cstdint>

#include "dataplane/contract/number_rules.h"

namespace demarc::contract {

// How the trunks of one route follow each other.
enum class HuntOrder : uint8_t {
  ordered,      // as they are written
  round_robin,  // each call begins with the next one
  weighted,     // the first one by chance, in the proportion of their weights
  least_busy,   // by calls in progress for each unit of weight
};
inline constexpr unsigned hunt_order_count = 4;

// What a call must be beside its called number. Nothing is asked where a field is empty.
struct RouteCondition {
  Text calling_prefix;
  uint32_t calling_pattern = no_row;  // its id in the trunk's calling patterns
  uint32_t reserved = 0;
};

// The routes of one trunk, where they are of this kind: then its root in the plain trie is none.
struct TrunkRouteRules {
  uint32_t root = no_row;              // of called prefixes; ranks are indexes of routes
  uint32_t called_patterns = no_row;   // a PatternSet; its ranks are indexes of routes
  uint32_t calling_patterns = no_row;  // a PatternSet
  uint8_t is_used = 0;
  uint8_t reserved[3] = {};
};

}  // namespace demarc::contract
