#include "dataplane/media/admission.h"
#include "dataplane/media/checksum.h"
#include "dataplane/media/rtp.h"
#include "dataplane/media/stages.h"

namespace demarc::media {
namespace {

Verdict admit_one(const Burst& burst, Candidate& candidate) {
  Slot& slot = *candidate.slot;
  ++slot.packets_in;
  slot.octets_in += candidate.length;
  if (!is_expected(slot, burst.frames[candidate.index].source)) [[unlikely]] {
    if (slot.watch == Watch::fixed) return Verdict::wrong_source;
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
