// SSRCs of a key: found, begun, and put to rest when there are more than a Context has room for.
#include "dataplane/media/srtp/sources.h"

#include "dataplane/media/srtp/contexts.h"

namespace demarc::media::srtp {

Contexts::Standing Contexts::look_up_resting(const Context& context, uint32_t ssrc) {
  woken_ = {};
  for (uint32_t row = context.resting; row != no_resting; row = resting_[row].next) {
    if (resting_[row].look(ssrc, woken_)) return {nullptr, &woken_};
  }
  return {};
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
  uint32_t free = no_resting;
  for (uint32_t row = context.resting; row != no_resting; row = resting_[row].next) {
    if (resting_[row].look(next.ssrc, next)) resting_[row].remove(next.ssrc);
    if (!resting_[row].is_full()) free = row;
  }
  if (free == no_resting) free = further_resting(context, way);
  if (free == no_resting) {
    if (way == Way::protect) return false;
    free = context.resting;
    if (free == no_resting) return true;
    resting_[free].remove_first();
  }
  return resting_[free].put(old);
}

// The last half of them is for what is sent, which is silent without.
uint32_t Contexts::further_resting(Context& context, Way way) {
  unsigned rows = 0;
  for (uint32_t row = context.resting; row != no_resting; row = resting_[row].next) ++rows;
  const bool is_reserved =
      way == Way::unprotect && resting_.live() >= (resting_.capacity() + 1) / 2;
  if (rows == max_resting_rows || is_reserved) return no_resting;
  const uint32_t row = resting_.acquire();
  if (row == memory::no_index) return no_resting;
  resting_[row] = Resting();
  resting_[row].next = context.resting;
  context.resting = row;
  return row;
}

}  // namespace demarc::media::srtp
