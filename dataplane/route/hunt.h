// Hunt: the targets that one call may try, and how far it is: those of its first trunk in the order
// of their health and priority, then those of the next; behind the trunks of its route those of the
// routes that stand in for it; behind them all the trunks of which every target is down (decision
// D120). A value that stays true when the snapshot changes. Used by call/ on the worker of the
// call.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/contract/address.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/region.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/route/route.h"

namespace demarc::route {

// Of all routes together; those of one route always fit.
inline constexpr unsigned max_hunted_trunks = 2 * (1 + contract::max_next_trunks);
inline constexpr unsigned max_hunted_routes = 4;    // the one that matched, and its backups
static_assert(max_hunted_trunks <= 32);             // bits of what a hunt remembers
inline constexpr unsigned max_hunted_targets = 64;  // of one trunk

struct Target {
  contract::TrunkId trunk = contract::TrunkId::none;
  contract::Endpoint endpoint;                       // port 0: there is none left
  contract::TargetId id = contract::TargetId::none;  // its row; none of a redirection
  uint8_t route = 0;                                 // which of the matches it is of
  bool is_set() const { return endpoint.port != 0; }
};

class Hunt {
 public:
  Hunt() = default;
  // What an order of trunks other than that of the file goes by.
  struct Chance {
    const contract::Region* region = nullptr;  // for least_busy
    uint32_t random = 0;                       // for weighted and shuffled
    uint64_t turn = 0;                         // for round_robin: one more for each call
    std::string_view called = {};              // digits, for lowest_cost; before any route
  };
  // The trunks of the matches, one after the other, each in the order of its route: as they are
  // written, or by `chance`. At most max_hunted_routes matches.
  Hunt(const contract::Snapshot& snapshot, std::span<const Match> matches, const Chance& chance);
  Hunt(const contract::Snapshot& snapshot, const Match& match)
      : Hunt(snapshot, std::span(&match, 1), Chance{}) {}

  // The next target; not set when all were tried. A trunk that left the configuration, takes no
  // new calls or has no target is passed over. Among those of one priority `random` chooses by
  // weight (RFC 2782).
  Target next(const contract::Snapshot& snapshot, const contract::Region& region,
              uint32_t random = 0);
  // Whether next() would give one.
  bool has_next(const contract::Snapshot& snapshot, const contract::Region& region) const;
  // The rest of the trunk's targets is not tried: it is full, or refused for all of them.
  void skip_trunk();
  // Nothing that is left is tried: what stands against the call is not of the trunks.
  void skip_all() {
    at_ = count_;
    postponed_ = 0;
  }

 private:
  // Targets of a trunk, by their place in it. Only the first `count` are there, the others are not
  // even zeroed: most trunks have one or two.
  struct Equals {
    contract::Target first;
    std::array<uint16_t, contract::max_targets_per_trunk> weights;
    std::array<uint8_t, contract::max_targets_per_trunk> places;
    unsigned count = 0;
    bool is_down = false;  // and so is every one that was not tried
  };
  // Trunks of one stage, and a weight for each or none at all.
  struct Stage {
    std::span<contract::TrunkId> trunks;
    std::span<const uint16_t> weights;
    contract::HuntOrder order = contract::HuntOrder::ordered;
  };
  using Ranks = std::array<uint64_t, max_hunted_trunks>;
  void add(const contract::Snapshot& snapshot, const Match& match, const Chance& chance);
  static void arrange(const contract::Snapshot& snapshot, const Stage& stage, const Chance& chance);
  static void sort(std::span<contract::TrunkId> trunks, Ranks& ranks);
  static void shuffle(std::span<contract::TrunkId> trunks, uint32_t random);
  // Of the trunk that it is at; not set when it has none left, or when it is postponed.
  Target next_of_trunk(const contract::Snapshot& snapshot, const contract::Region& region,
                       uint32_t random);
  Equals best_of(const contract::TrunkConfig& config, contract::TrunkId trunk,
                 const contract::Region& region) const;
  uint8_t route_of(unsigned place) const;  // which match the trunk there is of
  static unsigned choose(const Equals& equals, uint32_t random);

  std::array<contract::TrunkId, max_hunted_trunks> trunks_ = {};
  std::array<uint8_t, max_hunted_routes> ends_ = {};  // of each match: where its trunks end
  uint8_t count_ = 0;
  uint8_t at_ = 0;
  bool is_second_round_ = false;  // of those that were postponed
  uint32_t postponed_ = 0;        // bit per trunk: all of its targets were down
  uint64_t tried_ = 0;            // bit per target of the trunk
};

}  // namespace demarc::route
