#include "controlplane/config/bind_routes.h"

#include "controlplane/config/bound_value.h"
#include "controlplane/config/route_text.h"

namespace demarc::config {
namespace {

std::vector<uint16_t> weights_of(const Block& block) {
  std::vector<uint16_t> weights;
  for (const int64_t weight : block.get<std::vector<int64_t>>("weights")) {
    weights.push_back(static_cast<uint16_t>(weight));
  }
  return weights;
}

// Calls read(text) for each element; what it throws is a mistake there.
template <class Read>
void each(const Block& block, const std::string& field, Problems& problems, Read read) {
  size_t index = 0;
  for (const std::string& text : block.get<std::vector<std::string>>(field)) {
    try {
      read(text);
    } catch (const ValueError& mistake) {
      problems.error(block.origin.of(field, index), field + ": " + mistake.what());
    }
    ++index;
  }
}

}  // namespace

Costs bind_costs(const Block& block) {
  Costs costs;
  costs.name = block.name;
  costs.file = string(block, "file");
  costs.origin = block.origin;
  return costs;
}

Group bind_group(const Block& block) {
  Group group;
  group.name = block.name;
  group.trunks = block.get<std::vector<std::string>>("trunks");
  group.hunt = choice<contract::HuntOrder>(block, "hunt");
  group.weights = weights_of(block);
  group.max_calls = number<uint32_t>(block, "max_calls");
  group.calls_in = number<uint32_t>(block, "max_calls_in");
  group.calls_out = number<uint32_t>(block, "max_calls_out");
  group.rate = number<uint32_t>(block, "calls_per_second");
  group.rate_in = number<uint32_t>(block, "calls_per_second_in");
  group.rate_out = number<uint32_t>(block, "calls_per_second_out");
  group.kbps = number<uint32_t>(block, "bandwidth_kbps");
  group.burst = number<uint32_t>(block, "call_burst");
  group.origin = block.origin;
  return group;
}

PrefixLimit bind_prefix_limit(const Block& block) {
  PrefixLimit limit;
  limit.trunk = string(block, "trunk");
  limit.prefix = string(block, "prefix");
  limit.calls = number<uint32_t>(block, "max_calls");
  limit.rate = number<uint32_t>(block, "calls_per_second");
  limit.burst = number<uint32_t>(block, "call_burst");
  limit.origin = block.origin;
  return limit;
}

Route bind_route(const Block& block, Problems& problems) {
  Route route;
  route.name = string(block, "name");
  route.from = string(block, "from");
  route.usages = block.get<std::vector<std::string>>("usages");
  route.to = block.get<std::vector<std::string>>("to");
  route.prefix = string(block, "prefix");
  route.prefixes = string(block, "prefixes");
  route.strip = number<uint16_t>(block, "strip");
  route.add = string(block, "add");
  route.priority = number<uint16_t>(block, "priority");
  route.called = string(block, "called");
  route.calling = string(block, "calling");
  route.calling_prefix = string(block, "calling_prefix");
  route.except_called = block.get<std::vector<std::string>>("except_called");
  route.except_calling = block.get<std::vector<std::string>>("except_calling");
  each(block, "headers", problems,
       [&route](const std::string& text) { route.headers.push_back(parse_route_header(text)); });
  each(block, "hours", problems,
       [&route](const std::string& text) { parse_hours(text, route.hours); });
  route.hours = merged(route.hours);
  if (route.hours.size() > contract::max_route_hours) {
    problems.error(
        block.origin.of("hours"),
        "hours: more than " + std::to_string(contract::max_route_hours) + " spans in a week");
  }
  route.time_zone = string(block, "time_zone");
  route.hunt = choice<contract::HuntOrder>(block, "hunt");
  route.weights = weights_of(block);
  route.is_emergency = block.get<bool>("emergency");
  route.hides_caller = block.get<bool>("suppress_caller_id");
  route.caller_id = string(block, "alternate_caller_id");
  route.origin = block.origin;
  return route;
}

}  // namespace demarc::config
