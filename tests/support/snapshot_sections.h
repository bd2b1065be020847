// SnapshotSections: realms, trunks and routes as the control plane would build them, checked as the
// dataplane's loader would, in memory of this process. Included by tests that drive an engine.
#pragma once

#include <cstddef>
#include <vector>

#include "dataplane/contract/snapshot.h"
#include "sip-parser/base/check.h"

namespace demarc::support {

// Must outlive the engines' use of what publish() made of it, which ends with their next adopt().
struct SnapshotSections {
  std::vector<std::byte> realms;
  std::vector<std::byte> trunks;
  std::vector<std::byte> routes;
  std::vector<std::byte> secrets;  // may be empty

  contract::Snapshot publish(uint64_t generation, const contract::SectionBounds& bounds) const {
    for (const auto* blob : {&realms, &trunks, &routes}) {
      DEMARC_CHECK(contract::check_section(*blob, bounds) == contract::SectionError::none);
    }
    contract::Snapshot snapshot;
    snapshot.generation = generation;
    snapshot.realms = reinterpret_cast<const contract::RealmSection*>(realms.data());
    snapshot.trunks = reinterpret_cast<const contract::TrunkSection*>(trunks.data());
    snapshot.routes = reinterpret_cast<const contract::RouteSection*>(routes.data());
    if (!secrets.empty()) {
      DEMARC_CHECK(contract::check_section(secrets, bounds) == contract::SectionError::none);
      snapshot.secrets = reinterpret_cast<const contract::SecretSection*>(secrets.data());
    }
    return snapshot;
  }
};

}  // namespace demarc::support
