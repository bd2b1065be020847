// Calls: the B2BUA of one worker (RFC 7092 section 3.1). It is the transaction user of every SIP
// transaction here: takes requests and responses that the layer below lets through, moves calls by
// the table of bridge_table.h, and composes what goes out.
//
//   requests.cc   what a request is for, and the answers that need no call
//   admit.cc      a new call: limits, route, session, the INVITE that goes on
//   bridge.cc     events of either leg, and the actions of the table
//   outgoing.cc   CANCEL, ACK and BYE, and where they go
//   release.cc    the end of a call, and the timers that may bring it
//   ledger.cc     the directory row and the record
//
// One worker only; bytes and time in, the outbox out.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/call/call.h"
#include "dataplane/call/compose.h"
#include "dataplane/call/mint.h"
#include "dataplane/call/session.h"
#include "dataplane/contract/region.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/memory/hash_index.h"
#include "dataplane/memory/pool.h"
#include "dataplane/transaction/layer.h"
#include "sip-parser/base/ascii.h"
#include "sip-parser/message.h"
#include "sip-parser/parse.h"
#include "sip-parser/via.h"

namespace demarc::call {

// A SIP message that was accepted, and where it came from. Valid during one step.
struct Received {
  const sip::Message& message;
  std::string_view datagram;
  const sip::Via& top_via;
  contract::Endpoint source;  // of the packet
  transaction::Path path;     // where answers go
  contract::TrunkId trunk;
  contract::Instant now;
};

// The tag of the To field; empty when absent.
std::string_view to_tag_of(const Received& received);

class Calls {
 public:
  struct Services {
    contract::Region& region;
    memory::DatagramPool& datagrams;
    transaction::TimerWheel& timers;
    transaction::Outbox& outbox;
    transaction::Layer& transactions;
    media::Table& media;
  };
  struct Limits {
    contract::WorkerIndex worker = 0;
    unsigned workers = 1;
    uint32_t calls = 0;
  };
  // Timers that one call may have running at once; for sizing the wheel.
  static constexpr uint32_t timers_per_call = 3;

  // Borrows the services for its lifetime.
  Calls(memory::Arena& arena, const Limits& limits, const Services& services,
        const contract::NameKeys& names, const SipHashKey& entropy, const SipHashKey& tables);
  static size_t octets_needed(const Limits& limits);

  void adopt(const contract::Snapshot& snapshot) { snapshot_ = &snapshot; }

  void on_request(const Received& request);
  void on_response(const Received& response);
  void on_expiry(const transaction::Layer::Expiry& expiry, contract::Instant now);
  void on_timer(const transaction::TimerEvent& event, contract::Instant now);
  // False when there is no such call.
  bool hang_up(contract::CallSlot slot, uint64_t serial, contract::Instant now);
  // Forgets it at once, with its record; its peers hear nothing. False when there is no such call.
  bool drop(contract::CallSlot slot, uint64_t serial, contract::Instant now);

  // No new calls from now on: 503.
  void drain() { is_draining_ = true; }
  void undrain() { is_draining_ = false; }
  uint32_t live() const { return calls_.live(); }

  // Answers a request without any state (RFC 3261 section 8.2.7): for what is malformed or too
  // much. The To tag is the same for a retransmission. ACK is never answered.
  void answer_statelessly(const Received& request, uint16_t status_code,
                          std::string_view reason_phrase);

 private:
  // A leg of a live call; not set when there is none.
  struct LegRef {
    uint32_t slot = memory::no_index;
    Side side = Side::in;
    bool is_set() const { return slot != memory::no_index; }
  };
  // How a new INVITE is refused: 0 when it is not.
  struct Refusal {
    uint16_t status_code = 0;
    std::string_view extra;  // header field lines
  };

  // requests.cc
  void on_ack(const Received& request);
  void on_cancel(const Received& request, transaction::TransactionId id);
  void on_in_dialog(const Received& request, transaction::TransactionId id);
  void on_bye(const Received& request, transaction::TransactionId id, LegRef leg);
  void respond(const Received& request, transaction::TransactionId id, uint16_t status_code,
               std::string_view extra = {}, std::string_view to_tag = {});
  bool is_for_live_calls_only() const;
  bool refuse_unserved(const Received& request, transaction::TransactionId id);
  LegRef find_leg(const Received& request) const;
  static uint32_t user_of(LegRef leg);
  LegRef leg_of_user(uint32_t user) const;

