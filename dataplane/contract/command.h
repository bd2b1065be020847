// Commands down to a worker and events up from it: one ring each way per worker.
#pragma once

#include <cstdint>

#include "dataplane/contract/ids.h"
#include "dataplane/contract/ring.h"

namespace demarc::contract {

struct Command {
  enum class Kind : uint16_t {
    none,
    drain,  // admit no new calls from now on
    undrain,
    hang_up,    // end one call; slot and serial must match
    drop_call,  // forget one call at once, with a record and without a word to its peers
  };
  Kind kind = Kind::none;
  CallSlot slot = CallSlot::none;
  uint64_t serial = 0;
  uint64_t request_id = 0;  // comes back in the event
};

struct Event {
  enum class Kind : uint16_t {
    none,
    command_done,
    command_refused,  // no such call, or a kind that this release does not know
  };
  Kind kind = Kind::none;
  WorkerIndex worker = 0;
  uint64_t request_id = 0;
};

using CommandRing = Ring<Command>;
using EventRing = Ring<Event>;

}  // namespace demarc::contract
