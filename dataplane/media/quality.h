// Quality: what arrives of an RTP stream and how evenly: sequence, loss and jitter.
//
// Called by relay() for each RTP packet from the right source, and by Table for what it sums up.
// RFC 3550 appendix A.1 (sequence), A.3 (loss) and A.8 (jitter). One worker only.
#pragma once

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
