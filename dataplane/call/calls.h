// Calls: the B2BUA of one worker (RFC 7092 section 3.1). It is the transaction user of every SIP
// transaction here: takes requests and responses that the layer below lets through, moves calls by
// the table of bridge_table.h and what crosses them by that of exchange_table.h, and composes what
// goes out. Its functions stand in several files, named before them below, described in README.md.
//
// One worker only; bytes and time in, the outbox out.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/call/call.h"
#include "dataplane/call/compose.h"
#include "dataplane/call/early_dialog.h"
#include "dataplane/call/exchange.h"
#include "dataplane/call/headers/caller_names.h"
#include "dataplane/call/leg_ref.h"
#include "dataplane/call/limits.h"
#include "dataplane/call/media_ledger.h"
#include "dataplane/call/message_parts.h"
#include "dataplane/call/mint.h"
#include "dataplane/call/received.h"
#include "dataplane/call/recent_copies.h"
#include "dataplane/call/session.h"
#include "dataplane/call/silence.h"
#include "dataplane/call/transfers/transfers.h"
#include "dataplane/contract/region.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/memory/hash_index.h"
#include "dataplane/memory/pool.h"
#include "dataplane/number/number.h"
#include "dataplane/route/hunt.h"
#include "dataplane/route/plan.h"
#include "dataplane/trace/trace.h"
#include "dataplane/transaction/layer.h"
#include "sip-parser/base/ascii.h"
#include "sip-parser/digest/client.h"
#include "sip-parser/digest/hasher.h"
#include "sip-parser/parse.h"

namespace demarc::call {

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
  using Limits = call::Limits;

  // Borrows the services for its lifetime.
  Calls(memory::Arena& arena, const Limits& limits, const Services& services,
        const contract::NameKeys& names, const SipHashKey& entropy, const SipHashKey& tables);
  static size_t octets_needed(const Limits& limits);

  void adopt(const contract::Snapshot& snapshot) { snapshot_ = &snapshot; }
  // Every step of a table is written there from now on; null: none. Borrowed.
  void trace_to(trace::Ring* ring) { trace_ = ring; }
  // The rings to other workers, borrowed; null: legs of calls stay here.
  void connect(post::Post* post) { transfers_.connect(post); }

  void on_request(const Received& request);
  void on_response(const Received& response);
  void on_expiry(const transaction::Layer::Expiry& expiry, contract::Instant now);
  void on_timer(const transaction::TimerEvent& event, contract::Instant now);
  // What another worker sent: the image of a leg, or a note about one.
  void on_leg(const post::Letter& letter, std::string_view octets, contract::Instant now) {
    transfers_.on_leg(letter, octets, now);
  }
  void on_note(const post::Note& note, contract::Instant now) { transfers_.on_note(note, now); }
  // How often the message that comes next was passed on between workers; 0 for one of a peer.
  void set_hops(uint8_t hops) { transfers_.set_hops(hops); }
  // Digits that were heard in media go on in INFO. To be called in each loop.
  void on_digits(contract::Instant now);
  // False when there is no such call.
  bool hang_up(contract::CallSlot slot, uint64_t serial, contract::Instant now);
  // Likewise; forgets it at once, with its record, and its peers hear nothing.
  bool drop(contract::CallSlot slot, uint64_t serial, contract::Instant now);

  void drain() { is_draining_ = true; }  // no new calls from now on: 503
  void undrain() { is_draining_ = false; }
  uint32_t live() const { return calls_.live(); }
  Held held() const;
  // Records that found their ring full go there once it has room. To be called in each loop.
  void write_waiting_records();

  // Whose leg it is whose dialog has that tag of ours, here or gone to another worker; none: not
  // ours. Says nothing of who may use it.
  contract::TrunkId trunk_of(std::string_view local_tag) const;

  // Answers a request without any state (RFC 3261 section 8.2.7): what is malformed or too much.
  // The To tag is the same for a retransmission. ACK is never answered.
  void answer_statelessly(const Received& request, uint16_t status_code,
                          std::string_view reason_phrase);

