// Call pickup: an INVITE with Replaces names an early dialog that we began (RFC 3891 section 3).
// Who sends it takes the place of the phone that rings, in the call that rings there; its own call
// ends with that (decision D46).
#include "dataplane/call/calls.h"
#include "dataplane/call/transfers/dialog_texts.h"
#include "dataplane/call/transfers/transfers.h"

namespace demarc::call::transfers {
namespace {

using contract::CallEnd;
using contract::TransferPart;
using contract::TrunkCounter;
using dialog::OfferState;
using memory::DatagramId;
using memory::no_index;
using sip::HeaderName;
using sip::Method;

}  // namespace

Refusal Transfers::pick_up(uint32_t slot, const LegRef& rung, const Received& request) {
  Refusal refusal = unpicked(slot, rung);
  if (refusal.status_code != 0) return refusal;
  Pickup pickup{.call = rung.slot, .taker = slot};
  refusal = serve_taker(pickup, request);
  if (refusal.status_code == 0) refusal = match_offers(pickup, request);
  Call& call = calls_.calls_[rung.slot];
  if (refusal.status_code != 0) {
    if (pickup.exchange != no_index) calls_.release_exchange(pickup.exchange);
    calls_.drop(pickup.reply);
    calls_.drop(call.held_body);
    // The phone that rings may have been heard already.
    calls_.session_.aim_again(call, calls_.early_dialogs_[rung.early].negotiation, request.now);
    return refusal;
  }
  const uint32_t generation = calls_.calls_.generation(rung.slot);
  const auto lines = static_cast<uint8_t>(Session::count_lines(request.body()));
  leave_rung(rung.slot, request.now);
  seat_taker(pickup);
  calls_.session_.aim_again(call, call.negotiation, request.now);
  answer_taker(pickup, request.now);
  calls_.remember_words(call, Side::out, request.body());
  finish_taker(pickup, request.now);
  calls_.apply(rung.slot, {Event::picked_up, CallEnd::cancelled, 200}, request.now);
  if (calls_.calls_.is_live(rung.slot, generation)) call.negotiation.agreed_count[1] = lines;
  return {};
}

// Why a call that rings can not be picked up. Both bring an offer, and each is answered with what
// the other one said, so both must be there.
Refusal Transfers::unpicked(uint32_t slot, const LegRef& rung) const {
  const Call& call = calls_.calls_[rung.slot];
  const Call& taker = calls_.calls_[slot];
  const bool is_busy =
      call.transfer != no_index || call.first_exchange != no_index || calls_.awaits_prack(call);
  if (is_busy) return {491};
  const bool has_both_offers = !call.is_delayed && !call.has_made_offer && !taker.is_delayed;
  if (!has_both_offers) return {488};
  // What goes past us already can not keep the taker's session private.
  if (call.is_bypassed && taker.must_relay) return {488};
  if (call.sdp_sent[1] == DatagramId::none) return {503};
  size_t octets = taker.text.get(taker.trunk_names[0]).size();
  dialog::Dialog dialog = taker.leg(Side::in).dialog;
  each_text(dialog, [&](Span& span) { octets += span.length; });
  return call.text.has_room(call.text_mark, octets) ? Refusal{} : Refusal{513};
}

// The taker's offer answers the caller's, and the other way round. Media goes to the taker from
// here on, with keys that the phone which rings has not seen.
Refusal Transfers::match_offers(Pickup& pickup, const Received& request) {
  Call& call = calls_.calls_[pickup.call];
  const Session::OwnKeys before = calls_.session_.draw_keys(call, Side::out);
  const Refusal refusal = answer_both(pickup, request);
  if (refusal.status_code != 0) Session::keep_keys(call, Side::out, before);
  return refusal;
}

Refusal Transfers::answer_both(Pickup& pickup, const Received& request) {
  Call& call = calls_.calls_[pickup.call];
  Session& session = calls_.session_;
  const Session::Place place = calls_.session_of(pickup.call, no_index);
  const Session::Offers offers{calls_.services_.datagrams.octets(call.sdp_sent[1]), request.body()};
  sip::Writer body(calls_.body_);
  const Session::Version version{call.sdp_id[1], ++call.sdp_version[1]};
  if (!session.answer_taker(place, offers, version, body)) return {488};
  pickup.reply = calls_.keep(body);
  body = sip::Writer(calls_.body_);
  sip::Writer answer(calls_.extra_);
  const SessionResult result = session.answer_caller(place, offers, body, answer, request.now);
  if (result != SessionResult::ok) return {488};
  call.held_body = calls_.keep(answer);
  const bool is_kept = pickup.reply != DatagramId::none && call.held_body != DatagramId::none;
  return is_kept ? Refusal{} : Refusal{503};
}

// The taker's INVITE is one within the call from now on.
Refusal Transfers::serve_taker(Pickup& pickup, const Received& request) {
  const Leg& leg = calls_.calls_[pickup.taker].leg(Side::in);
  pickup.exchange = calls_.take_exchange({pickup.call, Side::out, no_index},
                                         Exchange::Purpose::bridged, Method::invite);
  if (pickup.exchange == no_index) return {503};
  Exchange& exchange = calls_.exchanges_[pickup.exchange];
  exchange.path = request.path;
  exchange.cseq = leg.invite_cseq;
  exchange.body = Exchange::Body::offer;
  sip::Writer head(calls_.scratch_);
  write_response_head(head, request.message, request.datagram, request.essentials, request.source);
  write_response_to(head, request.message, request.datagram, request.essentials,
                    calls_.calls_[pickup.taker].text.get(leg.dialog.local_tag));
  exchange.head = calls_.keep(head);
  return exchange.head == DatagramId::none ? Refusal{503} : Refusal{};
}

// The phone that rings gets CANCEL, and BYE if it answers all the same. The caller sees the answer
// as that of another fork.
void Transfers::leave_rung(uint32_t slot, contract::Instant now) {
  Call& call = calls_.calls_[slot];
  Leg& out = call.leg(Side::out);
  calls_.note_attempt(call, contract::AttemptEnd::taken, 0);
  calls_.let_go(out.invite, now, Exchange::Purpose::taken_elsewhere);
  out.invite = {};
  static_cast<void>(calls_.leave_early(slot));
  calls_.unindex_leg(slot, Side::out);
  calls_.services_.timers.cancel(call.patience);
  call.is_failover_timed = false;
}

// The leg of the taker becomes the called one. It is counted in the place of the one who goes, on
// the same trunk.
void Transfers::seat_taker(const Pickup& pickup) {
  Call& call = calls_.calls_[pickup.call];
  Call& taker = calls_.calls_[pickup.taker];
  calls_.unindex_leg(pickup.taker, Side::in);
  Leg seated = taker.leg(Side::in);
  call.text.rewind(call.text_mark);
  call.called_sent = call.called_routed;
  call.calling_sent = {};
  each_text(seated.dialog, [&](Span& span) { span = call.text.put(taker.text.get(span)); });
  call.trunk_names[1] = call.text.put(taker.text.get(taker.trunk_names[0]));
  call.must_relay = call.must_relay || taker.must_relay;
  seated.counted = call.leg(Side::out).counted;
  seated.invite = {};
  seated.offer = OfferState::idle;
  seated.dialog.state = dialog::State::confirmed;
  call.leg(Side::out) = seated;
  calls_.index_leg(pickup.call, Side::out);
  Exchange& exchange = calls_.exchanges_[pickup.exchange];
  exchange.server = taker.leg(Side::in).invite;
  taker.leg(Side::in).invite = {};
  calls_.services_.transactions.set_user(exchange.server, Calls::user_of_exchange(pickup.exchange));
  calls_.drop(call.sdp_sent[1]);
  call.sdp_sent[1] = pickup.reply;
}

void Transfers::answer_taker(const Pickup& pickup, contract::Instant now) {
  const uint32_t index = pickup.exchange;
  Exchange& exchange = calls_.exchanges_[index];
  const Leg& leg = calls_.calls_[pickup.call].leg(Side::out);
  sip::Writer extra(calls_.extra_);
  calls_.write_answer_terms(leg, extra);
  const std::string_view body = calls_.services_.datagrams.octets(pickup.reply);
  exchange.state = ExchangeState::answered;
  calls_.respond_exchange(
      index, 200, {.extra = extra.written(), .content_type = sdp_content_type, .body = body}, true,
      now);
  exchange.interval = leg.timing.t1;
  const uint32_t generation = calls_.exchanges_.generation(index);
  calls_.start_timer(exchange.repeat, CallTimer::exchange_repeat, index, generation,
                     now + exchange.interval);
  calls_.start_timer(exchange.patience, CallTimer::exchange_patience, index, generation,
                     now + leg.timing.timer_h());
}

// What is left of the taker's own call is its record.
void Transfers::finish_taker(const Pickup& pickup, contract::Instant now) {
  Call& call = calls_.calls_[pickup.call];
  Call& taker = calls_.calls_[pickup.taker];
  call.transfer_part = TransferPart::replaced;
  taker.transfer_part = TransferPart::replacing;
  call.transfer_status = taker.transfer_status = taker.status_code = 200;
  taker.end = CallEnd::transferred;
  taker.answered = now;
  taker.leg(Side::out).trunk = call.leg(Side::in).trunk;
  taker.trunk_names[1] = taker.text.put(call.text.get(call.trunk_names[0]));
  calls_.trunk_counters(taker.leg(Side::in).trunk).add(TrunkCounter::answered_in);
  calls_.finish(pickup.taker, {Event::joined, CallEnd::transferred, 200}, now);
}

}  // namespace demarc::call::transfers
