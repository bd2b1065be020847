// Path: between which two endpoints a message travels, and how (RFC 3261 section 18). Filled by the
// engine from what was received, or by call/ from a trunk's target; a plain value, copied into each
// transaction and each Send.
#pragma once

#include <cstdint>

#include "dataplane/contract/address.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/transport.h"

namespace demarc::transaction {

// A TCP or TLS connection, as the stream thread names it. One that is gone is not found again.
enum class StreamId : uint32_t { none = 0 };

struct Path {
  contract::Endpoint local;   // ours
  contract::Endpoint remote;  // where it came from, or where it goes
  contract::RealmId realm = contract::RealmId::none;
  contract::Transport transport = contract::Transport::udp;
  // The connection to be used while it is there; without it the one to `remote`, or a new one.
  StreamId stream = StreamId::none;
  bool is_reliable() const { return transport != contract::Transport::udp; }
};

}  // namespace demarc::transaction