 private:
  // What carries a call from one peer to another; it works with everything here.
  friend class transfers::Transfers;

  // requests.cc
  void on_unroomed(const Received& request);
  void refuse_unplaced(const Received& request);
  void on_ack(const Received& request);
  void on_cancel(const Received& request, transaction::TransactionId id);
  void on_in_dialog(const Received& request, transaction::TransactionId id);
  bool take_cseq(const LegRef& leg, uint32_t number);
  void end_by_bye(const Received& request, const LegRef& leg);
  void on_bye(const Received& request, transaction::TransactionId id, const LegRef& leg);
  void respond(const Received& request, transaction::TransactionId id, uint16_t status_code,
               std::string_view extra = {}, std::string_view to_tag = {});
  void send_once(const sip::Writer& response, const transaction::Path& path,
                 contract::TrunkId trunk);
  bool is_for_live_calls_only() const;
  bool is_for_endings_only() const;
  Refusal unserved(const Received& request) const;
  LegRef find_leg(const Received& request) const;
  LegRef find_dialog(const DialogName& name) const;
  LegRef find_calling(const Received& bye) const;
  bool is_dialog_of(const LegRef& leg, std::string_view local_tag,
                    std::string_view remote_tag) const;
  LegRef with_early(LegRef leg, std::string_view local_tag, std::string_view remote_tag) const;
  static uint32_t user_of(const LegRef& leg);
  LegRef leg_of_user(uint32_t user) const;

  // admit.cc
  void on_invite(const Received& request, transaction::TransactionId id);
  bool is_merged(const Received& request) const;
  uint32_t take_slot(const Received& request);
  void begin_call(Call& call, const Received& request);
  Refusal admit(Call& call, uint32_t slot, const Received& request);
  Refusal unmet_demand(Call& call, const Received& request);
  Refusal learn_caller(Call& call, uint32_t slot, const Received& request);

  // numbers.cc
  void keep_numbers(Call& call, const Received& request);
  // Both numbers after the rules of the caller's trunk, and where they lead.
  route::Plan plan_of(Call& call, const Received& request, const sip::Uri& uri);
  // The same of the user part of a REFER, for a caller that is known by that number on our side;
  // it is no INVITE, so header fields are not there.
  route::Plan plan_of_referral(const Received& request, std::string_view user,
                               std::string_view calling);
  route::Occasion occasion_of(contract::Instant now) const;
  // The number of a leg's peer as rules of its trunk made it, or as it came.
  static std::string_view known_as(const Call& call, Side side);
  // What the call keeps of its routes, of which there is one; it is on the first of them then.
  void take_routes(Call& call, const route::Plan& plan);
  static void go_on_route(Call& call, uint8_t route);
  route::Hunt hunt_of(const Call& call, const route::Plan& plan);
  // The called number as the trunk's peer is to see it; empty when its rules make no number of it.
  number::Number called_for(Call& call, contract::TrunkId trunk);
  // The caller as that peer is to see it; without the rules about names; and those rules.
  headers::CallerName caller_for(Call& call, const Received& request, contract::TrunkId trunk,
                                 headers::CallerTexts& texts);
  headers::CallerName numbered_caller(Call& call, const Received& request, contract::TrunkId trunk,
                                      number::Number& number);
  headers::CallerNames caller_names(const Received& request, contract::TrunkId to) const;
  // The caller of an INVITE that takes a place in a dialog: its From is not shown.
  void conceal_caller(Call& call, const Received& request, contract::TrunkId trunk);
  void refuse_invite(uint32_t slot, const Received& request, const Refusal& refusal);

