#include "controlplane/whatif/trace_route.h"
#include "controlplane/rest/handlers.h"

namespace demarc::rest {
namespace {

std::string value_of(const Request& request, std::string_view name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

}  // namespace

Response get_trace_route(const Request& request, const Sources& sources) {
  const whatif::Question question{value_of(request, "from"), value_of(request, "called"),
                                  value_of(request, "calling")};
  const ConfigState state = sources.config();
  const whatif::Trace trace = sources.snapshot->trace(state.config, question);
  if (!trace.mistake.empty()) return problem(400, trace.mistake, request.path);
  Response response;
  response.body = whatif::json_of(question, trace);
  return response;
}

}  // namespace demarc::rest
