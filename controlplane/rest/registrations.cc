#include <nlohmann/json.hpp>

#include "controlplane/rest/handlers.h"
#include "controlplane/rest/json_text.h"

namespace demarc::rest {
namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view refresh_end = "/refresh";

json or_null(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

json row_of(const upkeep::RegistrationState& row) {
  const registration::View& view = row.view;
  return {{"trunk", row.trunk},
          {"aor", row.aor},
          {"state", registration::spelling(view.state)},
          {"registered", view.is_registered},
          {"expires_s", view.is_registered ? json(row.expires_s) : json(nullptr)},
          {"next_action_s", view.next_ms == 0 ? json(nullptr) : json(row.next_s)},
          {"target", or_null(view.target)},
          {"last_answer", or_null(view.last_answer)},
          {"failures", view.failures},
          {"requests", view.requests},
          {"service_route", view.service_route},
          {"path", view.path}};
}

// Of a peer that registered with us; its texts are the peer's.
json binding_of(const registrar::BindingView& row) {
  return {{"trunk", row.trunk},
          {"user", row.user},
          {"contact", row.contact},
          {"state", registrar::spelling(row.state)},
          {"target", std::string(contract::print(row.target).view())},
          {"q", row.q / 1000.0},
          {"priority", registrar::priority_of(row.q)},
          {"expires_s", row.expires_s == 0 ? json(nullptr) : json(row.expires_s)},
          {"path", or_null(row.path)},
          {"user_agent", or_null(row.user_agent)}};
}

}  // namespace

Response get_bindings(const Request&, const Sources& sources) {
  json rows = json::array();
  for (const registrar::BindingView& row : sources.bindings()) rows.push_back(binding_of(row));
  return json_response({{"bindings", rows}});
}

Response get_registrations(const Request&, const Sources& sources) {
  json rows = json::array();
  for (const upkeep::RegistrationState& row : sources.upkeep().registrations) {
    rows.push_back(row_of(row));
  }
  return json_response({{"registrations", rows}});
}

bool is_refresh(std::string_view path) {
  return path.starts_with(registration_path) && path.ends_with(refresh_end) &&
         path.size() > registration_path.size() + refresh_end.size();
}

Response refresh_registration(const Request& request, const Sources& sources) {
  const size_t length = request.path.size() - registration_path.size() - refresh_end.size();
  const std::string trunk = request.path.substr(registration_path.size(), length);
  if (!sources.refresh(trunk)) {
    return problem(404, "the trunk has no registration", request.path);
  }
  return json_response({{"trunk", trunk}, {"refreshing", true}});
}

}  // namespace demarc::rest
