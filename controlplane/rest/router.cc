#include "controlplane/rest/router.h"

#include <algorithm>

#include "controlplane/rest/handlers.h"
#include "controlplane/runtime/log.h"

namespace demarc::rest {
namespace {

using Handler = Response (*)(const Request&, const Sources&);

Handler handler_of(std::string_view path) {
  if (path == "/api/v1/status") return get_status;
  if (path == metrics_path) return get_metrics;
  if (path == "/api/v1/trunks") return get_trunks;
  if (path == "/api/v1/tls") return get_tls;
  if (path == "/api/v1/counters") return get_counters;
  if (path == "/api/v1/workers") return get_workers;
  if (path == "/api/v1/calls") return get_calls;
  if (path == "/api/v1/trace-route") return get_trace_route;
  if (path == "/api/v1/events") return get_events;
  if (path == "/api/v1/dns") return get_dns;
  if (path == "/api/v1/registrations") return get_registrations;
  if (path == "/api/v1/bindings") return get_bindings;
  if (!config_methods(path).empty()) return respond_config;
  if (is_refresh(path)) return refresh_registration;
  if (path.starts_with(call_path)) return respond_call;
  return nullptr;
}

// As Allow has them.
std::string_view methods_of(Handler handler, std::string_view path) {
  if (handler == respond_config) return config_methods(path);
  if (handler == respond_call) return "GET, HEAD, DELETE";
  return handler == refresh_registration ? "POST" : "GET, HEAD";
}

bool is_among(std::string_view method, std::string_view methods) {
  while (!methods.empty()) {
    const size_t end = std::min(methods.find(','), methods.size());
    if (methods.substr(0, end) == method) return true;
    methods.remove_prefix(std::min(end + 2, methods.size()));
  }
  return false;
}

}  // namespace

Response respond(const Request& request, const Sources& sources) {
  const Handler handler = handler_of(request.path);
  if (handler == nullptr) return problem(404, "there is nothing at this path", request.path);
  const std::string_view methods = methods_of(handler, request.path);
  if (!is_among(request.method, methods)) {
    Response refusal = problem(405, request.method + " is not possible here", request.path);
    refusal.header_fields["Allow"] = std::string(methods);
    return refusal;
  }
  try {
    return handler(request, sources);
  } catch (const std::exception& error) {
    runtime::log(runtime::Level::error, "rest", request.path + ": " + error.what());
    return problem(500, "the request failed; the log says why", request.path);
  }
}

}  // namespace demarc::rest
