#include "dataplane/call/calls.h"
#include "dataplane/call/transfers/transfers.h"

// What the transferee asks while it waits for the target, and the transferor has left.

namespace demarc::call::transfers {
namespace {

using dialog::OfferState;
using memory::DatagramId;
using memory::no_index;
using sip::Method;
using transaction::TransactionId;

}  // namespace

// An INVITE or UPDATE with an offer. 491 says that one of ours is open, which is not so, and a peer
// that gets it each time gives its call up.
bool Transfers::answers(const Received& request, const LegRef& leg) const {
  const Method method = request.message.method;
  return calls_.calls_[leg.slot].state == State::waiting && has_sdp(request) &&
         (method == Method::invite || method == Method::update);
}

void Transfers::answer_waiting(const Received& request, TransactionId id, const LegRef& leg) {
  const Refusal refusal = unanswerable(request, leg);
  if (refusal.status_code != 0) {
    return calls_.respond(request, id, refusal.status_code, refusal.extra);
  }
  const Method method = request.message.method;
  const uint32_t index = calls_.take_exchange(leg, Exchange::Purpose::bridged, method);
  if (index == no_index) return calls_.respond(request, id, 503);
  Call& call = calls_.calls_[leg.slot];
  Leg& own = call.leg(leg.side);
  Exchange& exchange = calls_.exchanges_[index];
  sip::Writer head(calls_.scratch_);
  write_response_head(head, request.message, request.datagram, request.essentials, request.source);
  write_response_to(head, request.message, request.datagram, request.essentials, {});
  exchange.head = calls_.keep(head);
  sip::Writer body(calls_.body_);
  const uint16_t refused =
      exchange.head == DatagramId::none ? uint16_t{503} : answer_as_left(leg, request, body);
  if (refused != 0) {
    calls_.release_exchange(index);
    return calls_.respond(request, id, refused);
  }
  exchange.server = id;
  exchange.path = request.path;
  exchange.cseq = cseq_of(request);
  calls_.services_.transactions.set_user(id, Calls::user_of_exchange(index));
  Calls::follow(own, request);
  static_cast<void>(
      dialog::refresh_target(own.dialog, call.text, request.message, request.datagram));
  static_cast<void>(calls_.take_terms(own, request));
  calls_.start_session_timer(leg.slot, leg.side, request.now);
  sip::Writer extra(calls_.extra_);
  calls_.write_answer_terms(own, extra);
  const Content content{
      .extra = extra.written(), .content_type = sdp_content_type, .body = body.written()};
  calls_.respond_exchange(index, 200, content, true, request.now);
  if (!exchange.is_invite()) return calls_.release_exchange(index);
  exchange.state = ExchangeState::answered;
  exchange.interval = own.timing.t1;
  const uint32_t generation = calls_.exchanges_.generation(index);
  calls_.start_timer(exchange.repeat, CallTimer::exchange_repeat, index, generation,
                     request.now + exchange.interval);
  calls_.start_timer(exchange.patience, CallTimer::exchange_patience, index, generation,
                     request.now + own.timing.timer_h());
}

Refusal Transfers::unanswerable(const Received& request, const LegRef& leg) const {
  const Call& call = calls_.calls_[leg.slot];
  if (call.leg(leg.side).dialog.state == dialog::State::ended) return {481};  // the one who left
  const uint32_t open = calls_.open_invite_of(call);
  if (open != no_index && calls_.exchanges_[open].from == leg.side) return {500, retry_line};
  // A leg that is offered to another worker stays as it is.
  const bool is_glare = open != no_index || call.leg(leg.side).offer != OfferState::idle;
  if (is_glare || is_lending(leg.slot)) return {491};
  const uint16_t refused = refused_body(request);
  if (refused != 0) return {refused, refused == 415 ? accept_line : std::string_view{}};
  if (is_too_small(terms_of(request), calls_.wishes_of(request.trunk))) {
    sip::Writer extra(calls_.extra_);
    extra.field(sip::HeaderName::min_se, calls_.policy_of(request.trunk).min_se_s);
    return {422, extra.written()};
  }
  return {};
}

// With what the one who left said last, as that one would answer the offer (RFC 3264 section 6).
// Not 0, and the session is as it was: the status that says why not. Nothing passes yet in either
// case; what the peer says now is what the target will be compared with.
uint16_t Transfers::answer_as_left(const LegRef& leg, const Received& request, sip::Writer& body) {
  Call& call = calls_.calls_[leg.slot];
  const Side left = other(leg.side);
  const Session::Place place = calls_.session_of(leg.slot, no_index);
  const SessionResult result =
      calls_.session_.offer(place, leg.side, request.body(), body, request.now);
  if (!calls_.is_offered(result)) return is_for_want_of_room(result) ? 503 : 488;
  DatagramId offered = calls_.keep(body);
  const DatagramId said = said_of(call, left);
  sip::Writer words(calls_.extra_);
  const memory::DatagramPool& datagrams = calls_.services_.datagrams;
  body = sip::Writer(calls_.body_);
  // Nobody is there who would have keys.
  const Session::PeerKeys none = {};
  const bool is_answered =
      offered != DatagramId::none && said != DatagramId::none &&
      calls_.session_.answer_with(datagrams.octets(said), datagrams.octets(offered), words) &&
      calls_.session_.answer(place, left, words.written(), body, request.now, &none) ==
          SessionResult::ok;
  if (is_answered) {
    calls_.session_.settle(call);
    calls_.drop(call.said[index_of(leg.side)]);
    call.is_stale[index_of(leg.side)] = false;
    calls_.remember_sdp(call, left, datagrams.octets(offered));
    calls_.remember_sdp(call, leg.side, body.written());
    calls_.remember_words(call, leg.side, request.body());
  } else {
    calls_.session_.withdraw(call, call.negotiation, request.now);
  }
  calls_.session_.mute(call, request.now);
  calls_.drop(offered);
  return is_answered ? 0 : 488;
}

}  // namespace demarc::call::transfers
