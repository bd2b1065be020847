#include <set>

#include "controlplane/metrics/scrape.h"
#include "controlplane/rest/handlers.h"
#include "controlplane/runtime/wall_clock.h"

namespace demarc::rest {

Response get_metrics(const Request&, const Sources& sources) {
  const std::shared_ptr<const link::Attachment> attachment = sources.attachment();
  const ConfigState state = sources.config();
  const link::Status link = sources.link();
  std::set<std::string> trunks;
  for (const config::Trunk& trunk : state.config->trunks) trunks.insert(trunk.name);
  const bool is_pending = sources.changes != nullptr && sources.changes->running().pending;
  const metrics::Scrape scrape = {sources.version,
                                  runtime::now_unix_ns(),
                                  sources.started_unix_ns,
                                  is_ready(attachment.get(), link),
                                  *state.config,
                                  state.revision,
                                  state.loaded_unix_ns,
                                  !state.last_error.empty(),
                                  is_pending,
                                  state.ids,
                                  attachment.get(),
                                  link,
                                  sources.records(),
                                  sources.upkeep(),
                                  sources.binding_counts(),
                                  sources.tally->of(trunks),
                                  sources.events->counts()};
  Response response;
  response.content_type = metrics::content_type;
  response.body = metrics::text_of(scrape);
  return response;
}

}  // namespace demarc::rest
