// Config: what the stream thread serves by: a snapshot that stays as long as somebody holds it, and
// its TLS profiles made ready. Made on the main thread at each publication.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dataplane/contract/snapshot.h"
#include "dataplane/stream/tls_context.h"

namespace demarc::stream {

struct Config {
  std::shared_ptr<const contract::Snapshot> snapshot;
  std::vector<std::shared_ptr<const TlsContext>> tls;  // by TlsProfileId; nullptr: unusable
  std::vector<std::string> problems;                   // of profiles, for the log

  // nullptr when the trunk's profile can not be used.
  std::shared_ptr<const TlsContext> tls_of(contract::TrunkId trunk) const {
    const auto index = contract::index_of(snapshot->trunk(trunk).tls);
    return index < tls.size() ? tls[index] : nullptr;
  }
};

// Profiles that no trunk can use are told of in `problems`; their trunks get no connections.
std::shared_ptr<const Config> make_config(std::shared_ptr<const contract::Snapshot> snapshot);

}  // namespace demarc::stream