  // attempt.cc
  Refusal try_targets(Call& call, uint32_t slot, const Received& request, Refusal last);
  Refusal try_target(Call& call, uint32_t slot, const Received& request,
                     const route::Target& target, bool is_again);
  route::Entry entry_of(const Call& call, contract::TrunkId trunk,
                        route::Direction direction) const;
  contract::LimitMet enter_trunks(Call& call, const Received& request, const route::Entry& to,
                                  bool has_caller);
  Refusal limited(Call& call, const BetweenTrunks& trunks, contract::LimitMet met);
  [[nodiscard]] bool begin_target(Call& call, contract::TrunkId trunk, bool is_again);
  Refusal open_session(Call& call, uint32_t slot, const Received& request, sip::Writer& body);
  Refusal send_invite(Call& call, uint32_t slot, const Received& request, std::string_view body);
  bool is_for_tcp(const Leg& leg, size_t octets) const;
  bool was_moved_to_tcp(const Leg& leg) const;
  bool falls_back_to_udp(Call& call);
  std::string_view invite_extra(const Call& call, const Received& request,
                                std::string_view shown_user, sip::Writer& writer);
  void keep_request(Call& call, const Received& request);

  // next_target.cc
  void begin_search(Call& call);
  void end_search(Call& call);
  Search& search_of(const Call& call) { return searches_[call.search]; }
  bool keeps_request(const Call& call) const;
  bool may_go_on(const Call& call) const;
  bool goes_on(const Call& call, uint16_t status_code) const;
  bool goes_on(const Call& call, contract::FailoverTimeout timeout) const;
  void try_next(uint32_t slot, const Cause& cause, contract::Instant now);
  bool leave_early(uint32_t slot);
  void leave_target(uint32_t slot, contract::Instant now);
  void add_attempt(Call& call, const contract::Attempt& attempt);
  void note_attempt(Call& call, contract::AttemptEnd end, uint16_t status_code) const;
  void note_attempt(Call& call, const Cause& cause) const;
  void note_ringing(Call& call, contract::Instant now) const;
  void on_failover(uint32_t slot, contract::Instant now);
  void on_rung_long(uint32_t slot, contract::Instant now);
  void note_sign(const Leg& out, const Received& response) const;
  void note_silence(const Call& call, contract::StreamFault fault) const;
  uint16_t failure_of(Call& call, const Received& response) const;
  bool is_sent_again(Call& call, const Received& response);

  // redirection.cc
  bool take_redirect(Call& call, const Received& response);
  bool goes_to_contact(Call& call);
  bool take_next_contact(Call& call);
  bool take_contact(Call& call, const sip::Uri& uri, std::string_view datagram);
  contract::Endpoint followed_to(const Call& call, const sip::Uri& uri,
                                 std::string_view datagram) const;
  bool is_peer_name(contract::TrunkId of, contract::TargetId target, std::string_view host) const;
  bool passes_redirect(uint32_t slot, const Received& response);
  bool write_redirect(const Call& call, const Received& response, sip::Writer& writer) const;
  bool is_of_far_side(const Leg& far, std::string_view host, uint16_t port) const;

  // made_offer.cc
  bool may_make_offer(const Call& call, contract::TrunkId trunk) const;
  void settle_who_offers(Call& call, contract::TrunkId trunk) const;
  SessionResult make_offer(Call& call, uint32_t slot, sip::Writer& body, contract::Instant now);
  bool take_early_answer(uint32_t slot, uint32_t early, const Received& response);
  bool offer_back(const LegRef& of, std::string_view sdp, sip::Writer& body, contract::Instant now);
  bool is_less_than_offered(memory::DatagramId answer, const Received& ack);
  bool take_made_answer(const LegRef& asking, const Received& ack);
  bool may_make_offer_within(const Call& call, Side asking) const;
  SessionResult make_offer_within(const LegRef& asking, sip::Writer& body, contract::Instant now);
  bool turn_round(const Exchange& exchange, const Received& response, sip::Writer& body);
  void settle_made_offer(uint32_t slot, const Received& ack, bool is_less);

