// Outgoing: the IP and UDP header that a slot's packets leave with, built once when it is aimed.
//
// Called by Table; read by relay(). RFC 791, RFC 8200 section 3, RFC 768. One worker only.
#pragma once

#include "dataplane/contract/address.h"
#include "dataplane/media/slot.h"

namespace demarc::media {

// Both ends must be of one family. Reads slot.dscp; sets header, its sums and remote_out.
void build_header(Slot& slot, const contract::Endpoint& source,
                  const contract::Endpoint& destination);
// To be called when either side changed: who may send here, or where it goes.
void update_checksum_delta(Slot& slot);

}  // namespace demarc::media
