#include "dataplane/media/key_rows.h"
#include "dataplane/media/stages.h"
#include "dataplane/media/through_keys.h"

namespace demarc::media {
namespace {

Verdict verdict_of(srtp::Outcome outcome) {
  switch (outcome) {
    case srtp::Outcome::done:
      return Verdict::go;
    case srtp::Outcome::malformed:
      return Verdict::malformed;
    case srtp::Outcome::replayed:
      return Verdict::replayed;
    case srtp::Outcome::expired:
      return Verdict::key_spent;
    case srtp::Outcome::unauthenticated:
    case srtp::Outcome::no_room:
      break;
  }
  return Verdict::unauthenticated;
}

}  // namespace

void unprotect(Burst& burst) {
  KeyRows& keys = *burst.keys;
  ThroughKeys through;
  for (Candidate& candidate : burst.all()) {
    if (candidate.is_made || candidate.verdict != Verdict::go) continue;
    if (candidate.slot->crypto == no_row) continue;
    const uint32_t context = keys[candidate.slot->crypto].in;
    if (context == KeyRows::plain) continue;
    if (context == KeyRows::awaiting) {
      candidate.verdict = Verdict::no_key;
      continue;
    }
    keys.contexts().prefetch(context);
    through.add(candidate, context);
  }
  keys.contexts().unprotect(through.packets());
  through.take_back(verdict_of);
}

}  // namespace demarc::media
