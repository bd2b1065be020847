// Layer: all SIP transactions of one worker (RFC 3261 section 17, RFC 6026). It matches,
// retransmits, absorbs and times out; what a request means, and what is not answered late
// (RFC 4320), is the transaction user's business (call/). One worker only; bytes and time in, an
// Outbox out.
//
// The state machines are constexpr tables: client_invite.h, client_non_invite.h, server_invite.h,
// server_non_invite.h. Each TransactionId stays valid until its transaction terminates; a timer of
// zero (reliable transports) ends it at the next expire() of the wheel, never inside a call here.
#pragma once

#include <cstdint>
#include <string_view>

#include "dataplane/contract/stream_fault.h"
#include "dataplane/contract/time.h"
#include "dataplane/memory/arena.h"
#include "dataplane/memory/datagram_pool.h"
#include "dataplane/memory/hash_index.h"
#include "dataplane/memory/pool.h"
#include "dataplane/trace/trace.h"
#include "dataplane/transaction/edge.h"
#include "dataplane/transaction/match.h"
#include "dataplane/transaction/outbox.h"
#include "dataplane/transaction/path.h"
#include "dataplane/transaction/timer_wheel.h"
#include "dataplane/transaction/timing.h"
#include "dataplane/transaction/transaction.h"
#include "sip-parser/base/siphash.h"
#include "sip-parser/essentials.h"
#include "sip-parser/message.h"

namespace demarc::transaction {

class Layer {
 public:
  // Borrows datagrams, timers and outbox for its lifetime. `hash_key` must be secret.
  Layer(memory::Arena& arena, uint32_t capacity, memory::DatagramPool& datagrams,
        TimerWheel& timers, Outbox& outbox, const SipHashKey& hash_key);
  static size_t octets_needed(uint32_t capacity);
  // Timers that one transaction may have running at once; for sizing the wheel.
  static constexpr uint32_t timers_per_transaction = 2;

  // --- server (RFC 3261 sections 17.2 and 9.2) ---

  struct Request {
    enum class Kind : uint8_t {
      fresh,     // a new server transaction was made: `id`
      absorbed,  // a retransmission, or the ACK to our non-2xx; handled here
      ack,       // an ACK that matches no transaction of a non-2xx: the ACK to a 2xx, or a stray
      refused,   // no room for another transaction; answer statelessly or drop
    };
    Kind kind = Kind::absorbed;
    TransactionId id;
  };
  // A request that the parser and validator accepted. The transaction
  // remembers what it needs; the datagram is not kept. In Accepted (RFC 6026) a retransmitted
  // INVITE is absorbed without an answer (the user retransmits its 2xx).
  Request receive_request(const sip::Message& message, std::string_view datagram,
                          const sip::Essentials& essentials, const Path& path, const Timing& timing,
                          contract::TrunkId trunk, contract::Instant now);
  // The INVITE server transaction that this CANCEL names (RFC 3261 section 9.2); none when there is
  // no such. It may have its final response already: see is_pending(). The CANCEL must come from
  // the same trunk; its address within that trunk is in path_of().
  TransactionId find_cancelled(const sip::Message& cancel, std::string_view datagram,
                               const sip::Essentials& essentials, contract::TrunkId trunk);
  // Sends a response of the transaction user and keeps it for retransmission. `status_code` must be
  // that of the datagram. Takes a reference of its own. A provisional response after the final one
  // is not sent. A second final response is a check failure, except a 2xx again in Accepted
  // (RFC 6026), which counts as retransmitted. With `none` (no room for the datagram) the
  // transaction goes on and nothing is sent.
  void respond(TransactionId id, uint16_t status_code, memory::DatagramId response,
               contract::Instant now);

  // --- client (RFC 3261 section 17.1) ---

  // Sends a request and starts its client transaction. `branch` is the one in the request's top
  // Via, made by us and unique; responses that do not repeat `identity` are strays. none when there
  // is no room (also when `request` is none): nothing was sent then. Takes a reference of its own.
  TransactionId start(sip::Method method, std::string_view branch, const Identity& identity,
                      memory::DatagramId request, const Path& path, const Timing& timing,
                      contract::TrunkId trunk, contract::Instant now);

