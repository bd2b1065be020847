// Path: between which two endpoints a message travels, and how (RFC 3261 section 18). Filled by the
// engine from what was received, or by call/ from a trunk's target; a plain value, copied into each
// transaction and each Send.
#pragma once

#include <cstdint>

#include "dataplane/contract/address.h"
#include "dataplane/contract/ids.h"
#include "sip-parser/via.h"

namespace demarc::transaction {

struct Path {
  contract::Endpoint local;   // ours
  contract::Endpoint remote;  // where it came from, or where it goes
  contract::RealmId realm = contract::RealmId::none;
  sip::Transport transport = sip::Transport::udp;
  bool is_reliable() const { return transport != sip::Transport::udp; }
};

}  // namespace demarc::transaction
