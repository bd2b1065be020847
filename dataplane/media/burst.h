// Burst: the packets of one burst that need more than a rewrite, on their way through the stages.
//
// Filled by Table::relay, worked on by stages.h. A candidate names a packet by its payload,
// wherever its buffer is; its verdict says whether later stages still look at it. One worker only.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/contract/counters.h"
#include "dataplane/contract/time.h"
#include "dataplane/media/cold.h"
#include "dataplane/media/frame.h"
#include "dataplane/media/made.h"
#include "dataplane/media/slot.h"
#include "dataplane/media/sources.h"
#include "dataplane/memory/pool.h"

namespace demarc::media {

class KeyRows;

// More lines on their way would only push one another out of the fill buffers.
inline constexpr unsigned relay_burst = 32;

// What becomes of a packet: `go` until a stage says otherwise. Each other one has a counter.
enum class Verdict : uint8_t {
  go,
  wrong_source,
  malformed,
  learning,  // of a source that is not learnt yet
  not_ready,
  no_route,
  unauthenticated,  // SRTP with a wrong tag or MKI
  replayed,         // SRTP that came before, or too late to tell
  no_key,           // SRTP whose key is not known yet
  key_spent,        // its SRTP index was used before, or the key has had all its packets or SSRCs
  absorbed,         // by the work stage: no packet of its own goes on for it
};

struct Candidate {
  Slot* slot;
  uint8_t* payload;      // RTP, RTCP or UDPTL
  uint32_t slot_index;   // of *slot
  uint16_t length;       // of the payload in octets
  uint16_t room_before;  // writable octets before the payload
  uint16_t room_behind;  // writable octets behind it
  uint16_t index;        // in Burst::frames, or of the made packet
  Verdict verdict;
  bool is_made;       // by us: it is not admitted, unprotected, inspected or worked on
  bool is_rtcp;       // RTCP on either port; never for UDPTL
  bool is_stranger;   // not from the expected source; the slot's watch lets it come to inspect()
  bool is_authentic;  // SRTP, and its tag was right
  bool is_changed;    // a stage changed the payload, so its UDP checksum is computed anew
};

struct Burst {
  Burst(std::span<Cold> slow, MadePackets& packets, contract::WorkerCounters& worker)
      : cold(slow), made(packets), counters(worker) {}

  std::span<Frame> frames;      // of the whole relay()
  std::span<const Slot> slots;  // of the table
  uint32_t ssrc_of(SlotId slot) const { return slots[static_cast<uint32_t>(slot)].ssrc; }
  contract::Instant now;
  std::span<Cold> cold;  // by row of the direction
  Cold& cold_of(uint32_t slot) const { return cold[row_of_slot(slot)]; }
  memory::Pool<Source>* sources = nullptr;       // by Cold::source; of the table
  const contract::Snapshot* snapshot = nullptr;  // in force; of the table
  MadePackets& made;
  contract::WorkerCounters& counters;
  KeyRows* keys = nullptr;  // where slots have any

  std::span<Candidate> all() { return {candidates.data(), count}; }
  // A received frame.
  void add(Slot& slot, uint16_t frame_index);
  // A packet of our own that leaves by `slot` behind the frame `after`: the payload of `length`
  // octets (at most max_made_payload) is to be written by the caller. nullptr when the pool is
  // full, which is counted (made_pool_full).
  Candidate* make(Slot& slot, uint32_t slot_index, uint16_t after, uint16_t length);
  // One that waits in the pool.
  Candidate& add_made(Slot& slot, uint16_t made_index);

  // Sources that the inspect stage learnt; Table follows them before the burst is finished.
  struct Learnt {
    uint32_t source;
    bool is_rtcp;
    contract::Endpoint from;
  };
  void learn(const Learnt& one) { learnt[learnt_count++] = one; }
  unsigned learnt_count = 0;
  std::array<Learnt, relay_burst> learnt;

  unsigned count = 0;
  std::array<Candidate, relay_burst + max_made_packets> candidates;
};

}  // namespace demarc::media
