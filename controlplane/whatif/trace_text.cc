#include <nlohmann/json.hpp>

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
  return "route in " + route.place + (route.name.empty() ? std::string() : ", " + route.name) +
         ": " + route.called + (route.is_emergency ? ", an emergency call\n" : "\n");
}

// "acme is draining"
std::string text_of(const ClosedTrunk& trunk) {
  return trunk.name + " is " + std::string(config::spelling(trunk.state));
}

json json_of(const ClosedTrunk& trunk) {
  return {{"trunk", trunk.name}, {"state", config::spelling(trunk.state)}};
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
                       {"called", text_or_null(target.called)},
                       {"calling", text_or_null(target.calling)}});
  }
  json routes = json::array();
  for (const RouteStep& route : trace.routes) {
    routes.push_back({{"line", route.line},
                      {"place", route.place},
                      {"name", text_or_null(route.name)},
                      {"emergency", route.is_emergency},
                      {"called", text_or_null(route.called)}});
  }
  json passed_over = json::array();
  for (const ClosedTrunk& trunk : trace.passed_over) passed_over.push_back(json_of(trunk));
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
      {"targets", targets},
      {"text", text_of(question, trace)}};
  return body.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string text_of(const Question& question, const Trace& trace) {
  if (!trace.mistake.empty()) return trace.mistake + "\n";
  std::string text = "from " + question.from + ":\n";
  if (trace.closed_caller)
    return text + "refused with 503: " + text_of(*trace.closed_caller) + "\n";
  text += rule_line("called", trace.called_rule, trace.called_in);
  text += rule_line("calling", trace.calling_rule, trace.calling_in);
  if (trace.is_unusable) return text + "refused: a rule made no number of the called one\n";
  if (!trace.has_route()) return text + "refused with 404: no route\n";
  for (const ClosedTrunk& trunk : trace.passed_over) {
    text += "passed over: " + text_of(trunk) + "\n";
  }
  if (trace.targets.empty()) {
    return text + route_line(trace.routes.front()) + "refused with 503: no target is known\n";
  }
  size_t route = trace.routes.size();
  for (size_t i = 0; i < trace.targets.size(); ++i) {
    const TargetStep& target = trace.targets[i];
    if (route != target.route) text += route_line(trace.routes[target.route]);
    route = target.route;
    text += std::to_string(i + 1) + ". " + target.trunk + " at " + target.address + ":\n";
    text += rule_line("called", target.called_rule, target.called);
    text += rule_line("calling", target.calling_rule, target.calling);
  }
  return text;
}

}  // namespace demarc::whatif