  // authorize.cc
  bool answer_challenge(uint32_t slot, const Received& response);
  bool answer_exchange_challenge(uint32_t index, const Received& response);
  void answer_bye_challenge(const transaction::Layer::Response& match, const Received& response);
  transaction::TransactionId authorize(const Received& response, const Challenged& asked);
  transaction::TransactionId send_authorized(const Received& response,
                                             const sip::Challenge& challenge,
                                             const digest::ClientPolicy& policy,
                                             const Challenged& asked);
  std::string_view credentials_of(const transaction::TransactionId& invite);

  // bridge.cc
  void apply(uint32_t slot, const Cause& cause, contract::Instant now);
  void act(uint32_t slot, uint16_t actions, const Cause& cause, contract::Instant now);
  Cause cause_of(uint32_t slot, const Received& response);
  void start_ring_timer(uint32_t slot, const Cause& cause, contract::Instant now);
  bool take_answer(uint32_t slot, const Cause& cause, contract::Instant now, sip::Writer& body);
  void keep_crossing(const Call& call, const Received& response, memory::DatagramId& kept);
  void hold_answer(uint32_t slot, const Cause& cause, contract::Instant now);
  void pass_answer(uint32_t slot, const Cause& cause, contract::Instant now);
  void got_ack(uint32_t slot, const Cause& cause, contract::Instant now);
  void fail_answer(uint32_t slot, uint16_t status_code, const Cause& cause, contract::Instant now);
  bool respond_in(uint32_t slot, const InResponse& response, contract::Instant now);
  memory::DatagramId keep_final(Call& call, const sip::Writer& writer);

  // provisional.cc
  void pass_progress(uint32_t slot, const Cause& cause, contract::Instant now);
  uint32_t early_of(const Call& call, std::string_view remote_tag) const;
  uint32_t make_early(uint32_t slot, const Received& response);
  void drop_early(uint32_t index);
  void drop_all_early(uint32_t slot);
  bool take_rseq(uint32_t early, const Received& response);
  bool take_reliable(uint32_t slot, uint32_t early, const Received& response);
  bool take_progress_sdp(uint32_t slot, uint32_t early, const Received& response,
                         sip::Writer& body);
  void send_progress(uint32_t slot, uint32_t early, const Progress& progress,
                     contract::Instant now);
  void write_progress_fields(sip::Writer& writer, const Call& call, const Progress& progress);
  void send_reliably(uint32_t slot, uint32_t early, const Progress& progress,
                     contract::Instant now);
  bool is_sent_reliably(const Call& call, bool has_body) const;
  bool awaits_prack(const Call& call) const;
  bool send_prack(uint32_t slot, uint32_t early, std::string_view body, contract::Instant now);
  void on_prack(const Received& request, transaction::TransactionId id, const LegRef& leg);
  bool take_prack_body(const Received& request, transaction::TransactionId id, const LegRef& leg);
  void acknowledged(uint32_t slot, uint32_t early, contract::Instant now);
  void repeat_progress(uint32_t early, contract::Instant now);

  // exchange.cc
  void carry(const Received& request, transaction::TransactionId id, const LegRef& leg);
  Refusal refused_crossing(const Received& request, const LegRef& leg) const;
  Refusal carry_offer(const Received& request, const LegRef& leg, sip::Writer& body);
  uint32_t take_exchange(const LegRef& leg, Exchange::Purpose purpose, sip::Method method);
  void release_exchange(uint32_t index);
  bool send_across(uint32_t index, const Received& request, std::string_view body,
                   contract::Instant now);
  // A request of ours in the dialog of `to`; starts its client transaction and notes it in the
  // exchange. False when there was no room.
  bool send_request(uint32_t index, Side to, const Content& content, contract::Instant now);
  bool start_exchange(uint32_t index, const OwnRequest& request, contract::Instant now);
  bool falls_back_to_udp(uint32_t index, contract::Instant now);
  memory::DatagramId compose_in_dialog(uint32_t slot, Side to, uint32_t early, uint32_t cseq,
                                       std::string_view branch, const Content& content);
  dialog::TextView text_of(const Call& call, uint32_t early) const;
  transaction::Path path_to(uint32_t slot, Side to, uint32_t early) const;
  transaction::Identity identity_of(uint32_t slot, Side to, uint32_t early, uint32_t cseq) const;
  // Of the last request to that side.
  uint32_t cseq_to(uint32_t slot, Side to, uint32_t early) const;
  uint32_t next_cseq(uint32_t slot, Side to, uint32_t early);
  dialog::OfferState& offer_state(uint32_t slot, Side side, uint32_t early);
  Negotiation& negotiation_of(uint32_t slot, uint32_t early);
  Session::Place session_of(uint32_t slot, uint32_t early);
  bool is_offered(SessionResult result);
  void withdraw_offer(uint32_t slot, uint32_t early, contract::Instant now);
  void answer_update_here(const Received& request, transaction::TransactionId id,
                          const LegRef& leg);
  static uint32_t user_of_exchange(uint32_t index) { return exchange_mark | index; }
  bool is_exchange_user(uint32_t user) const;

