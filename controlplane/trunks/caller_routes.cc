#include "controlplane/trunks/caller_routes.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace demarc::trunks {
namespace {

// A trunk whose routes have more than prefixes has them in an order of their own.
bool has_rules(const config::Route& route) {
  return route.origin.fields.contains("priority") || !route.called.empty() ||
         !route.calling.empty() || !route.calling_prefix.empty() || !route.usages.empty() ||
         !route.except_called.empty() || !route.except_calling.empty() || !route.headers.empty() ||
         !route.hours.empty();
}

class Lists {
 public:
  explicit Lists(const config::Config& config) : config_(config) {}

  std::vector<CallerRoutes> run() {
    add_named();
    add_usages();
    std::vector<CallerRoutes> all;
    // By content, so that a thousand trunks of the same usages have one list.
    std::map<std::vector<std::tuple<const config::Route*, unsigned>>, size_t> known;
    for (const std::string& trunk : order_) {
      std::vector<PlacedRoute>& list = by_trunk_[trunk];
      std::vector<std::tuple<const config::Route*, unsigned>> key;
      key.reserve(list.size());
      for (const PlacedRoute& placed : list) key.emplace_back(placed.route, placed.tier);
      const auto [found, is_new] = known.emplace(std::move(key), all.size());
      if (is_new) all.push_back(arranged(std::move(list)));
      all[found->second].trunks.push_back(trunk);
    }
    return all;
  }

 private:
  std::vector<PlacedRoute>& list_of(const std::string& trunk) {
    const auto [found, is_new] = by_trunk_.try_emplace(trunk);
    if (is_new) order_.push_back(trunk);
    return found->second;
  }

  PlacedRoute placed(const config::Route& route, unsigned tier) const {
    const config::PrefixList* list = config::find_block(config_.prefix_lists, route.prefixes);
    return {&route, tier, false, list == nullptr ? nullptr : list->rows.get(), route.prefix.size()};
  }

  void add_named() {
    for (const config::Route& route : config_.routes) {
      if (route.from.empty()) continue;
      for (const std::string& trunk : config::trunks_of(config_, route.from)) {
        list_of(trunk).push_back(placed(route, 0));
      }
    }
  }

  void add_usages() {
    std::map<std::string, std::vector<const config::Route*>, std::less<>> serving;
    for (const config::Route& route : config_.routes) {
      for (const std::string& usage : route.usages) serving[usage].push_back(&route);
    }
    for (const config::Trunk& trunk : config_.trunks) {
      std::set<const config::Route*> taken;
      unsigned tier = 0;
      for (const std::string& usage : trunk.usages) {
        ++tier;
        const auto found = serving.find(usage);
        if (found == serving.end()) continue;
        for (const config::Route* route : found->second) {
          if (taken.insert(route).second) list_of(trunk.name).push_back(placed(*route, tier));
        }
      }
    }
  }

  static CallerRoutes arranged(std::vector<PlacedRoute> list) {
    CallerRoutes made;
    made.is_ruled = std::any_of(list.begin(), list.end(), [](const PlacedRoute& placed) {
      return placed.tier != 0 || has_rules(*placed.route);
    });
    if (!made.is_ruled) {
      made.routes = std::move(list);
      return made;
    }
    for (const PlacedRoute& placed : list) add_each_length(placed, made.routes);
    std::stable_sort(made.routes.begin(), made.routes.end(), is_before);
    return made;
  }

  // An emergency number goes before all else; a longer number that begins with it does not.
  static void add(const PlacedRoute& placed, std::vector<PlacedRoute>& routes) {
    const config::Route& route = *placed.route;
    const bool has_number = placed.length != 0 || !route.called.empty();
    if (route.is_emergency && has_number) {
      routes.push_back(placed);
      routes.back().is_front = true;
    }
    if (!route.is_emergency || route.called.empty()) routes.push_back(placed);
  }

  static void add_each_length(PlacedRoute placed, std::vector<PlacedRoute>& routes) {
    if (placed.listed == nullptr) return add(placed, routes);
    for (size_t length = 1; length <= contract::max_number_length; ++length) {
      if (!placed.listed->has_length(length)) continue;
      placed.length = length;
      add(placed, routes);
    }
  }

  static bool is_before(const PlacedRoute& a, const PlacedRoute& b) {
    if (a.is_front != b.is_front) return a.is_front;
    if (a.tier != b.tier) return a.tier < b.tier;
    if (a.route->priority != b.route->priority) return a.route->priority < b.route->priority;
    return a.length > b.length;
  }

  const config::Config& config_;
  std::map<std::string, std::vector<PlacedRoute>> by_trunk_;
  std::vector<std::string> order_;  // of trunks, as the file has their first routes
};

}  // namespace

std::vector<CallerRoutes> caller_routes(const config::Config& config) {
  return Lists(config).run();
}

size_t listed_prefixes(const std::vector<CallerRoutes>& lists) {
  size_t count = 0;
  for (const CallerRoutes& list : lists) {
    std::set<std::pair<const config::Route*, bool>> seen;  // each length of a list is a row
    for (const PlacedRoute& placed : list.routes) {
      if (placed.listed == nullptr) continue;
      if (seen.emplace(placed.route, placed.is_front).second) count += placed.listed->size();
    }
  }
  return count;
}

}  // namespace demarc::trunks
