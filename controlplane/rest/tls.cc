#include <nlohmann/json.hpp>

#include "controlplane/config/tls_files.h"
#include "controlplane/rest/handlers.h"
#include "controlplane/rest/json_text.h"
#include "controlplane/runtime/wall_clock.h"

namespace demarc::rest {

using json = nlohmann::ordered_json;

// Of each profile its certificate's end, and nothing of its key.
Response get_tls(const Request&, const Sources& sources) {
  constexpr uint64_t ns_per_s = 1'000'000'000;
  const auto now = static_cast<int64_t>(runtime::now_unix_ns() / ns_per_s);
  const ConfigState state = sources.config();
  json rows = json::array();
  for (const config::Tls& tls : state.config->tls) {
    const int64_t end = tls.files.not_after_unix_s;
    json trunks = json::array();
    for (const config::Trunk& trunk : state.config->trunks) {
      if (trunk.tls == tls.name) trunks.push_back(trunk.name);
    }
    rows.push_back({{"name", tls.name},
                    {"certificate", tls.certificate},
                    {"not_after", runtime::utc_text(static_cast<uint64_t>(end) * ns_per_s)},
                    {"days_left", config::days_left(end, now)},
                    {"trunks", std::move(trunks)}});
  }
  return json_response({{"tls", rows}});
}

}  // namespace demarc::rest
