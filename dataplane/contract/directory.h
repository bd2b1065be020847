// The call directory: one fixed row per call slot, written by its worker, readable by anybody at
// any time. It is what lists live calls, and what a restarted control plane finds.
//
// A row has the media of one m-line, since most calls have one: that of the first audio. What
// others have beside it stands in rows that all calls of a worker share (decision D132).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dataplane/contract/fixed_text.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/media_summary.h"
#include "dataplane/contract/sequence_lock.h"

namespace demarc::contract {

// m-lines of a call with a ledger beside that of its row.
inline constexpr unsigned max_further_streams = 3;
// Rows for them of one worker: for one in every other call, and some for a box with few calls.
constexpr uint32_t stream_rows(uint32_t calls_per_worker) {
  return calls_per_worker / 2 + 64;
}

enum class CallPhase : uint8_t { none, trying, ringing, answered, ending };

// What a row says in words, in the order in which it stays whole. The last one has what the others
// leave.
enum class RowText : uint8_t {
  call_id_out,  // the one that we minted
  calling,
  called,      // as received
  call_id_in,  // Call-ID of the leg that called us
  count,
};
inline constexpr unsigned row_text_octets = 164;  // of all
inline constexpr size_t longest_row_text = 62;    // of each but the last

struct DirectoryRow {
  CallPhase phase = CallPhase::none;  // none: the slot is free
  WorkerIndex worker = 0;
  TrunkId from = TrunkId::none;  // none: its leg is in another call, by a transfer
  TrunkId to = TrunkId::none;
  uint64_t serial = 0;  // of the call, unique within (boot id, worker)
  uint64_t started_unix_ns = 0;
  uint64_t answered_unix_ns = 0;  // 0 before the answer
  FixedTexts<static_cast<unsigned>(RowText::count), row_text_octets> texts;
  // Rows of its other m-lines, counted from 1; 0: none.
  uint32_t further[max_further_streams] = {};
  MediaSummary media[2];  // [0] from the calling peer, [1] from the called peer

  // In the order of RowText.
  void put(RowText which, std::string_view text) {
    texts.put(static_cast<unsigned>(which), text,
              which == RowText::call_id_in ? row_text_octets : longest_row_text);
  }
  std::string_view text(RowText which) const { return texts.view(static_cast<unsigned>(which)); }
};
// What stands before the texts changes when the call's state does.
inline constexpr size_t directory_state_octets = offsetof(DirectoryRow, texts);
static_assert(directory_state_octets % sizeof(uint64_t) == 0);

using DirectoryCell = SequenceLocked<DirectoryRow>;

// One of those other m-lines. It is of the call with that serial, whoever names it.
struct StreamRow {
  uint64_t serial = 0;
  MediaSummary media[2];
};
using StreamCell = SequenceLocked<StreamRow>;

}  // namespace demarc::contract
