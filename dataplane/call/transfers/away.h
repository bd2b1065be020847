// Away: a leg of this worker that is in a call of another one, or asks to be (decision D60). Its
// dialog still names us by its tag, so what its peer sends comes here and is passed on.
// Pointer-free, as Call is. One worker only.
// Its life is in away_table.h.
#pragma once

#include <cstdint>

#include "dataplane/call/transfers/away_table.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/minted_name.h"
#include "dataplane/memory/pool.h"
#include "dataplane/post/letter.h"
#include "dataplane/transaction/timer_wheel.h"

namespace demarc::call::transfers {

// Of a leg that came from another worker: what that one knows it by.
struct Origin {
  contract::WorkerIndex worker = 0;
  post::Reference leg;
  bool is_set = false;
};

struct Away {
  AwayState state = AwayState::asked;
  contract::WorkerIndex worker = 0;  // where it is
  uint32_t transfer = memory::no_index;
  uint32_t transfer_generation = 0;
  contract::TrunkId trunk = contract::TrunkId::none;  // of its peer
  contract::MintedName tag = {};                      // ours in its dialog
  uint16_t refusal = 0;                               // why it was not joined
  uint64_t remote_tag = 0;                            // hash of the peer's
  bool is_indexed = false;                            // can be found by that tag
  Origin origin;                                      // where it came from before
  // The last INVITE with Replaces that was passed on for it: hash of its Call-ID, for the CANCEL
  // that has nothing else (decision D25).
  uint64_t replacing = 0;
  bool has_replacing = false;
  transaction::TimerId timer;
};

}  // namespace demarc::call::transfers
