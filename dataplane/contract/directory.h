// The call directory: one fixed row per call slot, written by its worker, readable by anybody at
// any time. It is what lists live calls, and what a restarted control plane finds.
#pragma once

#include <cstdint>

#include "dataplane/contract/address.h"
#include "dataplane/contract/fixed_text.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/sequence_lock.h"

namespace demarc::contract {

enum class CallPhase : uint8_t { none, trying, ringing, answered, ending };

// What one direction of a call's media did. "in" is what arrived from that leg's peer.
struct MediaSummary {
  uint64_t packets_in = 0;       // RTP and RTCP
  uint64_t octets_in = 0;        // payload octets
  uint64_t packets_relayed = 0;  // of packets_in, sent on to the other leg
  uint64_t packets_dropped = 0;  // of packets_in, for whatever reason
  uint32_t rtp_lost = 0;         // missing in the peer's sequence (RFC 3550 appendix A.3)
  uint32_t jitter_us = 0;        // RFC 3550 appendix A.8
  Endpoint local;                // ours, facing the peer; port 0 when the call has no media
  Endpoint remote;               // the peer's, as signalled
};

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

using DirectoryCell = SequenceLocked<DirectoryRow>;

}  // namespace demarc::contract
