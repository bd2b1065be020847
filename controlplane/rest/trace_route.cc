#include "controlplane/whatif/trace_route.h"

#include <algorithm>
#include <map>
#include <memory>

#include "controlplane/rest/handlers.h"
#include "controlplane/runtime/wall_clock.h"

namespace demarc::rest {
namespace {

std::string value_of(const Request& request, std::string_view name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

// "header=A: b%0AC: d": a query has each name once.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace

std::vector<whatif::Bound> bound_of(const Sources& sources) {
  std::vector<whatif::Bound> bound;
  for (const registrar::BindingView& row : sources.bindings()) {
    if (row.state != registrar::State::bound) continue;
    bound.push_back({row.trunk, row.target, registrar::priority_of(row.q), row.user});
  }
  return bound;
}

namespace {

std::map<std::string, contract::Endpoint> registered_at(const Sources& sources) {
  std::map<std::string, contract::Endpoint> targets;
  for (const upkeep::RegistrationState& row : sources.upkeep().registrations) {
    if (row.registered_at.port != 0) targets[row.trunk] = row.registered_at;
  }
  return targets;
}

// Of the dataplane's clock.
contract::Instant now_of(const contract::Region& region) {
  const int64_t offset = region.header().wall_offset_ns.load(std::memory_order_relaxed);
  return {runtime::now_unix_ns() - static_cast<uint64_t>(offset)};
}

}  // namespace

Response answer_trace(const Request& request, const Sources& sources, const Tracer& tracer) {
  const std::shared_ptr<const link::Attachment> attachment = sources.attachment();
  const ConfigState state = sources.config();
  whatif::Question question{value_of(request, "from"),
                            value_of(request, "called"),
                            value_of(request, "calling"),
                            lines_of(value_of(request, "header")),
                            0,
                            bound_of(sources)};
  whatif::Box box;
  if (attachment != nullptr) {
    const contract::Region& region = attachment->region();
    box = {&region, state.config.get(), &state.ids, now_of(region), registered_at(sources)};
    question.box = &box;
  }
  const whatif::Trace trace = tracer(state, question);
  if (!trace.mistake.empty()) return problem(400, trace.mistake, request.path);
  Response response;
  response.body = whatif::json_of(question, trace);
  return response;
}

Response get_trace_route(const Request& request, const Sources& sources) {
  return answer_trace(request, sources,
                      [&](const ConfigState& state, const whatif::Question& question) {
                        return sources.snapshot->trace(state.config, question);
                      });
}

}  // namespace demarc::rest
