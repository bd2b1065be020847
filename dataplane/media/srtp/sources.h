// The SSRCs of a context: found, or begun at the cost of another one. RFC 3711 section 3.2.3.
#pragma once

#include "dataplane/media/srtp/context.h"

namespace demarc::media::srtp {

// nullptr when there is none.
inline SourceState* find_source(Context& context, uint32_t ssrc) {
  for (unsigned i = 0; i < context.source_count; ++i) {
    if (context.sources[i].ssrc == ssrc) return &context.sources[i];
  }
  return nullptr;
}

// To be called for a packet that is authentic, or that we send; makes it the last one heard.
inline SourceState& use_source(Context& context, uint32_t ssrc) {
  if (SourceState* source = find_source(context, ssrc)) {
    context.last_source = static_cast<uint8_t>(source - context.sources.data());
    return *source;
  }
  if (context.source_count < max_sources) {
    context.last_source = context.source_count++;
  } else {
    context.last_source = static_cast<uint8_t>((context.last_source + 1) % max_sources);
  }
  SourceState& source = context.sources[context.last_source];
  source = SourceState();
  source.ssrc = ssrc;
  return source;
}

}  // namespace demarc::media::srtp
