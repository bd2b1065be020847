#include <nlohmann/json.hpp>

#include "controlplane/rest/handlers.h"
#include "controlplane/rest/json_text.h"

namespace demarc::rest {
namespace {

using json = nlohmann::ordered_json;

std::string_view spelling(dns::Known known) {
  constexpr std::string_view names[] = {"unanswered", "absent", "failed", "present"};
  return names[static_cast<size_t>(known)];
}

}  // namespace

Response get_dns(const Request&, const Sources& sources) {
  const dns::State state = sources.dns();
  json hosts = json::array();
  for (const dns::HostState& host : state.hosts) {
    json targets = json::array();
    for (const dns::Choice& choice : host.choices) {
      targets.push_back({{"address", endpoint_or_null(choice.endpoint)},
                         {"priority", choice.priority},
                         {"weight", choice.weight}});
    }
    hosts.push_back({{"name", host.host.name},
                     {"port", host.host.port == 0 ? json(nullptr) : json(host.host.port)},
                     {"complete", host.is_complete},
                     {"failed", host.has_failed},
                     {"targets", targets}});
  }
  json questions = json::array();
  for (const dns::CacheRow& row : state.questions) {
    questions.push_back(
        {{"name", row.key.name},
         {"type", dns::spelling(row.key.type)},
         {"state", spelling(row.known)},
         {"stale", row.is_stale},
         {"ttl_left_s", row.ttl_left_ms / 1000},
         {"records", row.records},
         {"failures", row.failures},
         {"last_error", row.last_error.empty() ? json(nullptr) : json(row.last_error)}});
  }
  return json_response({{"servers", state.servers},
                        {"error", state.error.empty() ? json(nullptr) : json(state.error)},
                        {"hosts", hosts},
                        {"questions", questions}});
}

}  // namespace demarc::rest
