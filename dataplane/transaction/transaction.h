// Transaction: the state of one transaction (RFC 3261 section 17), pointer-free, and its name. The
// layer owns them in a pool; a user holds names only. One worker only.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/contract/ids.h"
#include "dataplane/contract/time.h"
#include "dataplane/memory/datagram_pool.h"
#include "dataplane/transaction/path.h"
#include "dataplane/transaction/timer_wheel.h"
#include "dataplane/transaction/timing.h"
#include "sip-parser/method.h"

namespace demarc::transaction {

struct TransactionId {
  uint32_t index = memory::no_index;
  uint32_t generation = 0;
  bool is_set() const { return index != memory::no_index; }
  friend bool operator==(const TransactionId&, const TransactionId&) = default;
};

enum class Machine : uint8_t { client_invite, client_non_invite, server_invite, server_non_invite };

enum class State : uint8_t {
  calling,
  trying,
  proceeding,
  completed,
  confirmed,
  accepted,
  terminated,
};

struct Transaction {
  Machine machine = Machine::client_invite;
  State state = State::terminated;
  sip::Method method = sip::Method::other;
  contract::TrunkId trunk = contract::TrunkId::none;
  uint32_t user = 0;
  uint64_t key = 0;            // keyed hash of what RFC 3261 section 17.1.3 or 17.2.3 compares
  uint64_t identity = 0;       // client: keyed hash of what a response must repeat; 0: anything
  bool has_to_tag = false;     // of a client's request
  bool keeps_request = false;  // a client's, behind a 2xx, too
  uint64_t key_check = 0;  // a second, independent hash of the same: compared instead of the text
  Path path;
  Timing timing;
  // The request (client) or the last response (server).
  memory::DatagramId datagram = memory::DatagramId::none;
  memory::DatagramId ack = memory::DatagramId::none;  // client INVITE: the ACK to a non-2xx
  contract::Duration interval;  // of timer A, E or G, before the next doubling
  contract::Instant
      retransmit_due;  // of the same; the next is counted from it, so it can not drift
  TimerId retransmit;  // timer A, E or G
  TimerId lifetime;    // timer B, D, F, H, I, J, K, L or M
};
static_assert(sizeof(Transaction) <= 192);  // three cache lines; 32 s of them are live

}  // namespace demarc::transaction
