#include "controlplane/trunks/route_section.h"

#include <algorithm>
#include <map>

#include "controlplane/numbers/rule_sets.h"
#include "controlplane/numbers/shape.h"
#include "controlplane/trunks/caller_routes.h"
#include "controlplane/trunks/limits.h"
#include "dataplane/contract/section_builder.h"

namespace demarc::trunks {
namespace {

using contract::no_row;
using contract::RouteCondition;
using contract::RouteConfig;
using contract::RouteSection;
using contract::SectionBuilder;
using contract::TrunkId;
using contract::TrunkNumbers;

class RouteCompiler {
 public:
  RouteCompiler(const config::Config& config, IdMap& ids, uint32_t trunk_count,
                numbers::Databases& databases)
      : config_(config), ids_(ids), trunk_count_(trunk_count), sets_(builder_, databases) {}

  std::vector<std::byte> run(uint64_t revision) {
    builder_.section().revision = revision;
    compile_zones();
    compile_routes();
    compile_numbers();
    return builder_.finish();
  }

 private:
  TrunkId trunk_id(const std::string& name) {
    return TrunkId{static_cast<uint16_t>(ids_.trunks.take(name))};
  }

  // What the routes of one list are found by.
  struct Rules {
    std::vector<numbers::DigitTries::Item> items;
    std::vector<numbers::RuleSets::Ranked> called;
    std::vector<numbers::RuleSets::Ranked> conditions;
    std::map<std::string, uint32_t, std::less<>> condition_ids;
  };

  void compile_zones() {
    std::vector<contract::TimeZone> zones;
    for (const auto& [name, steps] : config_.zones) {
      zone_ids_[name] = static_cast<uint32_t>(zones.size());
      zones.push_back({builder_.text(name), builder_.array<contract::ZoneStep>(steps)});
    }
    builder_.section().zones = builder_.array<contract::TimeZone>(zones);
  }

  void compile_routes() {
    std::vector<contract::TrunkRoutes> by_trunk(trunk_count_);
    std::vector<contract::TrunkRouteRules> rules(trunk_count_);
    for (const CallerRoutes& list : caller_routes(config_)) {
      Rules parts;
      add_rows(list, parts);
      contract::TrunkRouteRules row;
      row.root = sets_.tries().add(std::move(parts.items));
      row.called_patterns = sets_.add_patterns(parts.called);
      row.condition_patterns = sets_.add_single_patterns(parts.conditions);
      row.is_used = list.is_ruled ? 1 : 0;
      for (const std::string& trunk : list.trunks) {
        const auto id = contract::index_of(trunk_id(trunk));
        if (list.is_ruled) rules[id] = row;
        if (!list.is_ruled) by_trunk[id].root = row.root;
      }
    }
    compile_prefix_limits(by_trunk);
    builder_.section().by_trunk = builder_.array<contract::TrunkRoutes>(by_trunk);
    builder_.section().rules = builder_.array<contract::TrunkRouteRules>(rules);
    builder_.section().routes = builder_.array<RouteConfig>(routes_);
  }

  void compile_prefix_limits(std::vector<contract::TrunkRoutes>& by_trunk) {
    std::map<uint32_t, std::vector<numbers::DigitTries::Item>> prefixes;
    std::vector<contract::PrefixLimit> rows;
    for (const config::PrefixLimit& limit : config_.prefix_limits) {
      contract::DigitEntry entry;
      entry.rank = ids_.limits.take(limit_name(limit));
      entry.longest = static_cast<uint8_t>(contract::max_number_length);
      prefixes[ids_.trunks.take(limit.trunk)].push_back({limit.prefix, entry});
      if (rows.size() <= entry.rank) rows.resize(entry.rank + 1);
      rows[entry.rank] = {builder_.text(limit.prefix), limit.calls, limit.rate, limit.burst, 0};
    }
    for (auto& [trunk, items] : prefixes) {
      by_trunk[trunk].limited = sets_.tries().add(std::move(items));
    }
    builder_.section().prefix_limits = builder_.array<contract::PrefixLimit>(rows);
  }

