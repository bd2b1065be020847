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
  ThroughKeys through;
  through.gather(burst, &KeyRows::Row::out, true);
  burst.keys->contexts().protect(through.packets());
  through.take_back(verdict_of);
}

}  // namespace demarc::media
