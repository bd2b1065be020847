// Route: which trunk a call goes to, and with which number (match), whether there is room for it
// (enter, take_rate), and whose a source address is (identify). hunt.h has the order of targets.
//
// Pure reads of the snapshot and the shared tables; also what the control plane's what-if runs.
#pragma once

#include <cstdint>
#include <string_view>

#include "dataplane/contract/region.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/contract/time.h"
#include "dataplane/number/number.h"
#include "dataplane/route/condition.h"

namespace demarc::route {

using contract::max_number_length;
using number::Number;

// A call that is to be routed, its numbers as the rules of its trunk left them.
struct Query {
  contract::TrunkId from = contract::TrunkId::none;
  std::string_view called;  // digits, or a user part that is no number
  bool is_number = true;
  std::string_view calling = {};  // digits; empty: unknown
  unsigned worker = 0;            // whose scratch memory patterns are run in
  Occasion occasion = {};
  uint32_t first = 0;  // routes of lower ranks are passed over: they were tried
};

struct Match {
  contract::TrunkId to = contract::TrunkId::none;  // none: no route
  uint32_t line = 0;                               // of the route in the configuration
  uint32_t route = 0;                              // its row in the section
  bool is_emergency = false;
  uint16_t called_in_line = 0;  // of the rule that rewrote the called number before; 0: none did
  Number called;                // as it is sent
};

// The route of the longest prefix of `called` among the routes of the trunk `from`. `called` is
// the digits of the number in the Request-URI. When that is no number (is_number false) it is the
// user part as it stood: only a route without a prefix matches, and it goes on unchanged.
// Where the trunk's routes have priorities, usages, patterns or conditions, the first one in their
// order that matches instead (contract/route_rules.h).
Match match(const contract::Snapshot& snapshot, const Query& query);
Match match(const contract::Snapshot& snapshot, contract::TrunkId from, std::string_view called,
            bool is_number = true);

// A leg that comes to a trunk: as a call from its peer or to it.
enum class Direction : uint8_t { in, out };
struct Entry {
  contract::TrunkId trunk = contract::TrunkId::none;
  Direction direction = Direction::in;
  bool is_exempt = false;                              // counted, and never refused
  contract::LimitId prefix = contract::LimitId::none;  // by prefix_limit()
  uint32_t kbps = 0;                                   // of its media; 0: it is not counted
  // Trunks whose rate the call has been taken of before, as the caller's and as a target; one call
  // is one in the rate of a group, however many of its trunks it meets.
  contract::TrunkId rated_in = contract::TrunkId::none;
  contract::TrunkId rated_out = contract::TrunkId::none;
};

// Which limit of the trunk is for calls to that number: that of the longest prefix. `called` is
// digits, as the rules of the caller's trunk left them; empty where it is no number.
contract::LimitId prefix_limit(const contract::Snapshot& snapshot, contract::TrunkId trunk,
                               std::string_view called);

// Whether the bandwidth of a trunk's legs is counted: for a limit of its own or of a group.
bool counts_bandwidth(const contract::Snapshot& snapshot, contract::TrunkId trunk);

// Counts one leg in, or says which limit stands against it and counts nothing. Each none is
// followed by one leave_leg() of the same entry. Exact over all workers.
[[nodiscard]] contract::LimitMet enter_leg(const contract::Snapshot& snapshot,
                                           const contract::Region& region, const Entry& entry);
void leave_leg(const contract::Region& region, const Entry& entry);
// A leg that was counted in with `was` has `kbps` now: whoever is there already is not refused.
void weigh_leg(const contract::Region& region, contract::TrunkId trunk, uint32_t was,
               uint32_t kbps);
// A leg that was counted in with `was` is to have entry.kbps before its call stands. Where a limit
// of bandwidth has no room for that, says so and leaves it with `was`; places are not asked again.
[[nodiscard]] contract::LimitMet take_more(const contract::Snapshot& snapshot,
                                           const contract::Region& region, const Entry& entry,
                                           uint32_t was);
// enter_leg() of both legs of a call: both or neither.
[[nodiscard]] contract::LimitMet enter(const contract::Snapshot& snapshot,
                                       const contract::Region& region, const Entry& from,
                                       const Entry& to);

// Takes one call from the rates of a trunk, of the prefix and of the trunk's groups. Where one has
// none left at `now`, says so and takes none. Several workers at once never take more than there
// are.
[[nodiscard]] contract::LimitMet take_rate(const contract::Snapshot& snapshot,
                                           const contract::Region& region, const Entry& entry,
                                           contract::Instant now);

// Whose a source is, and what is taken from it.
struct Source {
  contract::TrunkId trunk = contract::TrunkId::none;  // none: a stranger
  contract::SourceUse use = contract::SourceUse::calls;
};
// The longest prefix wins; among equals a row that names the port. Takes a search of the rows for
// each length of prefix that `local` has.
Source find_source(const contract::Snapshot& snapshot, const contract::Endpoint& local,
                   const contract::Endpoint& remote,
                   contract::Transport transport = contract::Transport::udp);

// The trunk whose peer sends from `remote` to `local` over that transport; none for a stranger and
// for who may only register.
contract::TrunkId identify(const contract::Snapshot& snapshot, const contract::Endpoint& local,
                           const contract::Endpoint& remote,
                           contract::Transport transport = contract::Transport::udp);

}  // namespace demarc::route
