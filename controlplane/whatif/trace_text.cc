#include <nlohmann/json.hpp>

#include "controlplane/records/record_json.h"
#include "controlplane/whatif/trace_route.h"

namespace demarc::whatif {
namespace {

using json = nlohmann::ordered_json;

json rule_json(const RuleStep& step) {
  if (!step.is_matched) return nullptr;
  return {{"line", step.line},
          {"place", step.place},
          {"pattern", step.pattern},
          {"result", step.result.empty() ? json(nullptr) : json(step.result)},
          {"hides_caller", step.hides_caller}};
}

json text_or_null(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

// "  called number: line 12, ^0 -> ...: 02079460018\n"
std::string rule_line(const char* what, const RuleStep& step, const std::string& unchanged) {
  std::string line = std::string("  ") + what + ": ";
  if (!step.is_matched) return line + (unchanged.empty() ? "unknown" : unchanged) + "\n";
  const std::string result = step.hides_caller     ? "anonymous"
                             : step.result.empty() ? "no number, so it can not be used"
                                                   : step.result;
  return line + result + " by the rule in " + step.place + ", " + step.pattern + "\n";
}

std::string route_line(const RouteStep& route) {
  std::string by = route.place;
  if (!route.name.empty()) by += ", " + route.name;
  if (!route.listed.empty()) by += ", prefix " + route.listed + " of " + route.listed_place;
  return "route in " + by + ": " + route.called +
         (route.is_emergency ? ", an emergency call\n" : "\n");
}

// "acme is draining"
std::string text_of(const ClosedTrunk& trunk) {
  return trunk.name + " is " + std::string(config::spelling(trunk.state));
}

json json_of(const ClosedTrunk& trunk) {
  return {{"trunk", trunk.name}, {"state", config::spelling(trunk.state)}};
}

// The limit as the configuration has it.
std::string_view field_of(contract::LimitMet met) {
  using enum contract::LimitMet;
  switch (met) {
    case none:
      return {};
    case trunk_calls_in:
    case trunk_calls_out:
      return "max_calls";
    case calls_in:
      return "max_calls_in";
    case calls_out:
      return "max_calls_out";
    case rate_in:
      return "calls_per_second_in";
    case rate_out:
      return "calls_per_second_out";
    case bandwidth_in:
    case bandwidth_out:
      return "bandwidth_kbps";
    case prefix_in:
    case prefix_out:
      return "max_calls of the prefix limit ";
    case prefix_rate_in:
    case prefix_rate_out:
      return "calls_per_second of the prefix limit ";
    case group_in:
    case group_out:
      return "max_calls of a group";
    case group_one_way_in:
      return "max_calls_in of a group";
    case group_one_way_out:
      return "max_calls_out of a group";
    case group_rate_in:
    case group_rate_out:
      return "calls_per_second of a group";
    case group_one_way_rate_in:
      return "calls_per_second_in of a group";
    case group_one_way_rate_out:
      return "calls_per_second_out of a group";
    case group_bandwidth_in:
    case group_bandwidth_out:
      return "bandwidth_kbps of a group";
  }
  return "a limit";
}

// "max_calls_out of acme is met"
std::string text_of(const LimitStep& limit) {
  return std::string(field_of(limit.met)) + limit.prefix + " of " + limit.trunk + " is met";
}

json json_of(const LimitStep& limit) {
  if (!limit.is_met()) return nullptr;
  return {{"name", records::spelling(limit.met)},
          {"trunk", limit.trunk},
          {"prefix", text_or_null(limit.prefix)},
          {"text", text_of(limit)}};
}

std::string_view spelling(contract::TargetHealth health) {
  if (health == contract::TargetHealth::up) return "up";
  return health == contract::TargetHealth::down ? "down" : "unknown";
}

std::string text_of(const Nowhere& nowhere, bool has_box) {
  const std::string begin = "passed over: ";
  if (nowhere.is_registrar) {
    return has_box ? begin + "nobody is registered with " + nowhere.trunk + "\n"
                   : begin + "who is registered with " + nowhere.trunk + " is not known\n";
  }
  return begin + "no address of " + nowhere.trunk + " is known\n";
}

// "tried", "skipped" or, where no box says so, unknown.
json fate_of(const TargetStep& target, const Trace& trace) {
  const bool is_refused = trace.refused.has_value();
  if (is_refused || target.called.empty() || target.limit.is_met()) return "skipped";
  return trace.has_box ? json("tried") : json(nullptr);
}

// "1. acme at 192.0.2.1:5060, up:\n"
std::string target_line(size_t number, const TargetStep& target, bool has_box) {
  std::string line = std::to_string(number) + ". " + target.trunk + " at " + target.address;
  if (!target.registered_user.empty()) line += ", registered by " + target.registered_user;
  if (target.has_registration) line += ", which holds our registration";
  if (has_box)
    line += target.health == contract::TargetHealth::unknown
                ? std::string(", of unknown health")
                : ", " + std::string(spelling(target.health));
  return line + ":\n";
}

std::string fate_line(const TargetStep& target, bool has_box) {
  if (target.limit.is_met()) return "  skipped: " + text_of(target.limit) + "\n";
  if (target.called.empty()) return "  skipped: it has no number for it\n";
  return has_box ? "  tried\n" : "";
}

json json_of(const std::optional<Refused>& refused) {
  if (!refused) return nullptr;
  return {{"status", refused->status_code},
          {"retry_after_s",
           refused->retry_after_s == 0 ? json(nullptr) : json(refused->retry_after_s)}};
}

// "refused with 503"
std::string refused_with(const Refused& refused) {
  std::string text = "refused with " + std::to_string(refused.status_code);
  if (refused.retry_after_s != 0) {
    text += ", Retry-After: " + std::to_string(refused.retry_after_s) + ",";
  }
  return text;
}

// What ends the text: what the caller gets, and what is not known.
std::string end_of(const Trace& trace) {
  if (trace.caller_limit.is_met()) {
    return refused_with(trace.refused.value_or(Refused{503})) + " " + "as " +
           text_of(trace.caller_limit) + "\n";
  }
  if (trace.refused) return refused_with(*trace.refused) + " as no target is tried\n";
  if (trace.has_box) return {};
  return "limits and health are not known: no dataplane was asked\n";
}

}  // namespace

std::string json_of(const Question& question, const Trace& trace) {
  json targets = json::array();
  for (const TargetStep& target : trace.targets) {
    targets.push_back({{"route_line", trace.routes[target.route].line},
                       {"route_place", trace.routes[target.route].place},
                       {"trunk", target.trunk},
                       {"address", text_or_null(target.address)},
                       {"called_rule", rule_json(target.called_rule)},
                       {"calling_rule", rule_json(target.calling_rule)},
                       {"called_name_rule", rule_json(target.called_name)},
                       {"caller_name_rule", rule_json(target.caller_name)},
                       {"called", text_or_null(target.called)},
                       {"calling", text_or_null(target.calling)},
                       {"health", trace.has_box ? json(spelling(target.health)) : json(nullptr)},
                       {"registered_user", text_or_null(target.registered_user)},
                       {"has_registration", target.has_registration},
                       {"fate", fate_of(target, trace)},
                       {"limit", json_of(target.limit)}});
  }
  json routes = json::array();
  for (const RouteStep& route : trace.routes) {
    routes.push_back({{"line", route.line},
                      {"place", route.place},
                      {"name", text_or_null(route.name)},
                      {"listed_prefix", text_or_null(route.listed)},
                      {"listed_place", text_or_null(route.listed_place)},
                      {"emergency", route.is_emergency},
                      {"called", text_or_null(route.called)}});
  }
  json passed_over = json::array();
  for (const ClosedTrunk& trunk : trace.passed_over) passed_over.push_back(json_of(trunk));
  json nowhere = json::array();
  for (const Nowhere& one : trace.nowhere) {
    nowhere.push_back({{"trunk", one.trunk}, {"registrar", one.is_registrar}});
  }
  const RouteStep first = trace.has_route() ? trace.routes.front() : RouteStep{};
  const json body = {
      {"called_in", text_or_null(trace.called_in)},
      {"calling_in", text_or_null(trace.calling_in)},
      {"called_rule", rule_json(trace.called_rule)},
      {"calling_rule", rule_json(trace.calling_rule)},
      {"unusable", trace.is_unusable},
      {"route_line", trace.has_route() ? json(first.line) : json(nullptr)},
      {"route_place", text_or_null(first.place)},
      {"route_name", text_or_null(first.name)},
      {"emergency", first.is_emergency},
      {"called", text_or_null(first.called)},
      {"routes", routes},
      {"closed_caller", trace.closed_caller ? json_of(*trace.closed_caller) : json(nullptr)},
      {"passed_over", passed_over},
      {"nowhere", nowhere},
      {"box_known", trace.has_box},
      {"draining", trace.is_draining},
      {"caller_limit", json_of(trace.caller_limit)},
      {"targets", targets},
      {"refused", json_of(trace.refused)},
      {"text", text_of(question, trace)}};
  return body.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string text_of(const Question& question, const Trace& trace) {
  if (!trace.mistake.empty()) return trace.mistake + "\n";
  std::string text = "from " + question.from + ":\n";
  if (trace.closed_caller)
    return text + "refused with 503: " + text_of(*trace.closed_caller) + "\n";
  if (trace.is_draining) return text + "refused with 503: the dataplane takes no new calls\n";
  text += rule_line("called", trace.called_rule, trace.called_in);
  text += rule_line("calling", trace.calling_rule, trace.calling_in);
  if (trace.is_unusable)
    return text + "refused with 404: a rule made no number of the called one\n";
  if (!trace.has_route()) return text + "refused with 404: no route\n";
  for (const ClosedTrunk& trunk : trace.passed_over) {
    text += "passed over: " + text_of(trunk) + "\n";
  }
  for (const Nowhere& one : trace.nowhere) text += text_of(one, trace.has_box);
  if (trace.targets.empty()) {
    text += route_line(trace.routes.front());
    if (trace.caller_limit.is_met()) return text + end_of(trace);
    return text + "refused with 503: no target is known\n";
  }
  size_t route = trace.routes.size();
  for (size_t i = 0; i < trace.targets.size(); ++i) {
    const TargetStep& target = trace.targets[i];
    if (route != target.route) text += route_line(trace.routes[target.route]);
    route = target.route;
    text += target_line(i + 1, target, trace.has_box);
    text += rule_line("called", target.called_rule, target.called);
    text += rule_line("calling", target.calling_rule, target.calling);
    if (target.called_name.is_matched) text += rule_line("called name", target.called_name, {});
    if (target.caller_name.is_matched) text += rule_line("caller's name", target.caller_name, {});
    text += fate_line(target, trace.has_box);
  }
  return text + end_of(trace);
}

}  // namespace demarc::whatif
