// Relay: what is done with one packet: who sent it, is it RTP, where does it go, in place.
//
// Called by Table::relay with the slot's lines on their way into the cache. RFC 3550, RFC 768,
// RFC 1624 (UDP checksum), RFC 8200 section 8.1. One worker only.
#pragma once

#include "dataplane/contract/time.h"
#include "dataplane/media/frame.h"
#include "dataplane/media/slot.h"

namespace demarc::media {

// The slot must not be closed. Counts in the slot and sets frame.outcome. The payload never moves:
// the outgoing header is written so that it ends where the payload begins, whatever IP options or
// extension headers came in.
void relay_one(Slot& slot, Frame& frame, contract::Instant now);

}  // namespace demarc::media
