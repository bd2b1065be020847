#include "controlplane/rest/json_text.h"

#include <array>
#include <nlohmann/json.hpp>

#include "controlplane/runtime/wall_clock.h"

namespace demarc::rest {
namespace {

using json = nlohmann::ordered_json;

// Shared memory may hold what no enumerator of ours says.
template <size_t count>
std::string_view name_in(const std::array<std::string_view, count>& names, size_t index) {
  return index < count ? names[index] : "unknown";
}

}  // namespace

Response json_response(const json& body) {
  Response response;
  response.body = body.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  return response;
}

Response detached(const Request& request) {
  Response response = problem(503, "no dataplane is attached", request.path);
  response.header_fields["Retry-After"] = "1";
  return response;
}

std::string_view spelling(contract::DataplaneState state) {
  constexpr std::array<std::string_view, 5> names = {"starting", "running", "draining", "stopped",
                                                     "ending"};
  return name_in(names, static_cast<size_t>(state));
}

std::string_view spelling(contract::CallPhase phase) {
  constexpr std::array<std::string_view, 5> names = {"none", "trying", "ringing", "answered",
                                                     "ending"};
  return name_in(names, static_cast<size_t>(phase));
}

std::string_view spelling(contract::TargetHealth health) {
  constexpr std::array<std::string_view, 4> names = {"unused", "unknown", "up", "down"};
  return name_in(names, static_cast<size_t>(health));
}

json time_or_null(uint64_t unix_ns) {
  if (unix_ns == 0) return nullptr;
  return runtime::utc_text(unix_ns);
}

json endpoint_or_null(const contract::Endpoint& endpoint) {
  if (endpoint.port == 0) return nullptr;
  return std::string(contract::print(endpoint).view());
}

}  // namespace demarc::rest
