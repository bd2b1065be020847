#include "dataplane/media/admission.h"
#include "dataplane/media/checksum.h"
#include "dataplane/media/rtp.h"
#include "dataplane/media/stages.h"

namespace demarc::media {
namespace {

// A stranger that can never be learnt costs neither decryption nor a look at its header.
bool may_be_learnt(const Burst& burst, const Candidate& candidate) {
  const Slot& slot = *candidate.slot;
  const uint32_t row = burst.cold_of(candidate.slot_index).source;
  if (slot.watch == Watch::fixed || row == no_row) return false;
  const Source& source = (*burst.sources)[row];
  const contract::Endpoint& from = burst.frames[candidate.index].source;
  if (slot.watch == Watch::follows) return from.address == source.latch.in_force.address;
  return nearness_of(source, burst.snapshot, from) != Nearness::none;
}

Verdict admit_one(const Burst& burst, Candidate& candidate) {
  Slot& slot = *candidate.slot;
  ++slot.packets_in;
  slot.octets_in += candidate.length;
  if (!is_expected(slot, burst.frames[candidate.index].source)) [[unlikely]] {
    if (!may_be_learnt(burst, candidate)) return Verdict::wrong_source;
    candidate.is_stranger = true;
  }
  // RFC 8200 section 8.1: UDP without a checksum over IPv6 is to be discarded.
  if (slot.is_v6_in && load16(candidate.payload - 2) == 0) return Verdict::malformed;
  const std::span<const uint8_t> payload(candidate.payload, candidate.length);
  // The headers of SRTP and SRTCP are in the clear (RFC 3711 sections 3.1 and 3.4).
  candidate.is_rtcp =
      slot.stream == Stream::rtcp || (slot.stream == Stream::rtp && looks_like_rtcp(payload));
  return Verdict::go;
}

}  // namespace

void admit(Burst& burst) {
  for (Candidate& candidate : burst.all()) {
    if (!candidate.is_made) candidate.verdict = admit_one(burst, candidate);
  }
}

}  // namespace demarc::media
