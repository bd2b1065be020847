#include "dataplane/media/admission.h"
#include "dataplane/media/stages.h"

namespace demarc::media {
namespace {

Verdict inspect_one(const Burst& burst, const Candidate& candidate) {
  Slot& slot = *candidate.slot;
  if (candidate.is_stranger) [[unlikely]]
    return Verdict::wrong_source;
  const std::span<const uint8_t> payload(candidate.payload, candidate.length);
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
