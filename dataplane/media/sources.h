// Sources: who may be learnt as the sender of a stream whose trunk latches (decision D35).
//
// One Source per such direction, held by its Cold. Written by Table when an offer or answer comes
// and by the inspect stage; one worker only.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/contract/snapshot.h"
#include "dataplane/contract/source_policy.h"
#include "dataplane/contract/time.h"
#include "dataplane/media/latch.h"
#include "dataplane/media/slot.h"

namespace demarc::media {

struct Source {
  Latch latch;
  LatchRules rules;
  contract::TrunkId trunk = contract::TrunkId::none;
  contract::IpAddress signalling;  // where the call's signalling comes from
  contract::Endpoint signalled_rtcp;
  SlotId rtp = SlotId::none;  // of this direction
  SlotId rtcp = SlotId::none;
  SlotId rtp_back = SlotId::none;  // of the other one: what it sends follows the source
  SlotId rtcp_back = SlotId::none;
  bool is_moved = false;  // the source in force is another one; Table has not followed yet
};

LatchRules rules_of(const contract::SourcePolicy& policy);

// none for what can never be learnt: an address of the box itself, and all that lies outside of
// what the Source names. `snapshot` may be nullptr.
Nearness nearness_of(const Source& source, const contract::Snapshot* snapshot,
                     const contract::Endpoint& from);

// Whether the address is one of the box's own: media is never sent in a circle (decision D10).
bool is_own(const contract::Snapshot& snapshot, const contract::IpAddress& address);

}  // namespace demarc::media
