// One function per resource of the API. Called by router.cc only.
#pragma once

#include <functional>
#include <string_view>

#include "controlplane/rest/request.h"
#include "controlplane/rest/sources.h"

namespace demarc::rest {

// Followed by "WORKER-SERIAL".
inline constexpr std::string_view call_path = "/api/v1/calls/";

// Followed by "TRUNK/refresh".
inline constexpr std::string_view registration_path = "/api/v1/registrations/";

Response get_status(const Request& request, const Sources& sources);
// New calls are taken, and by the configuration in force.
bool is_ready(const link::Attachment* attachment, const link::Status& status);
// For Prometheus.
inline constexpr std::string_view metrics_path = "/metrics";
Response get_metrics(const Request& request, const Sources& sources);
Response get_trunks(const Request& request, const Sources& sources);
Response get_tls(const Request& request, const Sources& sources);
Response get_counters(const Request& request, const Sources& sources);
Response get_workers(const Request& request, const Sources& sources);
Response get_calls(const Request& request, const Sources& sources);
// One call; DELETE hangs it up.
Response respond_call(const Request& request, const Sources& sources);
// The calls in progress that have a leg with one of those trunks, as "WORKER-SERIAL".
struct NamedCalls {
  std::vector<std::string> ids;  // the first max_named_calls
  uint64_t count = 0;            // all of them
};
inline constexpr size_t max_named_calls = 100;
NamedCalls calls_of(const std::vector<std::string>& trunks, const Sources& sources);
// ?from=TRUNK&called=NUMBER[&calling=NUMBER][&header=LINES], lines being percent-encoded
Response get_trace_route(const Request& request, const Sources& sources);
// The same question put to a snapshot that `tracer` knows, beside the box that runs.
using Tracer = std::function<whatif::Trace(const ConfigState& state, const whatif::Question&)>;
Response answer_trace(const Request& request, const Sources& sources, const Tracer& tracer);
// What calls to peers that registered go to now.
std::vector<whatif::Bound> bound_of(const Sources& sources);
// ?after=SEQUENCE&limit=N
Response get_events(const Request& request, const Sources& sources);
Response get_dns(const Request& request, const Sources& sources);
Response get_registrations(const Request& request, const Sources& sources);
// Peers that registered with us.
Response get_bindings(const Request& request, const Sources& sources);

// The configuration and what is below it.
inline constexpr std::string_view config_path = "/api/v1/config";
// As Allow has them; empty when there is nothing at this path.
std::string_view config_methods(std::string_view path);
Response respond_config(const Request& request, const Sources& sources);

bool is_refresh(std::string_view path);
Response refresh_registration(const Request& request, const Sources& sources);

}  // namespace demarc::rest
