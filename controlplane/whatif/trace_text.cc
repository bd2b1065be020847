#include <nlohmann/json.hpp>

#include "controlplane/whatif/trace_route.h"

namespace demarc::whatif {
namespace {

using json = nlohmann::ordered_json;

json rule_json(const RuleStep& step) {
  if (!step.is_matched) return nullptr;
  return {{"line", step.line},
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
  return line + result + " by the rule in line " + std::to_string(step.line) + ", " + step.pattern +
         "\n";
}

}  // namespace

std::string json_of(const Question& question, const Trace& trace) {
  json targets = json::array();
  for (const TargetStep& target : trace.targets) {
    targets.push_back({{"trunk", target.trunk},
                       {"address", text_or_null(target.address)},
                       {"called_rule", rule_json(target.called_rule)},
                       {"calling_rule", rule_json(target.calling_rule)},
                       {"called", text_or_null(target.called)},
                       {"calling", text_or_null(target.calling)}});
  }
  const json body = {{"called_in", text_or_null(trace.called_in)},
                     {"calling_in", text_or_null(trace.calling_in)},
                     {"called_rule", rule_json(trace.called_rule)},
                     {"calling_rule", rule_json(trace.calling_rule)},
                     {"unusable", trace.is_unusable},
                     {"route_line", trace.has_route ? json(trace.route_line) : json(nullptr)},
                     {"emergency", trace.is_emergency},
                     {"called", text_or_null(trace.called)},
                     {"targets", targets},
                     {"text", text_of(question, trace)}};
  return body.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string text_of(const Question& question, const Trace& trace) {
  if (!trace.mistake.empty()) return trace.mistake + "\n";
  std::string text = "from " + question.from + ":\n";
  text += rule_line("called", trace.called_rule, trace.called_in);
  text += rule_line("calling", trace.calling_rule, trace.calling_in);
  if (trace.is_unusable) return text + "refused: a rule made no number of the called one\n";
  if (!trace.has_route) return text + "refused with 404: no route\n";
  text += "route in line " + std::to_string(trace.route_line) + ": " + trace.called +
          (trace.is_emergency ? ", an emergency call\n" : "\n");
  if (trace.targets.empty()) return text + "refused with 503: no target is known\n";
  for (size_t i = 0; i < trace.targets.size(); ++i) {
    const TargetStep& target = trace.targets[i];
    text += std::to_string(i + 1) + ". " + target.trunk + " at " + target.address + ":\n";
    text += rule_line("called", target.called_rule, target.called);
    text += rule_line("calling", target.calling_rule, target.calling);
  }
  return text;
}

}  // namespace demarc::whatif
