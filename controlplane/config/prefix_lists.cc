#include "controlplane/config/prefix_lists.h"

#include <algorithm>
#include <map>
#include <set>

#include "controlplane/config/bound_value.h"
#include "controlplane/config/csv_file.h"
#include "controlplane/config/file.h"

namespace demarc::config {
namespace {

// A prefix of one of several routes.
struct Claim {
  std::string_view prefix;
  const Route* route = nullptr;
  uint32_t line = 0;  // of the list's file; 0: the route's own
};

using Routes = std::vector<const Route*>;

std::vector<Claim> claims_of(const Config& config, const Routes& routes) {
  std::vector<Claim> claims;
  for (const Route* route : routes) {
    const PrefixList* list = find_block(config.prefix_lists, route->prefixes);
    if (list == nullptr) {
      claims.push_back({route->prefix, route, 0});
      continue;
    }
    for (size_t i = 0; i < list->rows->size(); ++i) {
      claims.push_back({(*list->rows)[i], route, list->rows->line(i)});
    }
  }
  std::stable_sort(claims.begin(), claims.end(),
                   [](const Claim& a, const Claim& b) { return a.prefix < b.prefix; });
  return claims;
}

std::string written_at(const Config& config, const Claim& claim) {
  const PrefixList* list = find_block(config.prefix_lists, claim.route->prefixes);
  if (list != nullptr) return list->file + ":" + std::to_string(claim.line);
  return place_of(config.files, claim.route->origin.block.file, claim.route->origin.block.line);
}

// Leaves one of the routes that have one list, and tells of the others.
Routes with_lists_of_their_own(const Routes& routes, Problems& problems) {
  Routes kept;
  std::set<std::string_view> seen;
  for (const Route* route : routes) {
    if (route->prefixes.empty() || seen.insert(route->prefixes).second) {
      kept.push_back(route);
      continue;
    }
    problems.error(
        route->origin.of("prefixes"),
        "prefixes: another route has \"" + route->prefixes + "\", too, under the same conditions");
  }
  return kept;
}

void check_claims(const Config& config, const Routes& routes, Problems& problems) {
  const std::vector<Claim> claims = claims_of(config, routes);
  size_t found = 0;
  for (size_t i = 1; i < claims.size(); ++i) {
    const Claim& claim = claims[i];
    if (claim.prefix != claims[i - 1].prefix) continue;
    if (++found > numbers::max_mistakes) continue;
    const char* field = claim.line == 0 ? "prefix" : "prefixes";
    problems.error(claim.route->origin.of(field),
                   std::string(field) + ": \"" + std::string(claim.prefix) + "\" of " +
                       written_at(config, claim) + " is that of " +
                       written_at(config, claims[i - 1]) + ", too, under the same conditions");
  }
  if (found <= numbers::max_mistakes) return;
  problems.error(routes.front()->origin.block,
                 std::to_string(found - numbers::max_mistakes) +
                     " further prefixes are also those of other routes");
}

}  // namespace

PrefixList bind_prefix_list(const Block& block) {
  PrefixList list;
  list.name = block.name;
  list.file = string(block, "file");
  list.origin = block.origin;
  return list;
}

void read_prefix_files(Config& config, Problems& problems) {
  for (PrefixList& list : config.prefix_lists) {
    read_csv_file(list, problems,
                  [](std::string_view text) { return numbers::read_prefixes(text); });
    if (list.rows->size() != 0 || list.digest.empty()) continue;
    problems.warn(list.origin.of("file"), list.file + " has no prefixes: its routes match nothing");
  }
}

std::string conditions_of(const Route& route) {
  std::string key;
  const auto put = [&key](std::string_view part) { (key += part) += '\n'; };
  for (const std::string* part :
       {&route.from, &route.called, &route.calling, &route.calling_prefix, &route.time_zone}) {
    put(*part);
  }
  put(std::to_string(route.priority));
  for (const auto* list : {&route.usages, &route.except_called, &route.except_calling}) {
    for (const std::string& part : *list) put(part);
    put("");
  }
  for (const RouteHeader& header : route.headers) {
    put(header.name + (header.is_negated ? "!=" : "=") + header.pattern);
  }
  for (const contract::WeekSpan& span : route.hours) {
    put(std::to_string(span.begin) + "-" + std::to_string(span.end));
  }
  return key;
}

void check_listed_prefixes(const Config& config, Problems& problems) {
  if (config.prefix_lists.empty()) return;
  std::map<std::string, Routes> alike;
  for (const Route& route : config.routes) {
    const bool is_known =
        route.prefixes.empty() || find_block(config.prefix_lists, route.prefixes) != nullptr;
    const bool is_used = !route.from.empty() || !route.usages.empty();
    if (is_known && is_used) alike[conditions_of(route)].push_back(&route);
  }
  for (const auto& [conditions, routes] : alike) {
    // Those without lists were compared as routes.
    const bool has_list = std::any_of(routes.begin(), routes.end(),
                                      [](const Route* route) { return !route->prefixes.empty(); });
    if (!has_list || routes.size() == 1) continue;
    check_claims(config, with_lists_of_their_own(routes, problems), problems);
  }
}

}  // namespace demarc::config
