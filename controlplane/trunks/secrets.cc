#include "controlplane/trunks/secrets.h"

#include <algorithm>

#include "dataplane/contract/section_builder.h"

namespace demarc::trunks {
namespace {

using Builder = contract::SectionBuilder<contract::SecretSection>;

contract::Array<contract::SecretConfig> accounts_of(const config::Config& config, IdMap& ids,
                                                    Builder& builder) {
  std::vector<contract::SecretConfig> rows;
  for (const config::Trunk& trunk : config.trunks) {
    if (trunk.account.password.empty()) continue;
    contract::SecretConfig row;
    row.trunk = contract::TrunkId{static_cast<uint16_t>(ids.trunks.take(trunk.name))};
    row.allows_md5 = trunk.account.allows_md5 ? 1 : 0;
    row.user = builder.text(trunk.account.user);
    row.password = builder.text(trunk.account.password);
    rows.push_back(row);
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return contract::index_of(a.trunk) < contract::index_of(b.trunk);
  });
  return builder.array<contract::SecretConfig>(rows);
}

contract::TlsProfile profile_of(const config::Tls& tls, Builder& builder) {
  contract::TlsProfile row;
  row.name = builder.text(tls.name);
  row.certificate = builder.text(tls.files.certificate);
  row.key = builder.text(tls.files.key.octets);
  row.authorities = builder.text(tls.files.authorities);
  row.revoked = builder.text(tls.files.revoked);
  row.ocsp_staple = builder.text(tls.files.ocsp_staple);
  std::string ciphers;
  for (const std::string& cipher : tls.ciphers) {
    ciphers += (ciphers.empty() ? std::string() : std::string(":")) + cipher;
  }
  row.ciphers = builder.text(ciphers);
  row.server_name = builder.text(tls.server_name);
  std::vector<contract::Text> names;
  for (const std::string& name : tls.peer_names) names.push_back(builder.text(name));
  row.peer_names = builder.array<contract::Text>(names);
  row.verify = tls.verify;
  row.oldest = tls.oldest;
  row.newest = tls.newest;
  row.takes_wildcards = tls.takes_wildcards;
  row.has_tickets = tls.has_tickets;
  return row;
}

}  // namespace

link::Blob compile_secrets(const config::Config& config, IdMap& ids) {
  Builder builder(contract::SectionKind::secrets, 0);
  std::vector<contract::TlsProfile> rows;
  for (const config::Tls& tls : config.tls) rows.push_back(profile_of(tls, builder));
  builder.section().tls = builder.array<contract::TlsProfile>(rows);
  builder.section().secrets = accounts_of(config, ids, builder);
  return builder.finish();
}

}  // namespace demarc::trunks
