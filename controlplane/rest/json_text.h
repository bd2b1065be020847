// Small pieces that the handlers share: a JSON answer, and how states are spelled.
// For the .cc files of rest/ only, since it shows nlohmann's types.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "controlplane/rest/request.h"
#include "dataplane/contract/directory.h"
#include "dataplane/contract/region.h"

namespace demarc::rest {

Response json_response(const nlohmann::ordered_json& body);
// 503 for what only an attached dataplane knows.
Response detached(const Request& request);

std::string_view spelling(contract::DataplaneState state);
std::string_view spelling(contract::CallPhase phase);
std::string_view spelling(contract::TargetHealth health);

// RFC 3339, or null for 0.
nlohmann::ordered_json time_or_null(uint64_t unix_ns);
// "192.0.2.1:5060", or null without a port.
nlohmann::ordered_json endpoint_or_null(const contract::Endpoint& endpoint);

}  // namespace demarc::rest
