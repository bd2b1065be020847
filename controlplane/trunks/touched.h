// Whose calls in progress a change may be felt in: packets can not go on as they did, or the next
// offer is judged by other codecs than those that were agreed. Used by the API; any thread.
#pragma once

#include <string>
#include <vector>

#include "controlplane/config/model.h"

namespace demarc::trunks {

// Trunks of `before` whose calls lose, in `after`, our address, the port or VLAN that it is on, a
// media address, or a peer's address or a source that was theirs, if only because another trunk has
// a longer prefix there; and those whose codecs or digits are others. Sorted. What names of peers
// lead to is not looked at.
std::vector<std::string> calls_touched(const config::Config& before, const config::Config& after);

}  // namespace demarc::trunks
