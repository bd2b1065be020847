#include "dataplane/media/quality.h"

#include <algorithm>

namespace demarc::media {
namespace {

__extension__ typedef unsigned __int128 Wide;

uint32_t expected_of_ssrc(const Slot& slot) {
  return slot.rtp_packets == 0 ? 0 : slot.highest_sequence - slot.base_sequence + 1;
}

uint32_t lost_of_ssrc(const Slot& slot) {
  const auto missing = static_cast<int32_t>(expected_of_ssrc(slot) - slot.rtp_packets);
  return missing > 0 ? static_cast<uint32_t>(missing) : 0;
}

void begin_observation(Observed& observed, const Slot& slot, contract::Instant now) {
  observed.expected_before += expected_of_ssrc(slot);
  if (!observed.first_packet.is_set()) observed.first_packet = now;
  close_cluster(observed);
}

// A packet that is not the next one; `ahead` of the highest sequence number so far.
void note_irregular(Slot& slot, uint16_t ahead) {
  if (slot.observed == nullptr) return;
  if (ahead == 0) {
    ++slot.observed->duplicates;
  } else if (ahead < max_dropout) {
    note_loss(*slot.observed, slot.highest_sequence + 1, ahead - 1u);
  } else {
    note_late(*slot.observed, slot.highest_sequence - (0x10000u - ahead));
  }
}

// Which codec comes, and with it which clock. Comfort noise, events and keep-alives are sent beside
// it; they stand for it only until it is heard.
void note_codec(Slot& slot, uint8_t payload_type) {
  if (slot.observed == nullptr) return;
  Observed& observed = *slot.observed;
  const CodecNames::Name name = observed.codecs.of(payload_type);
  slot.is_codec_due = name.is_beside;
  if (name.is_beside && observed.payload_type != contract::no_payload_type) return;
  observed.payload_type = payload_type;
  const uint32_t rate = name.is_beside ? 0 : name.clock_rate_hz;
  if (rate == 0 || rate == slot.clock_rate_hz) return;
  slot.jitter = static_cast<uint32_t>(uint64_t{slot.jitter} * rate / slot.clock_rate_hz);
  set_clock_rate(slot, rate);
}

// The same SSRC after another offer and answer, or after what is no codec.
void note_codec_within(Slot& slot, const RtpHeader& header, contract::Instant now) {
  const uint32_t clock_rate_hz = slot.clock_rate_hz;
  note_codec(slot, header.payload_type);
  // A timestamp by another clock says nothing of the time since the last one.
  if (slot.clock_rate_hz == clock_rate_hz) return;
  slot.transit = arrival_of(slot, now) - header.timestamp;
}

void start_sequence(Slot& slot, const RtpHeader& header, contract::Instant now) {
  slot.lost_before += lost_of_ssrc(slot);
  if (slot.observed != nullptr) begin_observation(*slot.observed, slot, now);
  note_codec(slot, header.payload_type);
  slot.base_sequence = header.sequence_number;
  slot.highest_sequence = header.sequence_number;
  slot.bad_sequence = no_bad_sequence;
  slot.rtp_packets = 1;
  slot.timestamp = header.timestamp;
  slot.transit = arrival_of(slot, now) - header.timestamp;
}

}  // namespace

void set_clock_rate(Slot& slot, uint32_t clock_rate_hz) {
  slot.clock_rate_hz = clock_rate_hz;
  slot.units_per_ns = static_cast<uint64_t>((Wide{clock_rate_hz} << 64) / 1'000'000'000);
}

bool has_left(const Slot& slot) {
  const Observed* observed = slot.observed;
  return observed != nullptr && observed->left.is_set() && observed->left_ssrc == slot.ssrc &&
         slot.last_packet <= observed->left;
}

void observe(Slot& slot, const RtpHeader& header, contract::Instant now) {
  if (slot.rtp_packets == 0 || slot.ssrc != header.ssrc) [[unlikely]] {
    start_sequence(slot, header, now);
    slot.ssrc = header.ssrc;
    slot.jitter = 0;
    return;
  }
  if (slot.is_codec_due) [[unlikely]]
    note_codec_within(slot, header, now);
  const auto ahead = static_cast<uint16_t>(header.sequence_number - slot.highest_sequence);
  if (ahead != 1) [[unlikely]] {
    if (ahead != 0 && ahead <= 0x10000 - max_misorder && has_left(slot)) {
      start_sequence(slot, header, now);
      return;
    }
    note_irregular(slot, ahead);
  }
  if (ahead < max_dropout) [[likely]] {
    slot.highest_sequence += ahead;  // the carry counts the cycles
  } else if (ahead <= 0x10000 - max_misorder) {
    if (header.sequence_number == slot.bad_sequence) {
      start_sequence(slot, header, now);
    } else {
      slot.bad_sequence = static_cast<uint16_t>(header.sequence_number + 1);
    }
    return;
  }
  note_arrival(slot, arrival_of(slot, now), header.timestamp);
}

uint32_t lost(const Slot& slot) {
  return slot.lost_before + lost_of_ssrc(slot);
}

uint32_t expected(const Slot& slot) {
  const uint32_t before = slot.observed == nullptr ? 0 : slot.observed->expected_before;
  return before + expected_of_ssrc(slot);
}

Reception reception_of(const Slot& slot) {
  return {expected_of_ssrc(slot), slot.rtp_packets, slot.highest_sequence, slot.jitter >> 4};
}

uint32_t rtp_timestamp_at(const Slot& slot, contract::Instant now) {
  return arrival_of(slot, now) - slot.transit;
}

uint32_t jitter_us(const Slot& slot) {
  if (slot.clock_rate_hz == 0) return 0;
  const uint64_t us = uint64_t{slot.jitter >> 4} * 1'000'000 / slot.clock_rate_hz;
  return static_cast<uint32_t>(std::min<uint64_t>(us, 0xffffffff));
}

}  // namespace demarc::media
