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
  ThroughKeys through;
  through.gather(burst, &KeyRows::Row::in, false);
  burst.keys->contexts().unprotect(through.packets());
  through.take_back(verdict_of);
}

}  // namespace demarc::media
