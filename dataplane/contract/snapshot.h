// Snapshot: the sections in force, as one pointer that a worker loads once per loop.
//
// Built by the dataplane's loader thread; immutable while published; retired when every worker has
// been through its loop since (lcore/ does that with rte_rcu_qsbr). A call keeps ids, not pointers;
// what it must keep of a trunk it copies.
#pragma once

#include <algorithm>
#include <atomic>
#include <string_view>

#include "dataplane/contract/section.h"

namespace demarc::number {
class Patterns;
}

namespace demarc::contract {

struct Snapshot {
  uint64_t generation = 0;
  const PlatformSection* platform = nullptr;
  const RealmSection* realms = nullptr;
  const TrunkSection* trunks = nullptr;
  const RouteSection* routes = nullptr;
  const SecretSection* secrets = nullptr;
  const number::Patterns* patterns = nullptr;  // those of `routes`; nullptr: none is ever found

  const RealmConfig& realm(RealmId id) const {
    return elements(realms->header, realms->realms)[index_of(id)];
  }
  const TrunkConfig& trunk(TrunkId id) const {
    return elements(trunks->header, trunks->trunks)[index_of(id)];
  }
  bool has_trunk(TrunkId id) const {
    return index_of(id) < trunks->trunks.count && trunk(id).realm != RealmId::none;
  }
  // Whether new calls may come from its peer, or go there.
  bool takes_calls(TrunkId id) const {
    return has_trunk(id) && trunk(id).state == TrunkState::enabled;
  }
  // Our account with a trunk's peer; nullptr when there is none.
  const SecretConfig* secret(TrunkId id) const {
    if (secrets == nullptr) return nullptr;
    const auto rows = elements(secrets->header, secrets->secrets);
    const auto found =
        std::lower_bound(rows.begin(), rows.end(), id, [](const SecretConfig& row, TrunkId wanted) {
          return index_of(row.trunk) < index_of(wanted);
        });
    return found == rows.end() || found->trunk != id ? nullptr : &*found;
  }
  // How a target that registered with us is addressed; nullptr when it did not.
  const BindingConfig* binding(TargetId id) const {
    const auto rows = elements(trunks->header, trunks->bindings);
    const auto found = std::lower_bound(rows.begin(), rows.end(), id,
                                        [](const BindingConfig& row, TargetId wanted) {
                                          return index_of(row.target) < index_of(wanted);
                                        });
    return found == rows.end() || found->target != id ? nullptr : &*found;
  }
  // nullptr when it is not in the configuration any more.
  const PrefixLimit* prefix_limit(LimitId id) const {
    const auto rows = elements(routes->header, routes->prefix_limits);
    return index_of(id) < rows.size() ? &rows[index_of(id)] : nullptr;
  }
  std::string_view trunk_name(TrunkId id) const { return text(trunks->header, trunk(id).name); }
};

// The one place where a snapshot is handed over. store() by the loader, load() by workers.
class SnapshotCell {
 public:
  void store(const Snapshot* snapshot) { pointer_.store(snapshot, std::memory_order_release); }
  const Snapshot* load() const { return pointer_.load(std::memory_order_acquire); }

 private:
  std::atomic<const Snapshot*> pointer_{nullptr};
};

}  // namespace demarc::contract
