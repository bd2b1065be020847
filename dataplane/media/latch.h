// Latch: who a trunk's peer is heard from when that is not where it said: NAT (decision D35).
//
// Untrusted input never decides where we send (D10), so what can be learnt is bounded: a source in
// the address that was signalled, in that of the call's own signalling, or in a prefix that the
// trunk's configuration names; while a window is open that only an offer or answer opens; after a
// run of packets of payload types that SDP names, one SSRC in sequence; of SRTP, authenticated.
// UDPTL has no SSRC, and a shorter run (udptl.h); the rest of the bound is the same.
// Of two sources the nearer to what was signalled wins, also if it comes second; of two as near,
// the one that was first. Used by Table; one worker only.
#pragma once

#include <cstdint>

#include "dataplane/contract/address.h"
#include "dataplane/contract/time.h"
#include "dataplane/media/latch_table.h"

namespace demarc::media {

// How near a source is to what was signalled; a greater one is nearer.
enum class Nearness : uint8_t {
  none,        // nothing that may send
  configured,  // an address of a prefix that the trunk names
  signalling,  // the address that the call's signalling comes from
  address,     // the signalled address, another port
  exact,       // the signalled address and port
};

// A run that jumps further than this in sequence begins again: two lost packets are borne.
inline constexpr uint16_t max_latch_step = 3;
// A candidate that sends nothing for so long lets another of its nearness begin.
inline constexpr contract::Duration latch_patience = contract::Duration::milliseconds(200);
// A source that was heard within this time has not moved, whatever an offer brings.
inline constexpr contract::Duration latch_is_alive = contract::Duration::seconds(1);

struct LatchRules {
  uint8_t packets = 5;  // of a run, at least 2
  contract::Duration window = contract::Duration::seconds(10);
};

struct LatchPacket {
  contract::Endpoint source;
  Nearness nearness = Nearness::none;
  uint32_t ssrc = 0;
  uint16_t sequence_number = 0;
  bool is_authentic = false;  // by SRTP: no other source can be nearer
};

struct Latch {
  LatchState state = LatchState::shut;
  Nearness learnt_nearness = Nearness::none;     // of the source in force, once learnt
  Nearness candidate_nearness = Nearness::none;  // none: there is none
  uint8_t run = 0;                               // packets of the candidate in sequence
  uint16_t candidate_sequence = 0;               // its last
  uint32_t candidate_ssrc = 0;
  contract::Endpoint signalled;
  contract::Endpoint in_force;  // who may send; port 0: nobody
  contract::Endpoint candidate;
  contract::Instant candidate_heard;
  contract::Instant window_end;
  uint32_t learnt_count = 0;  // sources that were learnt since the stream began

  bool is_open() const { return state != LatchState::shut && state != LatchState::settled; }
};

// An offer or answer signals `source` (port 0: none); `last_heard` is when the source in force last
// sent something good. To be called with the same source again when the call is answered, since
// a caller may send nothing before.
void on_offer(Latch& latch, const LatchRules& rules, const contract::Endpoint& source,
              contract::Instant last_heard, contract::Instant now);

enum class LatchVerdict : uint8_t {
  relay,     // of the source in force
  learning,  // good, and may yet be learnt
  refused,   // of a source that may not send
};
// A packet that is good in every other way. The source in force may be another one afterwards.
LatchVerdict on_packet(Latch& latch, const LatchRules& rules, const LatchPacket& packet,
                       contract::Instant now);

}  // namespace demarc::media
