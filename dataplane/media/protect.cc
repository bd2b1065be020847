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
    case srtp::Outcome::unauthenticated:
      return Verdict::malformed;
    case srtp::Outcome::replayed:
    case srtp::Outcome::expired:
      return Verdict::key_spent;
    case srtp::Outcome::no_room:
      break;
  }
  return Verdict::no_route;
}

}  // namespace

void protect(Burst& burst) {
  KeyRows& keys = *burst.keys;
  ThroughKeys through;
  for (Candidate& candidate : burst.all()) {
    if (candidate.verdict != Verdict::go || candidate.slot->crypto == no_row) continue;
    const uint32_t context = keys[candidate.slot->crypto].out;
    if (context == KeyRows::plain) continue;
    if (context == KeyRows::awaiting) {
      candidate.verdict = Verdict::no_key;
      continue;
    }
    keys.contexts().prefetch(context);
    through.add(candidate, context);
  }
  keys.contexts().protect(through.packets());
  through.take_back(verdict_of);
}

}  // namespace demarc::media
