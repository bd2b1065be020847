// Which routes the calls of each trunk may take, and in which order: its own ones and those of its
// groups, then those that serve its usages, one usage after the other. Used by route_section.cc.
#pragma once

#include <string>
#include <vector>

#include "controlplane/config/model.h"

namespace demarc::trunks {

// A route in the list of a trunk.
struct PlacedRoute {
  const config::Route* route = nullptr;
  unsigned tier = 0;      // 0: by name; from 1: by the trunk's usage of that place
  bool is_front = false;  // before all others: of an emergency, for just its number
  // Of a route with a list: its rows. In a ruled list it stands once for each length of prefix,
  // since among equals the longer one goes first, and is then for the rows of that length alone.
  const numbers::PrefixRows* listed = nullptr;
  size_t length = 0;  // of the called prefix
  friend bool operator==(const PlacedRoute&, const PlacedRoute&) = default;
};

// Trunks whose calls have the same routes.
struct CallerRoutes {
  std::vector<std::string> trunks;
  // In the order of ranks where `is_ruled`; else in that of the file, and the longest prefix
  // counts.
  std::vector<PlacedRoute> routes;
  bool is_ruled = false;
};

// `config` is a good one and must outlive what is made of it. In the order of the file.
std::vector<CallerRoutes> caller_routes(const config::Config& config);

// Prefixes of lists in the tries of all callers; a list is in the trie of each whose routes differ.
inline constexpr size_t max_listed_prefixes = 16'000'000;
size_t listed_prefixes(const std::vector<CallerRoutes>& lists);

}  // namespace demarc::trunks
