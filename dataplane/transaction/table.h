// step(): the four transaction state machines as one function without side effects (RFC 3261
// section 17, RFC 6026). Called by the layer; its arrows are the tables of client_invite.h,
// client_non_invite.h, server_invite.h and server_non_invite.h. Any thread.
#pragma once

#include "dataplane/transaction/client_invite.h"
#include "dataplane/transaction/client_non_invite.h"
#include "dataplane/transaction/server_invite.h"
#include "dataplane/transaction/server_non_invite.h"

namespace demarc::transaction {

// In the order of Machine.
inline constexpr std::array<Table, 4> tables = {client_invite, client_non_invite, server_invite,
                                                server_non_invite};
static_assert(static_cast<size_t>(Machine::client_invite) == 0 &&
              static_cast<size_t>(Machine::client_non_invite) == 1 &&
              static_cast<size_t>(Machine::server_invite) == 2 &&
              static_cast<size_t>(Machine::server_non_invite) == 3);

constexpr Step step(Machine machine, State state, Event event) {
  return tables[static_cast<size_t>(machine)][static_cast<size_t>(state)]
               [static_cast<size_t>(event)];
}

}  // namespace demarc::transaction
