// Route: which trunk a call goes to, and with which number (match), whether there is room for it
// (enter), and whose a source address is (identify). hunt.h has the order of targets.
//
// Pure reads of the snapshot and the shared tables; also what the control plane's what-if runs.
#pragma once

#include <cstdint>
#include <string_view>

#include "dataplane/contract/region.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/number/number.h"

namespace demarc::route {

using contract::max_number_length;
using number::Number;

struct Match {
  contract::TrunkId to = contract::TrunkId::none;  // none: no route
  uint16_t line = 0;                               // of the route in the configuration
  uint32_t route = 0;                              // its row in the section
  Number called;                                   // as it is sent
};

// The route of the longest prefix of `called` among the routes of the trunk `from`. `called` is
// the digits of the number in the Request-URI. When that is no number (is_number false) it is the
// user part as it stood: only a route without a prefix matches, and it goes on unchanged.
Match match(const contract::Snapshot& snapshot, contract::TrunkId from, std::string_view called,
            bool is_number = true);

// Counts a call in on both trunks, or on neither when one is full. Each true is followed by one
// leave() of the same trunks.
[[nodiscard]] bool enter(const contract::Snapshot& snapshot, const contract::Region& region,
                         contract::TrunkId from, contract::TrunkId to);
void leave(const contract::Region& region, contract::TrunkId from, contract::TrunkId to);
// The same for one leg that comes to a call, or goes away from it.
[[nodiscard]] bool enter_leg(const contract::Snapshot& snapshot, const contract::Region& region,
                             contract::TrunkId trunk);
void leave_leg(const contract::Region& region, contract::TrunkId trunk);

// The trunk whose peer sends from `remote` to `local` over that transport; none for a stranger. The
// longest prefix wins; among equals a row that names the port.
contract::TrunkId identify(const contract::Snapshot& snapshot, const contract::Endpoint& local,
                           const contract::Endpoint& remote,
                           contract::Transport transport = contract::Transport::udp);

}  // namespace demarc::route
