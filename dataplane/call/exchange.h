// Exchange: one request within a call that crosses from one leg to the other, and its response on
// the way back; also a request of our own, and an INVITE of ours that was given up. Pointer-free,
// as Call is. One worker only.
#pragma once

#include <cstdint>

#include "dataplane/call/exchange_table.h"
#include "dataplane/call/side.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/time.h"
#include "dataplane/dialog/session_timer.h"
#include "dataplane/memory/datagram_pool.h"
#include "dataplane/memory/pool.h"
#include "dataplane/transaction/path.h"
#include "dataplane/transaction/timer_wheel.h"
#include "dataplane/transaction/transaction.h"
#include "sip-parser/method.h"

namespace demarc::call {

struct Exchange {
  // bridged: of a peer. The others are of our own, and nobody waits for their response: a refresh
  // of the session timer, what the answer to one changed, told to the other side, a PRACK, an
  // INVITE that was given up for another target, one whose call another phone took, a digit in
  // INFO, a NOTIFY of a transfer, an offer to a leg that was joined with another, and an UPDATE
  // with the offer of a peer that has left, whose answer nobody waits for but the next offer.
  enum class Purpose : uint8_t {
    bridged,
    refresh,
    told,
    prack,
    given_up,
    taken_elsewhere,
    digit,
    notify,
    telling,
    orphaned,
  };
  // Whether its SDP is an offer. `awaited`: an INVITE without SDP, which asks for one. `made`: the
  // same, and ours has an offer that we made (made_offer.h).
  enum class Body : uint8_t { none, offer, awaited, made };

  ExchangeState state = ExchangeState::ended;
  Purpose purpose = Purpose::bridged;
  Body body = Body::none;
  Side from = Side::in;
  sip::Method method = sip::Method::other;
  uint32_t call = memory::no_index;   // slot; no_index: of no call any more
  uint32_t early = memory::no_index;  // the early dialog that it is in
  uint32_t next = memory::no_index;   // of the same call
  transaction::TransactionId server;  // of `from`; not set for our own
  transaction::TransactionId client;
  // Back to `from`; of one without a call, to whom it was sent.
  transaction::Path path;
  contract::TrunkId trunk = contract::TrunkId::none;  // of one without a call
  uint32_t cseq = 0;                                  // of the peer's request
  uint32_t client_cseq = 0;                           // of ours
  uint8_t challenges = 0;                             // to it that were answered
  // Of an INVITE.
  memory::DatagramId head = memory::DatagramId::none;    // of the responses to `from`
  memory::DatagramId answer = memory::DatagramId::none;  // our 2xx until its ACK
  // The offer as `to` got it, where a refresh may have to send it again once it is agreed.
  memory::DatagramId offered = memory::DatagramId::none;
  // The offer as its peer made it, where a codec policy chose what goes on.
  memory::DatagramId words = memory::DatagramId::none;
  dialog::SessionTimer terms;  // of `from`, in force with the 2xx
  bool has_terms = false;
  // Ours, where it went over TCP for its size and may have to go over UDP all the same.
  memory::DatagramId large = memory::DatagramId::none;
  // A REFER as it came, while it may have to be handled here after all.
  memory::DatagramId referral = memory::DatagramId::none;
  memory::DatagramId ack = memory::DatagramId::none;  // ours, for a 2xx that comes again
  contract::Duration interval;                        // before the next repetition of `answer`
  transaction::TimerId repeat;
  transaction::TimerId patience;

  // Whether a 2xx to our INVITE still waits for its ACK; one that picked up a call has no INVITE of
  // ours.
  bool owes_ack() const {
    return is_invite() && client.is_set() && ack == memory::DatagramId::none;
  }
  bool is_invite() const { return method == sip::Method::invite; }
  // Whether the request that went on brings an offer.
  bool brings_offer() const { return body == Body::offer || body == Body::made; }
  // Whether another INVITE of the call has to wait for it (RFC 3261 section 14.1).
  bool is_open_invite() const {
    return is_invite() && state != ExchangeState::settled && state != ExchangeState::ended &&
           call != memory::no_index;
  }
};

}  // namespace demarc::call
