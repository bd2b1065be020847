// Vacated: numbers whose names left the configuration, kept from others as long as anything in the
// dataplane may still mean the one who left; then given back with counts that begin anew (decision
// D121).
//
// Nothing names a number any more when every worker runs by a set without it, no call has a leg of
// it, no call that began before is still looking for a target, and all records of that time were
// read. Transactions that linger have time to end beside that. Not thread-safe: the service locks.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "controlplane/config/model.h"
#include "controlplane/trunks/ids.h"
#include "dataplane/contract/region.h"

namespace demarc::trunks {

class Vacated {
 public:
  static constexpr uint64_t rest_ms = 600'000;

  struct Moment {
    uint64_t now_ms = 0;       // of a clock that only grows
    uint64_t now_unix_ns = 0;  // as calls have it
  };

  // Every worker runs by what was compiled of `in_force`, with the numbers `ids`.
  void note(const config::Config& in_force, const IdMap& ids, const contract::Region& region,
            const Moment& moment);
  // Takes from `ids` what nothing names any more. `region` is of the same dataplane, and its record
  // rings are read by us.
  void give_back(IdMap& ids, const contract::Region& region, const Moment& moment);
  // What `give_back` would leave of them now, for who only asks whether something fits.
  IdMap with_given_back(IdMap ids, const contract::Region& region, const Moment& moment) const;
  // Another dataplane: it knows none of them.
  void clear() { batches_.clear(); }

 private:
  using Names = std::set<std::string>;
  // What left at one time.
  struct Batch {
    Moment left;
    std::vector<uint64_t> record_tails;  // by worker
    Names trunks, targets, limits;
    bool is_empty() const { return trunks.empty() && targets.empty() && limits.empty(); }
  };

  std::vector<Batch> batches_;
};

}  // namespace demarc::trunks