  void add_rows(const CallerRoutes& list, Rules& rules) {
    const auto begin = static_cast<uint32_t>(routes_.size());
    for (const PlacedRoute& placed : list.routes) {
      const auto rank = static_cast<uint32_t>(routes_.size());
      RouteConfig row = row_of(*placed.route, rank, rules);
      row.from = trunk_id(list.trunks.front());
      add_called(placed, list.is_ruled, rank, rules);
      routes_.push_back(row);
    }
    if (!list.is_ruled) return;
    // From behind: where the next usage begins.
    uint32_t next = no_row;
    for (size_t i = list.routes.size(); i-- != 0;) {
      const bool is_last = i + 1 == list.routes.size() ||
                           list.routes[i].is_front != list.routes[i + 1].is_front ||
                           list.routes[i].tier != list.routes[i + 1].tier;
      if (is_last)
        next = i + 1 == list.routes.size() ? no_row : begin + static_cast<uint32_t>(i + 1);
      routes_[begin + i].backup = next;
    }
  }

  RouteConfig row_of(const config::Route& route, uint32_t rank, Rules& rules) {
    RouteConfig row;
    add_targets(route, row);
    row.name = builder_.text(route.name);
    row.prefix = builder_.text(route.prefix);
    row.strip = route.strip;
    row.add = builder_.text(route.add);
    row.is_emergency = route.is_emergency ? 1 : 0;
    row.hides_caller = route.hides_caller ? 1 : 0;
    row.caller_id = builder_.text(route.hides_caller ? route.caller_id : "");
    row.condition = condition_of(route, rank, rules);
    row.line = route.origin.block.line;
    row.file = route.origin.block.file;
    return row;
  }

  void add_targets(const config::Route& route, RouteConfig& row) {
    std::vector<TrunkId> trunks;
    std::vector<uint16_t> weights = route.weights;
    std::vector<contract::RouteStage> stages;
    const bool has_group = std::any_of(
        route.to.begin(), route.to.end(),
        [this](const std::string& name) { return config::find_block(config_.groups, name); });
    for (const std::string& name : route.to) {
      const config::Group* group = config::find_block(config_.groups, name);
      const std::vector<std::string> members = config::trunks_of(config_, name);
      for (const std::string& trunk : members) trunks.push_back(trunk_id(trunk));
      if (!has_group) continue;
      const bool has_weights = group != nullptr && !group->weights.empty();
      for (size_t i = 0; i < members.size(); ++i) {
        weights.push_back(has_weights ? group->weights[i] : uint16_t{1});
      }
      stages.push_back({static_cast<uint8_t>(members.size()),
                        group == nullptr ? contract::HuntOrder::ordered : group->hunt});
    }
    row.to = trunks.front();
    row.then = builder_.array<TrunkId>(std::span(trunks).subspan(1));
    row.weights = builder_.array<uint16_t>(weights);
    row.hunt = route.hunt;
    row.stages = builder_.array<contract::RouteStage>(stages);
  }

  // The id of a pattern that conditions of this list ask for.
  static uint32_t condition_id(const std::string& pattern, uint32_t rank, Rules& rules) {
    const auto next = static_cast<uint32_t>(rules.conditions.size());
    const auto [found, is_new] = rules.condition_ids.emplace(pattern, next);
    if (is_new) rules.conditions.push_back({pattern, rank});
    return found->second;
  }

  RouteCondition condition_of(const config::Route& route, uint32_t rank, Rules& rules) {
    RouteCondition condition;
    condition.calling_prefix = builder_.text(route.calling_prefix);
    if (!route.calling.empty()) {
      condition.calling_pattern = condition_id(route.calling, rank, rules);
    }
    const auto ids_of = [&](const std::vector<std::string>& patterns) {
      std::vector<uint32_t> ids;
      for (const std::string& pattern : patterns) ids.push_back(condition_id(pattern, rank, rules));
      return builder_.array<uint32_t>(ids);
    };
    condition.called_exceptions = ids_of(route.except_called);
    condition.calling_exceptions = ids_of(route.except_calling);
    std::vector<contract::HeaderCondition> headers;
    for (const config::RouteHeader& header : route.headers) {
      contract::HeaderCondition& made = headers.emplace_back();
      made.name = builder_.text(header.name);
      made.is_negated = header.is_negated ? 1 : 0;
      if (!header.pattern.empty()) made.pattern = condition_id(header.pattern, rank, rules);
    }
    condition.headers = builder_.array<contract::HeaderCondition>(headers);
    condition.hours = builder_.array<contract::WeekSpan>(route.hours);
    if (!route.hours.empty()) condition.zone = zone_ids_.at(route.time_zone);
    return condition;
  }