  // digits.cc
  contract::Dtmf dtmf_of(contract::TrunkId trunk) const;
  void queue_digit(uint32_t slot, Side to, const DtmfDigit& digit, contract::Instant now);
  void send_next_digit(uint32_t slot, Side to, contract::Instant now);
  void drop_digits(Call& call, Side to);
  bool send_digit(uint32_t slot, Side to, const DtmfDigit& digit, contract::Instant now);
  void digit_sent(uint32_t index, contract::Instant now);
  bool take_digit(const Received& request, transaction::TransactionId id, const LegRef& leg);

  // settle.cc
  void on_exchange_response(uint32_t index, const Received& response);
  void on_plain_response(uint32_t index, const Received& response);
  void on_unanswered(uint32_t index, contract::Instant now);
  void apply_exchange(uint32_t index, ExchangeEvent event, const Received* received,
                      contract::Instant now);
  void act_exchange(uint32_t index, uint16_t actions, const Received* received,
                    contract::Instant now);
  uint16_t passed_by(const Exchange& exchange, const Received& response);
  void pass_exchange_success(uint32_t index, const Received& response);
  void forget_shown(Call& call);
  bool answer_of_exchange(uint32_t index, const Received& response, sip::Writer& body);
  void show_in_early(uint32_t index, const sip::Writer& body);
  void acknowledge_exchange(uint32_t index, std::string_view body);
  void acknowledge_owed(uint32_t slot, Side side);
  void agree(uint32_t index);
  void take_exchange_ack(uint32_t index, const Received& ack);
  void respond_exchange(uint32_t index, uint16_t status_code, const Content& content,
                        bool has_contact, contract::Instant now);
  void repeat_exchange_answer(uint32_t index, contract::Instant now);
  void cancel_exchange(uint32_t index, contract::Instant now);
  void end_exchanges(uint32_t slot, contract::Instant now);
  void end_other_forks(uint32_t slot, uint32_t chosen, contract::Instant now);
  bool has_open_offer(uint32_t slot, uint32_t early) const;
  uint32_t chosen_early(const Call& call) const;
  uint32_t exchange_of_ack(const LegRef& leg, uint32_t cseq) const;
  uint32_t open_invite_of(const Call& call) const;
  void lose_call(uint32_t slot, uint16_t status_code, contract::Instant now);

