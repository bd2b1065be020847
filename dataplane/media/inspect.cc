#include <algorithm>

#include "dataplane/media/admission.h"
#include "dataplane/media/stages.h"
#include "dataplane/media/udptl.h"

namespace demarc::media {
namespace {

// Whether SDP names the payload type. Any is, as long as nobody said anything, or where what they
// said did not fit.
bool is_named(const CodecNames& said, uint8_t payload_type) {
  if (said.count == 0 || !said.is_whole) return true;
  return std::any_of(
      said.names.begin(), said.names.begin() + said.count,
      [payload_type](const CodecNames::Name& name) { return name.payload_type == payload_type; });
}

// RTP or UDPTL of a stream whose source may still be learnt. All that comes is looked at, so that
// the source in force can settle it. What was not authenticated never gets here where SRTP is used.
Verdict watch_source(Burst& burst, Candidate& candidate, std::span<const uint8_t> payload) {
  const uint32_t row = burst.cold_of(candidate.slot_index).source;
  Source& source = (*burst.sources)[row];
  const contract::Endpoint& from = burst.frames[candidate.index].source;
  // The way of its packets may change within the burst, and with it what their checksum covers.
  candidate.is_changed = true;
  if (candidate.is_rtcp) {
    return from == source.latch.in_force ? Verdict::go : Verdict::wrong_source;
  }
  LatchPacket packet{.source = from, .is_authentic = candidate.is_authentic};
  LatchRules rules = source.rules;
  if (candidate.slot->stream == Stream::udptl) {
    if (!is_udptl(payload)) {
      return from == source.latch.in_force ? Verdict::go : Verdict::wrong_source;
    }
    packet.sequence_number = read_be16(payload.data());
    rules.packets = udptl_latch_run;
  } else {
    if (!is_rtp(payload)) return Verdict::malformed;
    const RtpHeader header = read_rtp_header(payload.data());
    // Who has the keys need not prove that it knows the SDP.
    const bool is_of_sdp =
        candidate.is_authentic || is_named(candidate.slot->observed->codecs, header.payload_type);
    if (!is_of_sdp) return from == source.latch.in_force ? Verdict::go : Verdict::wrong_source;
    packet.ssrc = header.ssrc;
    packet.sequence_number = header.sequence_number;
  }
  packet.nearness = nearness_of(source, burst.snapshot, from);
  const bool was_open = source.latch.is_open();
  const contract::Endpoint before = source.latch.in_force;
  const LatchVerdict verdict = on_packet(source.latch, rules, packet, burst.now);
  const bool has_changed = source.latch.in_force != before || source.latch.is_open() != was_open;
  if (has_changed && !source.is_moved) burst.learn({row, false, from});
  source.is_moved |= has_changed;
  if (verdict == LatchVerdict::relay) return Verdict::go;
  return verdict == LatchVerdict::learning ? Verdict::learning : Verdict::wrong_source;
}

// RTCP after RTP was learnt: from the same address, about the same SSRC.
Verdict watch_rtcp(Burst& burst, Candidate& candidate, std::span<const uint8_t> payload) {
  if (!is_rtcp(payload)) return Verdict::malformed;
  const uint32_t row = burst.cold_of(candidate.slot_index).source;
  const Source& source = (*burst.sources)[row];
  const contract::Endpoint& from = burst.frames[candidate.index].source;
  if (source.latch.in_force.address != from.address) return Verdict::wrong_source;
  if (read_be32(&payload[4]) != burst.ssrc_of(source.rtp)) return Verdict::wrong_source;
  candidate.is_changed = true;
  burst.learn({row, true, from});
  return Verdict::go;
}

Verdict watch(Burst& burst, Candidate& candidate, std::span<const uint8_t> payload) {
  switch (candidate.slot->watch) {
    case Watch::latching:
      return watch_source(burst, candidate, payload);
    case Watch::follows:
      return watch_rtcp(burst, candidate, payload);
    case Watch::fixed:
      break;
  }
  return candidate.is_stranger ? Verdict::wrong_source : Verdict::go;
}

Verdict inspect_one(Burst& burst, Candidate& candidate) {
  Slot& slot = *candidate.slot;
  const std::span<const uint8_t> payload(candidate.payload, candidate.length);
  const Verdict watched = watch(burst, candidate, payload);
  if (watched != Verdict::go) [[unlikely]]
    return watched;
  if (!inspect_header(slot, payload, burst.now)) [[unlikely]]
    return Verdict::malformed;
  slot.last_packet = burst.now;
  if (slot.action != Action::relay) [[unlikely]]
    return Verdict::not_ready;
  return Verdict::go;
}

}  // namespace

void inspect(Burst& burst) {
  for (Candidate& candidate : burst.all()) {
    if (candidate.is_made || candidate.verdict != Verdict::go) continue;
    candidate.verdict = inspect_one(burst, candidate);
  }
}

}  // namespace demarc::media