  // admit.cc
  void on_invite(const Received& request, transaction::TransactionId id);
  bool is_merged(const Received& request) const;
  uint32_t take_slot(const Received& request);
  Refusal admit(Call& call, uint32_t slot, const Received& request);
  Refusal open_legs(Call& call, uint32_t slot, const Received& request,
                    const struct RoutedCall& routed);
  Refusal learn_caller(Call& call, uint32_t slot, const Received& request);
  void keep_numbers(Call& call, const Received& request);
  Refusal send_invite(Call& call, uint32_t slot, const Received& request,
                      const struct RoutedCall& routed, std::string_view body);
  void refuse_invite(uint32_t slot, const Received& request, const Refusal& refusal);

  // bridge.cc
  struct Cause {
    Event event;
    contract::CallEnd end;               // if this ends the call
    uint16_t status_code = 0;            // for pass_* and refuse_in
    const Received* received = nullptr;  // the response, for what it carries
  };
  void apply(uint32_t slot, const Cause& cause, contract::Instant now);
  void act(uint32_t slot, uint16_t actions, const Cause& cause, contract::Instant now);
  void pass_progress(uint32_t slot, const Cause& cause, contract::Instant now);
  void pass_answer(uint32_t slot, const Cause& cause, contract::Instant now);
  void fail_answer(uint32_t slot, uint16_t status_code, const Cause& cause, contract::Instant now);
  bool respond_in(uint32_t slot, uint16_t status_code, std::string_view body, bool has_contact,
                  contract::Instant now);
  memory::DatagramId keep_final(Call& call, const sip::Writer& writer);

  // outgoing.cc
  void send_cancel(uint32_t slot, contract::Instant now);
  bool acknowledge(uint32_t slot, const Received& answer);
  Mint::Branch bye_branch(std::string_view call_id, std::string_view to_tag) const;
  void send_bye(uint32_t slot, Side side, contract::Instant now);
  void start(sip::Method method, std::string_view branch, memory::DatagramId request,
             const transaction::Path& path, const Leg& leg, contract::Instant now);
  void settle_stray_answer(const Received& answer);
  void send_to_answer(const Received& answer, std::string_view method);
  contract::Endpoint destination(const transaction::Path& path, contract::TrunkId trunk,
                                 std::string_view uri) const;

  // release.cc
  void finish(uint32_t slot, const Cause& cause, contract::Instant now);
  bool is_abandoned(Call& call, bool is_watched, contract::Instant now) const;
  void supervise(uint32_t slot, contract::Instant now);
  void retransmit_answer(uint32_t slot, contract::Instant now);
  void start_timer(transaction::TimerId& id, CallTimer name, uint32_t slot, contract::Instant due);

  // ledger.cc
  void write_row(uint32_t slot);
  void write_record(uint32_t slot, contract::Instant now);
  void summarize(const Call& call, contract::MediaSummary (&media)[2]) const;
  uint64_t unix_ns(contract::Instant instant) const;
  bool has_record_room() const;

  contract::Endpoint advertised(contract::TrunkId trunk) const;
  memory::DatagramId keep(const sip::Writer& writer);
  void count(contract::WorkerCounter counter);
  contract::TrunkCounters& trunk_counters(contract::TrunkId trunk) const;
  uint64_t tag_hash(std::string_view tag) const { return siphash(tables_, tag); }
  void index_leg(uint32_t slot, Side side);
  void unindex_leg(uint32_t slot, Side side);

  Limits limits_;
  Services services_;
  const contract::Snapshot* snapshot_ = nullptr;
  memory::Pool<Call> calls_;
  memory::HashIndex legs_by_tag_;  // value: slot * 2 + side
  memory::HashIndex calls_by_id_;  // by the caller's Call-ID; value: slot
  Mint mint_;
  SipHashKey tables_;
  Session session_;
  contract::RecordRing records_;
  uint64_t next_serial_ = 1;
  uint64_t next_record_ = 1;
  bool is_draining_ = false;
  std::span<char> scratch_;  // one message
  std::span<char> body_;     // one SDP
  sip::Message message_;     // of a kept message of ours
};

}  // namespace demarc::call