  // refresh.cc
  dialog::SessionWishes wishes_of(contract::TrunkId trunk) const;
  void learn_features(Leg& leg, const Received& received) const;
  void start_session_timer(uint32_t slot, Side side, contract::Instant now);
  void on_session_timer(uint32_t slot, Side side, contract::Instant now);
  bool refresh(uint32_t slot, Side side, contract::Instant now);
  bool send_own(uint32_t index, Side to, std::string_view body, contract::Instant now);
  void on_refreshed(uint32_t index, const Received& response);
  void wait_for_repetitions(uint32_t index, contract::Instant now);
  bool take_refresh_answer(uint32_t slot, Side side, const Received& response);
  void try_refresh_later(uint32_t slot, Side side, contract::Duration pause, contract::Instant now);
  contract::Duration glare_pause(uint32_t slot, Side side);
  void tell(uint32_t slot, Side to, const Received& said);
  void offer_said(uint32_t slot, Side to, std::string_view sdp, contract::Instant now);
  void tell_untold(uint32_t slot, contract::Instant now);
  bool tells_again(uint32_t slot, const Received& response);
  void on_told(uint32_t index, const Received& response);
  void take_refreshed(uint32_t slot, Side side, const Received& response);
  static bool learn_min_se(Leg& leg, const Received& response);
  void write_answer_terms(const Leg& leg, sip::Writer& writer) const;
  void write_request_terms(const Call& call, Side to, sip::Writer& writer) const;
  // Of a request within a dialog: takes the terms; false when the interval is too small.
  bool take_terms(Leg& leg, const Received& request) const;
  void remember_sdp(Call& call, Side to, std::string_view body);
  bool keeps_sdp(const Call& call, Side to) const;
  static bool keeps_words(const Call& call);
  void remember_words(Call& call, Side of, std::string_view body);
  bool may_refresh_by_invite(const Leg& leg) const;

  // outgoing.cc
  void cancel_invite(const transaction::TransactionId& invite, const Leg& leg,
                     contract::Instant now, const Received* cause = nullptr,
                     std::string_view reason = {});
  bool acknowledge(uint32_t slot, const Received& answer);
  void send_ack(uint32_t slot, std::string_view body);
  // An ACK with a body, as its size asks; kept, since it must be the same one when the 2xx comes
  // again.
  memory::DatagramId compose_ack(const KeptAck& kept, std::string_view body);
  void repeat_ack(memory::DatagramId& ack, uint32_t slot, Side to);
  memory::DatagramId as_udp(memory::DatagramId large);
  Mint::Branch bye_branch(std::string_view call_id, std::string_view to_tag) const;
  Mint::Branch stray_bye_branch(std::string_view call_id, std::string_view to_tag) const;
  void send_bye(uint32_t slot, Side side, contract::Instant now, const Received* cause = nullptr);
  void start(sip::Method method, std::string_view branch, const transaction::Identity& identity,
             memory::DatagramId request, const transaction::Path& path, const Leg& leg,
             contract::Instant now);
  void settle_stray_answer(const Received& answer, const transaction::TransactionId& invite);
  void settle_late_answer(const Received& response);
  void acknowledge_from_answer(const Received& answer, const transaction::TransactionId& invite);
  void send_to_answer(const Received& answer, std::string_view method, std::string_view extra);
  contract::Endpoint listening(const transaction::Path& path, contract::TrunkId trunk) const;
  transaction::Path destination(const transaction::Path& path, contract::TrunkId trunk,
                                std::string_view uri) const;

  // release.cc
  void finish(uint32_t slot, const Cause& cause, contract::Instant now);
  void leave_trunks(Call& call);
  void leave_trunk(Leg& leg);
  void let_go(const transaction::TransactionId& id, contract::Instant now,
              Exchange::Purpose purpose = Exchange::Purpose::given_up);
  bool is_abandoned(Call& call, bool is_watched, contract::Instant now) const;
  CallMedia media_of(const Call& call) const;
  void await_supervision(uint32_t slot);
  void supervise(uint32_t slot, contract::Instant now);
  void retransmit_answer(uint32_t slot, contract::Instant now);
  void on_exchange_timer(uint32_t index, CallTimer name, contract::Instant now);
  void start_timer(transaction::TimerId& id, CallTimer name, uint32_t subject, uint32_t generation,
                   contract::Instant due);
  void start_call_timer(transaction::TimerId& id, CallTimer name, uint32_t slot,
                        contract::Instant due);

