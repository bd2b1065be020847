// The call directory: one fixed row per call slot, written by its worker, readable by anybody at
// any time. It is what lists live calls, and what a restarted control plane finds.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dataplane/contract/fixed_text.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/media_summary.h"
#include "dataplane/contract/sequence_lock.h"

namespace demarc::contract {

enum class CallPhase : uint8_t { none, trying, ringing, answered, ending };

struct DirectoryRow {
  CallPhase phase = CallPhase::none;  // none: the slot is free
  WorkerIndex worker = 0;
  TrunkId from = TrunkId::none;  // none: its leg is in another call, by a transfer
  TrunkId to = TrunkId::none;
  uint64_t serial = 0;  // of the call, unique within (boot id, worker)
  uint64_t started_unix_ns = 0;
  uint64_t answered_unix_ns = 0;  // 0 before the answer
  FixedText<62> calling;
  FixedText<62> called;       // as received
  FixedText<126> call_id_in;  // Call-ID of the leg that called us
  FixedText<30> call_id_out;  // the one that we minted
  MediaSummary media[2];      // [0] from the calling peer, [1] from the called peer
};
// What stands before the texts changes when the call's state does.
inline constexpr size_t directory_state_octets = offsetof(DirectoryRow, calling);
static_assert(directory_state_octets % sizeof(uint64_t) == 0);

using DirectoryCell = SequenceLocked<DirectoryRow>;

}  // namespace demarc::contract
