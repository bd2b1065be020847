// Hunt: the targets that one call may try, and how far it is: those of its first trunk in the order
// of their health and priority, then those of the next. A value that stays true when the snapshot
// changes. Used by call/ on the worker of the call.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/contract/address.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/region.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/route/route.h"

namespace demarc::route {

inline constexpr unsigned max_hunted_trunks = 1 + contract::max_next_trunks;
inline constexpr unsigned max_hunted_targets = 64;  // of one trunk

struct Target {
  contract::TrunkId trunk = contract::TrunkId::none;
  contract::Endpoint endpoint;                       // port 0: there is none left
  contract::TargetId id = contract::TargetId::none;  // its row; none of a redirection
  bool is_set() const { return endpoint.port != 0; }
};

class Hunt {
 public:
  Hunt() = default;
  // What an order of trunks other than that of the file goes by.
  struct Chance {
    const contract::Region* region = nullptr;  // for least_busy
    uint32_t random = 0;                       // for weighted
    uint64_t turn = 0;                         // for round_robin: one more for each call
  };
  // The trunks of a match in the order of its route: as they are written, or by `chance`.
  Hunt(const contract::Snapshot& snapshot, const Match& match, const Chance& chance);
  Hunt(const contract::Snapshot& snapshot, const Match& match) : Hunt(snapshot, match, Chance{}) {}

  // The next target; not set when all were tried. A trunk that left the configuration or has no
  // target is passed over. Among those of one priority `random` chooses by weight (RFC 2782).
  Target next(const contract::Snapshot& snapshot, const contract::Region& region,
              uint32_t random = 0);
  // Whether next() would give one.
  bool has_next(const contract::Snapshot& snapshot, const contract::Region& region) const;
  // The rest of the trunk's targets is not tried: it is full, or refused for all of them.
  void skip_trunk();

 private:
  struct Candidate {
    contract::Endpoint endpoint;
    uint16_t weight = 0;
    uint8_t at = 0;  // of the trunk's targets
  };
  struct Equals {
    std::array<Candidate, contract::max_targets_per_trunk> rows;
    unsigned count = 0;
  };
  void arrange(const contract::RouteConfig& route, std::span<const uint16_t> weights,
               const Chance& chance);
  Equals best_of(const contract::TrunkConfig& config, contract::TrunkId trunk,
                 const contract::Region& region) const;
  static unsigned choose(const Equals& equals, uint32_t random);

  std::array<contract::TrunkId, max_hunted_trunks> trunks_ = {};
  uint8_t count_ = 0;
  uint8_t at_ = 0;
  uint64_t tried_ = 0;  // bit per target of the trunk
};

}  // namespace demarc::route
