#include "dataplane/stream/config.h"

namespace demarc::stream {

std::shared_ptr<const Config> make_config(std::shared_ptr<const contract::Snapshot> snapshot) {
  const auto config = std::make_shared<Config>();
  const contract::SecretSection* secrets = snapshot->secrets;
  if (secrets != nullptr) {
    for (const contract::TlsProfile& profile : elements(secrets->header, secrets->tls)) {
      std::string why;
      config->tls.push_back(TlsContext::make(secrets->header, profile, why));
      if (config->tls.back() != nullptr) continue;
      config->problems.push_back("tls." + std::string(text(secrets->header, profile.name)) + ": " +
                                 why);
    }
  }
  config->snapshot = std::move(snapshot);
  return config;
}

}  // namespace demarc::stream