  struct Response {
    enum class Kind : uint8_t {
      pass,      // give it to the transaction user
      absorbed,  // a retransmission; handled here (a non-2xx final is acknowledged here)
      stray,     // matches nothing (RFC 6026: dropped), or comes from another trunk
    };
    Kind kind = Kind::stray;
    TransactionId id;
    uint32_t user = 0;  // what set_user gave
  };
  // The ACK to a non-2xx is composed and sent here (RFC 3261 section 17.1.1.3).
  Response receive_response(const sip::Message& message, std::string_view datagram,
                            const sip::Essentials& essentials, contract::TrunkId trunk,
                            contract::Instant now);
  // Of which trunk's the client transaction of this branch and method is; none: there is none.
  contract::TrunkId trunk_of(sip::Method method, std::string_view branch) const;
  // Whether a client transaction of this branch and method is live.
  bool is_started(sip::Method method, std::string_view branch) const;
  // The kept request of a client transaction (for CANCEL: RFC 3261 section 9.1); empty when gone
  // and after a 2xx, unless it is kept on.
  std::string_view request_of(TransactionId id) const;
  // A 2xx leaves the request in place until the transaction ends: for an INVITE of whose fields
  // each ACK has some (RFC 3261 section 22.1).
  void keep_request(TransactionId id);

  // --- time ---

  struct Expiry {
    enum class Kind : uint8_t {
      none,
      no_response,  // timer B or F: the client transaction ended without a final response
      no_ack,       // timer H: our non-2xx final was never acknowledged; nothing left to do
      unreachable,  // the transport could not bring the request there
    };
    Kind kind = Kind::none;
    TransactionId id;                                           // already terminated
    uint32_t user = 0;                                          // what set_user gave
    contract::StreamFault fault = contract::StreamFault::none;  // of `unreachable`
  };
  // The transport says that a request of ours did not get there (RFC 3261 section 17.1.4). One that
  // was answered, if only provisionally, got there and goes on.
  Expiry fail(sip::Method method, std::string_view branch,
              contract::StreamFault fault = contract::StreamFault::none);
  // Handles one event whose owner is `transaction`.
  Expiry on_timer(const TimerEvent& event, contract::Instant now);

  // --- the transaction user's mark ---

  // A number of the user's on each transaction (which call and leg); 0 until set.
  void set_user(TransactionId id, uint32_t user);
  uint32_t user_of(TransactionId id) const;
  bool is_live(TransactionId id) const;
  // Final response not yet sent (server) or received (client).
  bool is_pending(TransactionId id) const;
  // A provisional response came (client).
  bool is_proceeding(TransactionId id) const;
  // Of a live transaction. Valid until the next call that is not const.
  const Path& path_of(TransactionId id) const;
  contract::TrunkId trunk_of(TransactionId id) const;
  // A client transaction goes on waiting, and its request is not sent again: it is not wanted.
  void stop_repeating(TransactionId id);
  // Ends a transaction at once without a message (the path is gone, the user is shut down).
  void abandon(TransactionId id);

  // Every step of a table is written there from now on; null: none. Borrowed.
  void trace_to(trace::Ring* ring) { trace_ = ring; }

  uint32_t live() const { return transactions_.live(); }
  uint32_t capacity() const { return transactions_.capacity(); }
  uint64_t absorbed_count() const { return absorbed_; }
  uint64_t retransmitted_count() const { return retransmitted_; }

 private:
  // What a step may need besides its event.
  struct Input {
    contract::Instant now;
    memory::DatagramId message = memory::DatagramId::none;  // the user's, to send or keep
    std::string_view to = {};                               // To of a response, for the ACK
  };
  struct Lifetime {
    Event timer;
    contract::Duration length;
  };

  // The step of the table for this event, with its actions; the transaction may be gone after it.
  Step take(uint32_t index, Event event, const Input& input);
  bool execute(uint32_t index, Action action, const Input& input);
  static Lifetime lifetime_of(const Transaction& transaction, Action action);
  bool start_lifetime(uint32_t index, const Lifetime& lifetime, contract::Instant now);
  void start_retransmit(uint32_t index, contract::Duration interval, contract::Instant from,
                        contract::Instant now);
  TimerEvent timer_event(uint32_t index, Event timer) const;
  void send(const Transaction& transaction, memory::DatagramId datagram, bool is_again);
  void keep(Transaction& transaction, memory::DatagramId datagram);
  bool compose_ack(Transaction& transaction, std::string_view to);

  uint32_t create(const Transaction& transaction);
  void terminate(uint32_t index);
  uint32_t find(const Key& key) const;
  Request receive_ack(const Received& ack, contract::Instant now);
  uint32_t find_acknowledged(const Received& ack) const;
  bool has_to_tag(const Transaction& transaction, std::string_view to_tag) const;
  TransactionId name_of(uint32_t index) const { return {index, transactions_.generation(index)}; }

  memory::Pool<Transaction> transactions_;
  memory::HashIndex by_key_;
  memory::DatagramPool& datagrams_;
  TimerWheel& timers_;
  Outbox& outbox_;
  SipHashKey match_key_;
  trace::Ring* trace_ = nullptr;
  uint64_t absorbed_ = 0;
  uint64_t retransmitted_ = 0;
};

}  // namespace demarc::transaction
