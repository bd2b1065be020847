// Outside: the requests outside of any call that the control plane has this worker send (REGISTER,
// OPTIONS), as client transactions of their own (RFC 3261 section 17.1.2), and the events that say
// what became of them. And the other way round: REGISTERs of peers that register with us, each of
// which is an event that the control plane answers by an entry of its ring (RFC 3261 section 10.3).
//
// A transaction user beside call/: the engine tells the two apart by the method of a response,
// which no call sends, and by the user's mark. One worker only; bytes and time in, the outbox out.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/call/compose.h"
#include "dataplane/call/mint.h"
#include "dataplane/call/received.h"
#include "dataplane/contract/outside.h"
#include "dataplane/contract/region.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/memory/arena.h"
#include "dataplane/memory/datagram_pool.h"
#include "dataplane/memory/pool.h"
#include "dataplane/transaction/layer.h"
#include "dataplane/transaction/outbox.h"
#include "dataplane/transaction/timer_wheel.h"
#include "sip-parser/message.h"
#include "sip-parser/method.h"
#include "sip-parser/write.h"

namespace demarc::outside {

// How long a REGISTER waits for the control plane: less than its sender does (timer F).
inline constexpr contract::Duration register_patience = contract::Duration::milliseconds(8000);

class Outside {
 public:
  struct Services {
    contract::Region& region;
    memory::DatagramPool& datagrams;
    transaction::TimerWheel& timers;
    transaction::Outbox& outbox;
    transaction::Layer& transactions;
  };
  struct Limits {
    contract::WorkerIndex worker = 0;
    unsigned workers = 1;
    uint32_t requests = 0;  // under way at once in both directions, and as many timers
  };

  // Borrows the services for its lifetime.
  Outside(memory::Arena& arena, const Limits& limits, const Services& services,
          const contract::NameKeys& names, const SipHashKey& entropy);
  static size_t octets_needed(const Limits& limits);

  void adopt(const contract::Snapshot& snapshot) { snapshot_ = &snapshot; }

  // Sends what waits in the ring of requests, answers to REGISTERs among it, at most 16.
  void take_requests(contract::Instant now);

  // Whether a response to this method is for us: no call sends such a request.
  static bool is_ours(sip::Method method) {
    return method == sip::Method::register_ || method == sip::Method::options;
  }
  // Whether a transaction with this user is ours; call/ keeps the two highest bits apart.
  static bool is_ours(uint32_t user) { return (user & 0xc0000000) == user_mark; }
  void on_response(const call::Received& response);
  // A REGISTER of a trunk whose peers register with us. It gets one final response: what the
  // control plane says, or 503 when that says nothing for register_patience or has no room; none
  // when it says so, or when there is no room here, so that its repetition is as good as new.
  void on_register(const call::Received& request);
  void on_expiry(const transaction::Layer::Expiry& expiry, contract::Instant now);
  void on_timer(const transaction::TimerEvent& event, contract::Instant now);

  uint32_t live() const { return pending_.live(); }

 private:
  struct Pending {
    uint64_t request_id = 0;
    transaction::TransactionId transaction;
    transaction::TimerId patience;
    contract::Instant sent;
    // Of a REGISTER: the fields that every response to it repeats. none: it is a request of ours.
    memory::DatagramId head = memory::DatagramId::none;
  };
  static constexpr uint32_t user_mark = 0x40000000;

  bool send(const contract::OutsideRequest& request, contract::Instant now);
  std::string_view compose(const contract::OutsideRequest& request, std::string_view branch);
  bool start(uint32_t index, const contract::OutsideRequest& request, std::string_view branch,
             std::string_view message, contract::Instant now);
  void copy_response(const call::Received& response);
  // The message's header as far as it fits, without what is_left_out() names.
  void copy_fields(const call::Received& received, sip::Writer& writer);
  memory::DatagramId keep_head(const call::Received& request);
  bool hand_over(uint32_t index, const call::Received& request);
  void take_answer(const contract::OutsideRequest& answer, contract::Instant now);
  // Gives the REGISTER back, after this response; 0: after none.
  void answer(uint32_t index, uint16_t status_code, std::string_view fields, contract::Instant now);
  // Gives the pending request back, with the event as its outcome.
  void end(uint32_t index, contract::OutsideEvent::Kind kind, contract::Instant now);
  bool report();
  void count(contract::WorkerCounter counter);

  Limits limits_;
  Services services_;
  const contract::Snapshot* snapshot_ = nullptr;
  memory::Pool<Pending> pending_;
  call::Mint mint_;
  std::span<char> scratch_;           // one message
  contract::OutsideRequest request_;  // a copy, since the ring's memory is shared
  contract::OutsideEvent event_;
  sip::Message message_;
};

}  // namespace demarc::outside
