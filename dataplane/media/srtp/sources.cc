// SSRCs of a key: found, begun, and put to rest when there are more than a Context has room for.
#include "dataplane/media/srtp/sources.h"

#include "dataplane/media/srtp/contexts.h"

namespace demarc::media::srtp {

const SourceState* Contexts::look_up(Context& context, uint32_t ssrc, SourceState& woken) const {
  if (const SourceState* source = find_source(context, ssrc)) return source;
  if (context.resting == no_resting) return nullptr;
  return resting_[context.resting].look(ssrc, woken) ? &woken : nullptr;
}

SourceState* Contexts::use(Context& context, uint32_t ssrc, Way way) {
  if (SourceState* source = find_source(context, ssrc)) {
    context.last_source = static_cast<uint8_t>(source - context.sources.data());
    return source;
  }
  SourceState next;
  next.ssrc = ssrc;
  uint8_t place = context.source_count;
  if (place < max_sources) {
    ++context.source_count;
  } else {
    place = static_cast<uint8_t>((context.last_source + 1) % max_sources);
    if (!replace(context, context.sources[place], next, way)) return nullptr;
  }
  context.last_source = place;
  context.sources[place] = next;
  return &context.sources[place];
}

// Puts `old` to rest, and wakes `next` where it rests. To send without knowing what was sent would
// be the same key stream again (RFC 3711 section 9.1); what is received costs only its counter.
bool Contexts::replace(Context& context, const SourceState& old, SourceState& next, Way way) {
  if (context.resting == no_resting) {
    context.resting = resting_.acquire();
    if (context.resting == no_resting) return way == Way::unprotect;
    resting_[context.resting] = Resting();
  }
  Resting& resting = resting_[context.resting];
  if (resting.look(next.ssrc, next)) resting.remove(next.ssrc);
  if (resting.is_full()) {
    if (way == Way::protect) return false;
    resting.remove_first();
  }
  return resting.put(old);
}

}  // namespace demarc::media::srtp