  // ledger.cc
  // How far a call is, as the directory says it.
  static contract::CallPhase phase_of(const Call& call);
  void write_row(uint32_t slot);
  void write_state(uint32_t slot);  // only what changes with the state
  void fill_state(const Call& call, contract::DirectoryRow& row) const;
  bool write_record(uint32_t slot, contract::Instant ended);
  void fill_record(const Call& call, contract::Instant ended, contract::CallRecord& record) const;
  void await_record_room(uint32_t slot, contract::Instant ended);
  void release_call(uint32_t slot);
  uint64_t unix_ns(contract::Instant instant) const;
  bool has_record_room() const;
  void record_unplaced(const Received& request);

  // calls.cc
  uint32_t take_place();
  Call& begin_slot(uint32_t slot);
  // Whether it is a call still, and not one whose record alone is left.
  bool is_call(uint32_t slot) const { return calls_.is_live(slot) && !calls_[slot].awaits_record; }
  static void follow(Leg& leg, const Received& received);
  OwnAddress advertised(contract::TrunkId trunk) const;
  // The header fields of a received message that cross to the peer of `to`, as whole lines.
  void write_crossing(sip::Writer& writer, const Received& received, const Across& across);
  Across across_back(const Exchange& exchange) const;
  // The header fields that the peer of `to` gets in a request of our own making.
  void write_own(sip::Writer& writer, sip::Method method, contract::TrunkId to);
  // Whether what was said last may be needed: to take a call elsewhere, or for an offer of ours.
  bool may_need_sdp(contract::TrunkId trunk) const;
  const contract::CallPolicy& policy_of(contract::TrunkId trunk) const {
    return snapshot_->trunk(trunk).policy;
  }
  std::string_view contact_host(contract::TrunkId trunk) const;
  std::string_view allow_of(contract::TrunkId trunk) const;
  std::string_view supported_of(contract::TrunkId trunk, bool has_reliable = false) const;
  memory::DatagramId keep(const sip::Writer& writer);
  void drop(memory::DatagramId& id);
  void count(contract::WorkerCounter counter);
  contract::TrunkCounters& trunk_counters(contract::TrunkId trunk) const;
  uint64_t tag_hash(std::string_view tag) const { return table_hash(tables_, tag); }
  void index_tag(uint32_t slot, Side side, Span tag);
  void unindex_tag(uint32_t slot, Side side, Span tag);
  void index_leg(uint32_t slot, Side side);
  void unindex_leg(uint32_t slot, Side side);

  static constexpr uint32_t exchange_mark = 0x80000000;
  static constexpr uint32_t bye_mark = 0xc0000000;  // of no slot; the lowest octet counts

  Limits limits_;
  Services services_;
  const contract::Snapshot* snapshot_ = nullptr;
  dialog::TextStore texts_;
  memory::Pool<Call> calls_;
  memory::Pool<Search> searches_;
  memory::Pool<Exchange> exchanges_;
  memory::Pool<EarlyDialog> early_dialogs_;
  memory::Pool<DigitQueue> digit_queues_;
  AttemptStore attempts_;
  memory::HashIndex legs_by_tag_;  // value: slot * 2 + side
  memory::HashIndex calls_by_id_;  // by the caller's Call-ID; value: slot
  Mint mint_;
  digest::Hasher hasher_;
  SipHashKey tables_;
  Session session_;
  transfers::Transfers transfers_;
  MediaLedger media_ledger_;
  contract::RecordRing records_;
  trace::Ring* trace_ = nullptr;
  uint64_t next_serial_ = 1;
  uint64_t next_record_ = 1;
  // Calls that are over but for their records, in the order in which they ended.
  uint32_t first_waiting_record_ = memory::no_index;
  uint32_t last_waiting_record_ = memory::no_index;
  RecentCopies recent_copies_;
  bool is_draining_ = false;
  std::span<char> scratch_;  // one message
  std::span<char> body_;     // one SDP
  std::span<char> extra_;    // header field lines
  sip::Message message_;     // of a kept message
};

}  // namespace demarc::call
