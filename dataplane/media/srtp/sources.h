// Where an SSRC of a context stands, as long as it does not rest. RFC 3711 section 3.2.3.
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

}  // namespace demarc::media::srtp
