// MadeOffer: the offer that we make where the caller's INVITE has none and the called side takes no
// INVITE without one (RFC 3264 section 4, RFC 6337 section 3.1; decision D82).
//
// Called by the parts of Calls that stand in made_offer.cc. The text stands for what the caller
// would say: audio in the codecs of the called side's trunk, at no address. Session puts our ports,
// numbers and keys in its place. Pure function. Within a call it is not needed: what the asking
// side said last stands for it (decision D83).
#pragma once

#include "dataplane/call/codec_choice.h"
#include "sip-parser/write.h"

namespace demarc::call {

// At most as many formats as a trunk names codecs, and telephone-event. G.711 where the trunk names
// none. False when none of those that it names is known here, or there is no room.
[[nodiscard]] bool write_made_offer(const CodecRules& rules, sip::Writer& writer);

}  // namespace demarc::call
