#include "dataplane/call/calls.h"
#include "sip-parser/option_tags.h"

namespace demarc::call {
namespace {

using contract::TrunkCounter;
using contract::WorkerCounter;
using sip::HeaderName;
using sip::Method;
using transaction::Layer;
using transaction::TransactionId;

// What is carried across a call as it is.
bool is_carried(Method method) {
  return method == Method::info || method == Method::message || method == Method::notify ||
         method == Method::subscribe || method == Method::update || method == Method::invite;
}

// Of no dialog they mean nothing (RFC 6086 section 4.2.2, RFC 6665 section 4.1.3).
bool is_of_a_dialog(Method method) {
  return method == Method::bye || method == Method::prack || method == Method::update ||
         method == Method::info || method == Method::notify;
}

// What is served outside of a call. The longer list of an OPTIONS is what calls take, too: who gets
// it with its 405 would try again.
constexpr std::string_view methods_outside = "INVITE, ACK, CANCEL, BYE, OPTIONS";

// The same for a request and its copies.
uint64_t copy_hash(const SipHashKey& key, const Received& request) {
  return siphash(key, text(request.essentials.top_via.whole, request.datagram));
}

}  // namespace

void Calls::on_request(const Received& request) {
  const Method method = request.message.method;
  const Layer::Request match = services_.transactions.receive_request(
      request.message, request.datagram, request.essentials, request.path,
      transaction::timing_of(snapshot_->trunk(request.trunk)), request.trunk, request.now);
  switch (match.kind) {
    case Layer::Request::Kind::absorbed:
      count(WorkerCounter::sip_absorbed);
      return;
    case Layer::Request::Kind::ack:
      on_ack(request);
      return;
    case Layer::Request::Kind::refused:
      if (transfers_.pass_on(request)) return;
      count(WorkerCounter::transaction_table_full);
      return on_unroomed(request);
    case Layer::Request::Kind::fresh:
      // The worker that gets it has a transaction of its own.
      if (transfers_.pass_on(request)) return services_.transactions.abandon(match.id);
      break;
  }
  if (method == Method::cancel) return on_cancel(request, match.id);
  const Refusal refusal = unserved(request);
  if (refusal.status_code != 0) {
    return respond(request, match.id, refusal.status_code, refusal.extra);
  }
  if (!to_tag_of(request).empty()) {
    if (is_for_endings_only() && method != Method::bye && method != Method::prack) {
      services_.transactions.abandon(match.id);
      count(WorkerCounter::transaction_table_full);
      return answer_statelessly(request, 503, {});
    }
    return on_in_dialog(request, match.id);
  }
  if (is_for_live_calls_only()) {
    services_.transactions.abandon(match.id);
    count(WorkerCounter::transaction_table_full);
    return refuse_unplaced(request);
  }
  if (method == Method::invite) return on_invite(request, match.id);
  sip::Writer extra(extra_);
  if (method == Method::options) {
    trunk_counters(request.trunk).add(contract::TrunkCounter::options_in);
    // Who probes us with it sends its calls elsewhere from now on.
    if (is_draining_ || !snapshot_->takes_calls(request.trunk)) {
      return respond(request, match.id, 503, draining_line);
    }
    extra.field(HeaderName::allow, allow_of(request.trunk)).raw(accept_line);
    return respond(request, match.id, 200, extra.written());
  }
  if (is_of_a_dialog(method)) return respond(request, match.id, 481);
  extra.field(HeaderName::allow, methods_outside);
  respond(request, match.id, 405, extra.written());
}

// A new INVITE has its record and is counted all the same. Its copies come here, too, since there
// is no transaction that takes them in.
void Calls::refuse_unplaced(const Received& request) {
  const bool is_new_call = request.message.method == Method::invite && to_tag_of(request).empty();
  if (is_new_call && recent_copies_.add(copy_hash(tables_, request))) {
    trunk_counters(request.trunk).add(contract::TrunkCounter::attempts_in);
    trunk_counters(request.trunk).add(contract::TrunkCounter::failed_in);
    record_unplaced(request);
  }
  answer_statelessly(request, 503, {});
}

// No room for its transaction. What ends a call is taken all the same.
void Calls::on_unroomed(const Received& request) {
  const LegRef leg = request.message.method == Method::bye ? find_leg(request) : LegRef{};
  if (!leg.is_set()) return refuse_unplaced(request);
  answer_statelessly(request, 200, {});
  end_by_bye(request, leg);
}

// What is refused before anybody asks whom it is for, in the order of RFC 3261 section 8.2: the
// method, the URI, then the extensions. Those of a new INVITE are looked at with the rest of it
// (admit).
Refusal Calls::unserved(const Received& request) const {
  const Method method = request.message.method;
  const contract::CallPolicy& policy = policy_of(request.trunk);
  const bool is_within = !to_tag_of(request).empty();
  sip::Writer extra(extra_);
  if (method == Method::other && !(is_within && policy.passes_unknown_methods)) {
    extra.field(HeaderName::allow, allow_of(request.trunk));
    return {501, extra.written()};
  }
  // A reliable response may have gone out before the policy changed.
  const auto is_prack_owed = [&] {
    const uint32_t early = find_leg(request).early;
    return early != memory::no_index &&
           early_dialogs_[early].unacknowledged != memory::DatagramId::none;
  };
  const bool is_refused =
      (method == Method::refer && policy.transfer == contract::Transfer::refused) ||
      (method == Method::prack && policy.reliable_provisionals == contract::Use::off &&
       !is_prack_owed()) ||
      method == Method::register_ || method == Method::publish;
  if (is_refused) {
    extra.field(HeaderName::allow, is_within ? allow_of(request.trunk) : methods_outside);
    return {405, extra.written()};
  }
  if (!is_within && method == Method::invite) return {};
  if (!is_within && has_unserved_sips_uri(request, policy.accepts_sips)) return {416};
  if (!request.message.has(HeaderName::require)) return {};
  const auto tags = sip::option_tags_of(request.message, HeaderName::require, request.datagram);
  sip::EnumSet<sip::OptionTag> known(sip::OptionTag::timer, sip::OptionTag::reliable_provisional);
  if (method == Method::refer && contract::may_handle(policy.transfer)) {
    known.add(sip::OptionTag::norefersub);
  }
  if (tags && tags->unknown_count == 0 && known.has_all(tags->known)) return {};
  write_unsupported(extra, request.message, request.datagram, known);
  return {420, extra.written()};
}

// The last eighth of the table is kept for what live calls need, above all for ending them.
bool Calls::is_for_live_calls_only() const {
  const uint32_t capacity = services_.transactions.capacity();
  return services_.transactions.live() > capacity - capacity / 8;
}

// The last sixteenth of it for what ends them, which must find room.
bool Calls::is_for_endings_only() const {
  const uint32_t capacity = services_.transactions.capacity();
  return services_.transactions.live() > capacity - capacity / 16;
}

// The ACK to a 2xx of ours, which is no transaction's (RFC 3261 section 17). It has the number of
// its INVITE (section 13.2.2.4).
void Calls::on_ack(const Received& request) {
  const LegRef leg = find_leg(request);
  if (!leg.is_set() && transfers_.pass_on(request)) return;
  if (!leg.is_set()) return count(WorkerCounter::sip_stray_ack);
  const uint32_t number = cseq_of(request);
  const uint32_t exchange = exchange_of_ack(leg, number);
  if (exchange != memory::no_index) {
    return apply_exchange(exchange, ExchangeEvent::ack, &request, request.now);
  }
  if (leg.side != Side::in || number != calls_[leg.slot].leg(Side::in).invite_cseq) {
    return count(WorkerCounter::sip_stray_ack);
  }
  apply(leg.slot, {Event::ack, contract::CallEnd::lost_peer, 0, &request}, request.now);
}

// RFC 3261 section 9.2.
void Calls::on_cancel(const Received& request, TransactionId id) {
  const TransactionId cancelled = services_.transactions.find_cancelled(
      request.message, request.datagram, request.essentials, request.trunk);
  if (!cancelled.is_set()) return respond(request, id, 481);
  const uint32_t user = services_.transactions.user_of(cancelled);
  const bool is_pending = services_.transactions.is_pending(cancelled);
  if (is_exchange_user(user)) {
    respond(request, id, 200);
    if (!is_pending) return;
    return apply_exchange(user & ~exchange_mark, ExchangeEvent::cancel, nullptr, request.now);
  }
  const LegRef leg = leg_of_user(user);
  // The same To tag as in the answer to the INVITE.
  const std::string_view tag =
      leg.is_set() ? calls_[leg.slot].text.get(calls_[leg.slot].leg(leg.side).dialog.local_tag)
                   : std::string_view{};
  respond(request, id, 200, {}, tag);
  if (!leg.is_set() || !is_pending) return;
  apply(leg.slot, {Event::cancel, contract::CallEnd::cancelled, 487, &request}, request.now);
}

void Calls::on_in_dialog(const Received& request, TransactionId id) {
  const LegRef leg = find_leg(request);
  if (!leg.is_set()) {
    const LegRef calling = request.is_request(Method::bye) ? find_calling(request) : LegRef{};
    return calling.is_set() ? on_bye(request, id, calling) : respond(request, id, 481);
  }
  // Out of order: RFC 3261 section 12.2.2.
  if (!take_cseq(leg, cseq_of(request))) return respond(request, id, 500);
  const Method method = request.message.method;
  if (method == Method::bye) return on_bye(request, id, leg);
  if (method == Method::prack) return on_prack(request, id, leg);
  if (method == Method::options) {
    sip::Writer extra(extra_);
    extra.field(HeaderName::allow, allow_of(request.trunk)).raw(accept_line);
    return respond(request, id, 200, extra.written());
  }
  if (method == Method::update && is_without_session(request)) {
    return answer_update_here(request, id, leg);
  }
  if (method == Method::refer && transfers_.handles(request, leg)) {
    return transfers_.on_refer(request, id, leg);
  }
  if (method == Method::subscribe && transfers_.takes_subscribe(request, leg)) {
    return transfers_.on_subscribe(request, id, leg);
  }
  if (method == Method::info && take_digit(request, id, leg)) return;
  if (transfers_.answers(request, leg)) return transfers_.answer_waiting(request, id, leg);
  if (is_carried(method) || method == Method::refer || method == Method::other) {
    return carry(request, id, leg);
  }
  sip::Writer extra(extra_);
  extra.field(HeaderName::allow, allow_of(request.trunk));
  respond(request, id, 405, extra.written());
}

// Each early dialog of a forked call counts for itself.
bool Calls::take_cseq(const LegRef& leg, uint32_t number) {
  if (leg.early == memory::no_index) {
    return dialog::take_remote_cseq(calls_[leg.slot].leg(leg.side).dialog, number);
  }
  EarlyDialog& early = early_dialogs_[leg.early];
  if (leg.side == Side::out) return dialog::take_remote_cseq(early.out, number);
  if (number < early.in_remote_cseq) return false;
  early.in_remote_cseq = number;
  return true;
}

void Calls::on_bye(const Received& request, TransactionId id, const LegRef& leg) {
  // A transferor that has left already (State::waiting).
  const bool has_left = leg.early == memory::no_index &&
                        calls_[leg.slot].transfer_part != contract::TransferPart::none &&
                        calls_[leg.slot].leg(leg.side).dialog.state == dialog::State::ended;
  if (has_left) return respond(request, id, 481);
  respond(request, id, 200);
  end_by_bye(request, leg);
}

void Calls::end_by_bye(const Received& request, const LegRef& leg) {
  const Call& call = calls_[leg.slot];
  if (transfers_.outlives(leg, request.now)) return;
  if (leg.side == Side::out) {
    // In the early dialog the called side has other means than BYE (RFC 3261 section 15).
    if (call.state == State::trying || call.state == State::proceeding) return;
    return apply(leg.slot, {Event::bye_out, contract::CallEnd::released_by_called, 480, &request},
                 request.now);
  }
  // In the early dialog a caller's BYE means what CANCEL means (RFC 3261 section 15).
  const bool is_early = services_.transactions.is_pending(call.leg(Side::in).invite);
  if (is_early) {
    return apply(leg.slot, {Event::cancel, contract::CallEnd::cancelled, 487, &request},
                 request.now);
  }
  apply(leg.slot, {Event::bye_in, contract::CallEnd::released_by_caller, 0, &request}, request.now);
}

void Calls::respond(const Received& request, TransactionId id, uint16_t status_code,
                    std::string_view extra, std::string_view to_tag) {
  contract::MintedName tag;
  if (to_tag.empty() && request.essentials.to_tag.empty()) {
    tag = mint_.name();
    to_tag = tag.view();
  }
  sip::Writer head(body_);
  write_response_head(head, request.message, request.datagram, request.essentials, request.source);
  write_response_to(head, request.message, request.datagram, request.essentials, to_tag);
  sip::Writer writer(scratch_);
  write_response(writer, {.status_code = status_code, .head = head.written(), .extra = extra});
  const memory::DatagramId response = head.failed() ? memory::DatagramId::none : keep(writer);
  // Even without a buffer the transaction takes its final response and ends by its timers.
  if (response == memory::DatagramId::none && !head.failed()) {
    send_once(writer, request.path, request.trunk);
  }
  services_.transactions.respond(id, status_code, response, request.now);
  services_.datagrams.release(response);
}

// A response that nobody repeats: for it there is room when there is none for anything else.
void Calls::send_once(const sip::Writer& response, const transaction::Path& path,
                      contract::TrunkId trunk) {
  if (response.failed()) return;
  const memory::DatagramId id = services_.datagrams.keep_briefly(response.written());
  if (id == memory::DatagramId::none) return;
  static_cast<void>(services_.outbox.push({id, path, trunk, false}));
  services_.datagrams.release(id);
}

void Calls::answer_statelessly(const Received& request, uint16_t status_code,
                               std::string_view reason_phrase) {
  if (request.message.method == Method::ack) return;
  // The same tag for a retransmission, without remembering it. The peer sees it, so it is no hash
  // that decides where something stands in a table.
  const uint64_t hash = copy_hash(tables_, request);
  char tag[16];
  for (unsigned i = 0; i < sizeof tag; ++i) tag[i] = "0123456789abcdef"[(hash >> (4 * i)) & 15];
  sip::Writer head(body_);
  write_response_head(head, request.message, request.datagram, request.essentials, request.source);
  write_response_to(head, request.message, request.datagram, request.essentials, {tag, sizeof tag});
  sip::Writer writer(scratch_);
  write_response(
      writer, {.status_code = status_code, .reason_phrase = reason_phrase, .head = head.written()});
  if (!head.failed()) send_once(writer, request.path, request.trunk);
}

// The leg whose dialog a request belongs to: our tag, then Call-ID and the peer's tag (RFC 3261
// section 12.2.2), and it must come from that leg's trunk, since ids can be stolen.
LegRef Calls::find_leg(const Received& request) const {
  return find_dialog({request.value(HeaderName::call_id), to_tag_of(request), from_tag_of(request),
                      request.trunk});
}

LegRef Calls::find_dialog(const DialogName& name) const {
  if (name.local_tag.empty()) return {};
  LegRef leg;
  const uint32_t found = legs_by_tag_.find(tag_hash(name.local_tag), [&](uint32_t value) {
    const Call& call = calls_[value / 2];
    leg = with_early({value / 2, static_cast<Side>(value % 2)}, name.local_tag, name.remote_tag);
    return is_dialog_of(leg, name.local_tag, name.remote_tag) &&
           call.leg(leg.side).trunk == name.trunk &&
           call.text.get(call.leg(leg.side).dialog.call_id) == name.call_id;
  });
  return found == memory::no_index ? LegRef{} : leg;
}

contract::TrunkId Calls::trunk_of(std::string_view local_tag) const {
  if (local_tag.empty()) return contract::TrunkId::none;
  LegRef leg;
  const uint32_t found = legs_by_tag_.find(tag_hash(local_tag), [&](uint32_t value) {
    leg = with_early({value / 2, static_cast<Side>(value % 2)}, local_tag, {});
    return leg.early != memory::no_index ||
           calls_[leg.slot].text.get(calls_[leg.slot].leg(leg.side).dialog.local_tag) == local_tag;
  });
  if (found == memory::no_index) return transfers_.trunk_of_away(local_tag);
  return calls_[leg.slot].leg(leg.side).trunk;
}

// A caller may know the call by an early dialog of a target that was given up; its BYE means the
// call all the same.
LegRef Calls::find_calling(const Received& bye) const {
  const std::string_view call_id = bye.value(HeaderName::call_id);
  const std::string_view tag = from_tag_of(bye);
  const uint32_t found = calls_by_id_.find(tag_hash(call_id), [&](uint32_t slot) {
    const Call& call = calls_[slot];
    const Leg& in = call.leg(Side::in);
    return in.trunk == bye.trunk && call.text.get(in.dialog.call_id) == call_id &&
           call.text.get(in.dialog.remote_tag) == tag &&
           services_.transactions.is_pending(in.invite);
  });
  return found == memory::no_index ? LegRef{} : LegRef{found, Side::in, memory::no_index};
}

// The early dialog that these tags name, if it is one.
LegRef Calls::with_early(LegRef leg, std::string_view local_tag,
                         std::string_view remote_tag) const {
  const Call& call = calls_[leg.slot];
  for (uint32_t i = call.first_early; i != memory::no_index; i = early_dialogs_[i].next) {
    const EarlyDialog& early = early_dialogs_[i];
    const bool is_it = leg.side == Side::in ? call.text.get(early.in_tag) == local_tag
                                            : early.text.get(early.out.remote_tag) == remote_tag;
    if (is_it) leg.early = i;
  }
  return leg;
}

bool Calls::is_dialog_of(const LegRef& leg, std::string_view local_tag,
                         std::string_view remote_tag) const {
  const Call& call = calls_[leg.slot];
  const dialog::Dialog& dialog = call.leg(leg.side).dialog;
  const bool is_local = call.text.get(dialog.local_tag) == local_tag;
  const bool is_remote = call.text.get(dialog.remote_tag) == remote_tag;
  if (leg.early == memory::no_index) return is_local && is_remote;
  return leg.side == Side::in ? is_remote : is_local;
}

// What the transaction layer remembers of a leg; 0 is nobody.
uint32_t Calls::user_of(const LegRef& leg) {
  return leg.slot * 2 + index_of(leg.side) + 1;
}

LegRef Calls::leg_of_user(uint32_t user) const {
  if (user == 0 || (user & exchange_mark) != 0 || !calls_.is_live((user - 1) / 2)) return {};
  return {(user - 1) / 2, static_cast<Side>((user - 1) % 2)};
}

}  // namespace demarc::call
