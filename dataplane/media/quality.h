// Quality: what arrives of an RTP stream and how evenly: sequence, loss and jitter.
//
// Called by relay() for each RTP packet from the right source, and by Table for what it sums up.
// RFC 3550 appendix A.1 (sequence), A.3 (loss) and A.8 (jitter). One worker only.
#pragma once

#include <algorithm>
#include <cstdint>

#include "dataplane/contract/time.h"
#include "dataplane/media/rtp.h"
#include "dataplane/media/slot.h"

namespace demarc::media {

inline constexpr uint16_t max_dropout = 3000;
inline constexpr uint16_t max_misorder = 100;
inline constexpr uint32_t no_bad_sequence = 0x10001;

// Must be called once before the first packet.
void set_clock_rate(Slot& slot, uint32_t clock_rate_hz);

// Deviates from RFC 3550 appendix A.1: no probation. The source is a signalled address and port, so
// its first packet counts. A restart of the sequence forgets the transit time too, since a sender
// that starts again takes a new timestamp offset.
void observe(Slot& slot, const RtpHeader& header, contract::Instant now);

// What the clock of the stream shows now, in its units, modulo 2^32.
inline uint32_t arrival_of(const Slot& slot, contract::Instant now) {
  __extension__ typedef unsigned __int128 Wide;
  return static_cast<uint32_t>(Wide{now.ns} * slot.units_per_ns >> 64);
}

// Sixteen times this still fits the jitter's 32 bits, whatever timestamps a peer sends.
inline constexpr uint32_t max_transit_step = 0x07ffffff;

// One more packet of the SSRC in force that came in time: RFC 3550 appendix A.8. Those of one event
// or one frame have one timestamp (RFC 4733 section 2.5.1.2): how far apart they come is no jitter.
inline void note_arrival(Slot& slot, uint32_t arrival, uint32_t timestamp) {
  ++slot.rtp_packets;
  if (timestamp == slot.timestamp) return;
  slot.timestamp = timestamp;
  const uint32_t transit = arrival - timestamp;
  const auto step = static_cast<int32_t>(transit - slot.transit);
  const uint32_t distance =
      step < 0 ? 0u - static_cast<uint32_t>(step) : static_cast<uint32_t>(step);
  slot.transit = transit;
  slot.jitter += std::min(distance, max_transit_step) - ((slot.jitter + 8) >> 4);
}

// observe() of a packet of the SSRC in force whose sequence number is the next one.
inline void observe_next(Slot& slot, uint32_t timestamp, contract::Instant now) {
  ++slot.highest_sequence;  // the carry counts the cycles
  note_arrival(slot, arrival_of(slot, now), timestamp);
}

// Whether the SSRC in force said BYE and has sent no RTP since (RFC 3550 section 6.6). Such a
// source that sends again begins anew: what it did not send in between is no loss, and no report of
// ours is about it.
bool has_left(const Slot& slot);

// Packets that the peer has sent up to now, by its sequence numbers, over all SSRCs.
uint32_t expected(const Slot& slot);
// Packets missing up to now, over all SSRCs; late ones make it smaller, duplicates never below 0.
uint32_t lost(const Slot& slot);
// Of the SSRC in force.
uint32_t jitter_us(const Slot& slot);
// What a report block says of the SSRC in force (RFC 3550 section 6.4.1), since its sequence began.
struct Reception {
  uint32_t expected = 0;
  uint32_t received = 0;  // duplicates count
  uint32_t highest_sequence = 0;
  uint32_t jitter = 0;  // in RTP timestamp units
};
Reception reception_of(const Slot& slot);
// By the clock of the SSRC in force, which must have sent something.
uint32_t rtp_timestamp_at(const Slot& slot, contract::Instant now);

}  // namespace demarc::media
