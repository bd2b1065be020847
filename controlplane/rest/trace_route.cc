#include "controlplane/whatif/trace_route.h"

#include <algorithm>

#include "controlplane/rest/handlers.h"

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
    bound.push_back({row.trunk, row.target, registrar::priority_of(row.q)});
  }
  return bound;
}

Response get_trace_route(const Request& request, const Sources& sources) {
  const whatif::Question question{value_of(request, "from"),
                                  value_of(request, "called"),
                                  value_of(request, "calling"),
                                  lines_of(value_of(request, "header")),
                                  0,
                                  bound_of(sources)};
  const ConfigState state = sources.config();
  const whatif::Trace trace = sources.snapshot->trace(state.config, question);
  if (!trace.mistake.empty()) return problem(400, trace.mistake, request.path);
  Response response;
  response.body = whatif::json_of(question, trace);
  return response;
}

}  // namespace demarc::rest
