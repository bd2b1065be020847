#include "dataplane/contract/checker.h"

namespace demarc::contract {
namespace {

void check_stages(Checker& checker, const RouteConfig& route) {
  const auto stages = checker.array(route.stages);
  unsigned trunks = 0;
  for (const RouteStage& stage : stages) {
    checker.require(stage.trunk_count != 0 && stage.order <= HuntOrder::shuffled,
                    SectionError::bad_value);
    trunks += stage.trunk_count;
  }
  checker.require(stages.empty() || trunks == route.then.count + 1, SectionError::bad_value);
}

// Ids of patterns are looked at where they are used, since they are of the set of each trunk that
// has the route.
void check_condition(Checker& checker, const RouteCondition& condition, uint64_t zone_count) {
  checker.text(condition.calling_prefix);
  checker.require(checker.array(condition.called_exceptions).size() <= max_route_exceptions &&
                      checker.array(condition.calling_exceptions).size() <= max_route_exceptions,
                  SectionError::bad_value);
  const auto headers = checker.array(condition.headers);
  checker.require(headers.size() <= max_header_conditions, SectionError::bad_value);
  for (const HeaderCondition& header : headers) {
    checker.require(!checker.text(header.name).empty() && header.is_negated <= 1,
                    SectionError::bad_value);
  }
  const auto hours = checker.array(condition.hours);
  checker.require(hours.size() <= max_route_hours, SectionError::bad_value);
  for (const WeekSpan& span : hours) {
    checker.require(span.begin < span.end && span.end <= minutes_per_week, SectionError::bad_value);
  }
  if (!hours.empty()) checker.reference(condition.zone, zone_count);
}

void check_route(Checker& checker, const RouteConfig& route, const RouteSection& section,
                 const SectionBounds& bounds) {
  checker.reference(index_of(route.from), bounds.trunks);
  checker.reference(index_of(route.to), bounds.trunks);
  for (const Text where : {route.prefix, route.add, route.caller_id, route.name}) {
    checker.text(where);
  }
  const auto then = checker.array(route.then);
  checker.require(then.size() <= max_next_trunks, SectionError::bad_value);
  for (const TrunkId trunk : then) checker.reference(index_of(trunk), bounds.trunks);
  const auto weights = checker.array(route.weights);
  checker.require(weights.empty() || weights.size() == then.size() + 1, SectionError::bad_value);
  checker.require(route.hunt <= HuntOrder::shuffled, SectionError::bad_value);
  if (route.backup != no_row) checker.reference(route.backup, section.routes.count);
  check_stages(checker, route);
  check_condition(checker, route.condition, section.zones.count);
}

void check_zone(Checker& checker, const TimeZone& zone) {
  constexpr int32_t day_s = 24 * 3600;
  checker.text(zone.name);
  const auto steps = checker.array(zone.steps);
  checker.require(!steps.empty() && steps.size() <= max_zone_steps, SectionError::bad_value);
  for (size_t i = 0; i < steps.size(); ++i) {
    checker.require(steps[i].offset_s > -day_s && steps[i].offset_s < day_s,
                    SectionError::bad_value);
    checker.require(i == 0 || steps[i - 1].from_unix_s < steps[i].from_unix_s,
                    SectionError::out_of_order);
  }
}

void check_rules(Checker& checker, const RouteSection& section, uint32_t trunk_count) {
  const auto rules = checker.array(section.rules);
  checker.require(rules.empty() || rules.size() == trunk_count, SectionError::bad_reference);
  for (const TrunkRouteRules& trunk : rules) {
    if (trunk.root != no_row) checker.reference(trunk.root, section.numbers.nodes.count);
    for (const uint32_t set : {trunk.called_patterns, trunk.condition_patterns}) {
      if (set != no_row) checker.reference(set, section.numbers.pattern_sets.count);
    }
  }
}

}  // namespace

void check_routes(Checker& checker, const SectionBounds& bounds) {
  const auto* section = checker.as<RouteSection>();
  if (section == nullptr) return;
  const auto routes = checker.array(section->routes);
  checker.require(section->by_trunk.count == bounds.trunks, SectionError::bad_reference);
  for (const TrunkRoutes& trunk : checker.array(section->by_trunk)) {
    for (const uint32_t root : {trunk.root, trunk.limited}) {
      if (root != no_row) checker.reference(root, section->numbers.nodes.count);
    }
  }
  checker.require(section->prefix_limits.count <= bounds.limit_capacity,
                  SectionError::bad_reference);
  for (const PrefixLimit& limit : checker.array(section->prefix_limits)) {
    checker.text(limit.prefix);
    checker.require(limit.burst >= 1, SectionError::bad_value);
  }
  for (const RouteConfig& route : routes) check_route(checker, route, *section, bounds);
  for (const TimeZone& zone : checker.array(section->zones)) check_zone(checker, zone);
  check_rules(checker, *section, bounds.trunks);
  check_numbers(checker, section->numbers, bounds.trunks);
}

}  // namespace demarc::contract