  // What of the called number leads to the route: digits of a trie, or a pattern.
  static void add_called(const PlacedRoute& placed, bool is_ruled, uint32_t rank, Rules& rules) {
    const config::Route& route = *placed.route;
    contract::DigitEntry entry;
    entry.rank = rank;
    entry.longest = static_cast<uint8_t>(contract::max_number_length);
    if (route.called.empty()) {
      const auto length = static_cast<uint8_t>(placed.length);
      if (placed.is_front) entry.shortest = entry.longest = length;
      // Just its number has been looked for in front.
      const bool has_front = is_ruled && route.is_emergency && length != 0 && !placed.is_front;
      if (has_front) entry.shortest = static_cast<uint8_t>(length + 1);
      if (placed.listed == nullptr) rules.items.push_back({route.prefix, entry});
      if (placed.listed != nullptr) add_listed(placed, is_ruled, entry, rules);
      return;
    }
    const auto shape = numbers::shape_of(route.called);
    if (!shape) {
      rules.called.push_back({route.called, rank});
      return;
    }
    entry.shortest = shape->shortest;
    entry.longest = shape->longest;
    entry.wants_digits = shape->wants_digits ? 1 : 0;
    for (const std::string& prefix : shape->prefixes) rules.items.push_back({prefix, entry});
  }

  static void add_listed(const PlacedRoute& placed, bool is_ruled,
                         const contract::DigitEntry& entry, Rules& rules) {
    const numbers::PrefixRows& rows = *placed.listed;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (is_ruled && rows[i].size() != placed.length) continue;
      rules.items.push_back({std::string(rows[i]), entry});
    }
  }

  void compile_numbers() {
    for (const config::NumberTable& table : config_.tables) {
      if (table.rows != nullptr) sets_.add_table(table.name, *table.rows);
    }
    std::map<std::string, uint32_t, std::less<>> costs;
    for (const config::Costs& one : config_.costs) costs[one.name] = root_of(one);
    std::vector<TrunkNumbers> rows(trunk_count_);
    for (const config::Trunk& trunk : config_.trunks) {
      TrunkNumbers& row = rows[contract::index_of(trunk_id(trunk.name))];
      row.called_in = sets_.add(trunk.numbers.called_in);
      row.calling_in = sets_.add(trunk.numbers.calling_in);
      row.called_out = sets_.add(trunk.numbers.called_out);
      row.calling_out = sets_.add(trunk.numbers.calling_out);
      row.caller_names = sets_.add(trunk.numbers.caller_names);
      row.called_names = sets_.add(trunk.numbers.called_names);
      row.keeps_extension = trunk.numbers.keeps_extension ? 1 : 0;
      if (!trunk.costs.empty()) row.cost = costs.at(trunk.costs);
    }
    sets_.finish(builder_.section().numbers);
    builder_.section().numbers.trunks = builder_.array<TrunkNumbers>(rows);
  }

  uint32_t root_of(const config::Costs& costs) {
    std::vector<numbers::DigitTries::Item> items;
    if (costs.rows == nullptr) return no_row;
    items.reserve(costs.rows->size());
    for (const numbers::CostRow& row : *costs.rows) {
      contract::DigitEntry entry;
      entry.rank = row.millionths;
      entry.longest = static_cast<uint8_t>(contract::max_number_length);
      items.push_back({row.prefix, entry});
    }
    return sets_.tries().add(std::move(items));
  }

  const config::Config& config_;
  IdMap& ids_;
  uint32_t trunk_count_;
  SectionBuilder<RouteSection> builder_{contract::SectionKind::routes, 0};
  numbers::RuleSets sets_;
  std::map<std::string, uint32_t, std::less<>> zone_ids_;
  std::vector<RouteConfig> routes_;
};

}  // namespace

std::vector<std::byte> compile_route_section(const config::Config& config, IdMap& ids,
                                             uint32_t trunk_count, numbers::Databases* databases,
                                             uint64_t revision) {
  numbers::Databases none;
  return RouteCompiler(config, ids, trunk_count, databases == nullptr ? none : *databases)
      .run(revision);
}

}  // namespace demarc::trunks
