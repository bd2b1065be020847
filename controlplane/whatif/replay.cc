#include "controlplane/whatif/replay.h"

#include <nlohmann/json.hpp>

namespace demarc::whatif {

std::string outcome_of(const Trace& trace) {
  if (!trace.mistake.empty()) return "refused: " + trace.mistake;
  if (trace.is_unusable) return "refused: a rule made no number of the called one";
  if (!trace.has_route()) return "refused: no route";
  std::string text;
  for (const TargetStep& target : trace.targets) {
    text += (text.empty() ? "" : "; ") + target.trunk + " at " + target.address + " as " +
            (target.called.empty() ? "no number" : target.called) + " from " +
            (target.calling.empty() ? "unknown" : target.calling);
    if (trace.routes[target.route].is_emergency) text += " (emergency)";
  }
  return text.empty() ? "refused: no target is known" : text;
}

Replay replay(const Snapshot& before, const Snapshot& after, const records::History& history,
              const std::vector<Bound>& bound) {
  Replay all;
  all.left_out = history.left_out;
  all.misses_headers = before.has_header_routes() || after.has_header_routes();
  for (const records::PastCall& call : history.calls) {
    const Question question{call.from, call.called, call.calling, {}, call.started_unix_s, bound};
    ++all.call_count;
    ChangedCall changed{call, outcome_of(before.trace(question)),
                        outcome_of(after.trace(question))};
    if (changed.before == changed.after) continue;
    ++all.changed_count;
    if (all.changed.size() < max_listed_changes) all.changed.push_back(std::move(changed));
  }
  return all;
}

std::string json_of(const Replay& replay) {
  using json = nlohmann::ordered_json;
  json changed = json::array();
  for (const ChangedCall& one : replay.changed) {
    changed.push_back({{"record", one.call.id},
                       {"started", one.call.started},
                       {"from", one.call.from},
                       {"called", one.call.called},
                       {"calling", one.call.calling},
                       {"end", one.call.end},
                       {"status", one.call.status_code},
                       {"before", one.before},
                       {"after", one.after}});
  }
  const json body = {{"calls", replay.call_count},
                     {"changed", replay.changed_count},
                     {"left_out", replay.left_out},
                     {"misses_headers", replay.misses_headers},
                     {"changes", changed}};
  return body.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace demarc::whatif
