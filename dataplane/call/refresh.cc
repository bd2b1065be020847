#include <algorithm>

#include "dataplane/call/calls.h"
#include "sip-parser/methods.h"
#include "sip-parser/retry_after.h"

namespace demarc::call {
namespace {

using contract::CallEnd;
using contract::Duration;
using memory::DatagramId;
using memory::no_index;
using sip::HeaderName;
using sip::Method;
using sip::OptionTag;

// A refresh that was refused for a passing reason is tried again.
constexpr Duration refresh_retry = Duration::seconds(5);
// How often what a refresh changed is offered to a peer that has offers of its own each time.
constexpr uint8_t max_untold_tries = 8;
// A peer that says when to come again is believed so far.
constexpr uint32_t max_retry_after_s = 60;

// RFC 4028 section 10: who can not refresh ends the call as who misses a refresh does.
contract::Instant end_of_session(const Leg& leg) {
  return leg.session_began + leg.session.give_up_after();
}

}  // namespace

dialog::SessionWishes Calls::wishes_of(contract::TrunkId trunk) const {
  const contract::CallPolicy& policy = policy_of(trunk);
  return {policy.asks_session_timer, policy.session_expires_s, policy.min_se_s};
}

// What the peer can do, as its INVITE or its response says.
void Calls::learn_features(Leg& leg, const Received& received) const {
  if (received.message.has(HeaderName::allow)) {
    const auto methods = sip::methods_of(received.message, received.datagram);
    if (methods) leg.allowed = methods->known;
  }
  const Extensions& extensions = received.extensions;
  leg.wants_reliable |= extensions.required.has(OptionTag::reliable_provisional);
  leg.takes_reliable |= extensions.has(OptionTag::reliable_provisional);
  leg.takes_timer |= extensions.has(OptionTag::timer);
}

bool Calls::take_terms(Leg& leg, const Received& request) const {
  const dialog::SessionTerms terms = terms_of(request);
  const dialog::SessionWishes wishes = wishes_of(leg.trunk);
  if (is_too_small(terms, wishes)) return false;
  leg.session = answer_terms(terms, wishes);
  return true;
}

// Session-Expires of a 2xx of ours, and Require where the peer is to refresh (RFC 4028 section 9).
void Calls::write_answer_terms(const Leg& leg, sip::Writer& writer) const {
  writer.field(HeaderName::supported, supported_of(leg.trunk));
  if (!leg.session.is_on()) return;
  writer.begin(HeaderName::session_expires).number(leg.session.interval_s);
  writer.raw(leg.session.we_refresh ? ";refresher=uas" : ";refresher=uac").end();
  if (!leg.session.we_refresh) writer.field(HeaderName::require, "timer");
}

// Session-Expires and Min-SE of a request of ours that may refresh.
void Calls::write_request_terms(const Call& call, Side to, sip::Writer& writer) const {
  const Leg& leg = call.leg(to);
  const dialog::SessionWishes wishes = wishes_of(leg.trunk);
  if (!leg.session.is_on() && !wishes.asks) return;
  const uint32_t wished = leg.session.is_on() ? leg.session.interval_s : wishes.expires_s;
  writer.begin(HeaderName::session_expires).number(std::max(wished, leg.min_se_s));
  // Once agreed, who refreshes stays as it is (section 7.4).
  if (leg.session.is_on()) {
    writer.raw(leg.session.we_refresh ? ";refresher=uac" : ";refresher=uas");
  }
  writer.end();
  writer.field(HeaderName::min_se, std::max(leg.min_se_s, wishes.min_se_s));
}

void Calls::start_session_timer(uint32_t slot, Side side, contract::Instant now) {
  Leg& leg = calls_[slot].leg(side);
  leg.session_began = now;
  leg.session_due = {};
  if (!leg.session.is_on()) return;
  const Duration after =
      leg.session.we_refresh ? leg.session.refresh_after() : leg.session.give_up_after();
  leg.session_due = now + after;
  await_supervision(slot);
}

void Calls::on_session_timer(uint32_t slot, Side side, contract::Instant now) {
  const Call& call = calls_[slot];
  const Leg& leg = call.leg(side);
  const bool is_up = call.state == State::answered || call.state == State::confirmed ||
                     call.state == State::waiting;
  if (!is_up) return;
  if (now >= end_of_session(leg)) {
    return apply(slot, {Event::session_expired, CallEnd::session_expired}, now);
  }
  // Who waits for the target of a transfer has a session all the same.
  const bool is_quiet = call.state == State::confirmed || call.state == State::waiting;
  // While an INVITE is open a refresh has to wait for it; it may refresh by itself.
  const bool is_possible = is_quiet && open_invite_of(call) == no_index &&
                           leg.offer == dialog::OfferState::idle && !transfers_.is_lending(slot);
  if (is_possible && leg.session.we_refresh && refresh(slot, side, now)) return;
  try_refresh_later(slot, side, refresh_retry, now);
}

// Not for ever: the session is as old as its last success.
void Calls::try_refresh_later(uint32_t slot, Side side, Duration pause, contract::Instant now) {
  Leg& leg = calls_[slot].leg(side);
  if (!leg.session.is_on()) return;
  const contract::Instant end = end_of_session(leg);
  leg.session_due = leg.session.we_refresh ? std::min(now + pause, end) : end;
  await_supervision(slot);
}

// How long an offer that met one of the peer waits (RFC 3261 section 14.1). Drawn, since two boxes
// in series would meet again each time.
Duration Calls::glare_pause(uint32_t slot, Side side) {
  const Call& call = calls_[slot];
  const bool is_owner = mint_.is_minted(call.text.get(call.leg(side).dialog.call_id));
  const uint64_t steps = mint_.random() % (is_owner ? 191 : 201);
  return Duration::milliseconds((is_owner ? 2100 : 0) + 10 * static_cast<int64_t>(steps));
}

// UPDATE without SDP where the peer takes it, else an INVITE with the SDP that it already has (RFC
// 4028 section 7.4).
bool Calls::refresh(uint32_t slot, Side side, contract::Instant now) {
  Call& call = calls_[slot];
  const bool has_update = call.leg(side).takes(Method::update);
  const DatagramId sdp = call.sdp_sent[index_of(side)];
  if (!has_update && sdp == DatagramId::none) return false;
  const Method method = has_update ? Method::update : Method::invite;
  const uint32_t index =
      take_exchange({slot, other(side), no_index}, Exchange::Purpose::refresh, method);
  if (index == no_index) return false;
  const std::string_view body = has_update ? std::string_view{} : services_.datagrams.octets(sdp);
  return send_own(index, side, body, now);
}

// A request of our own that may refresh, with its terms. Without room for it its exchange is given
// back, and false.
bool Calls::send_own(uint32_t index, Side to, std::string_view body, contract::Instant now) {
  const Exchange& exchange = exchanges_[index];
  const Call& call = calls_[exchange.call];
  sip::Writer extra(extra_);
  extra.field(HeaderName::supported, supported_of(call.leg(to).trunk));
  write_request_terms(call, to, extra);
  write_own(extra, exchange.method, call.leg(to).trunk);
  const Content content{.method = sip::spelling(exchange.method),
                        .extra = extra.written(),
                        .content_type = sdp_content_type,
                        .body = body};
  if (!send_request(index, to, content, now)) {
    release_exchange(index);
    return false;
  }
  if (exchange.is_invite()) {
    start_timer(exchanges_[index].patience, CallTimer::exchange_patience, index,
                exchanges_.generation(index), now + Duration::milliseconds(call.ring_timeout_ms));
  }
  return true;
}

// The response to a refresh: on with the timer, or the peer is gone (section 7.4 and RFC 3261
// section 12.2.1.2).
void Calls::on_refreshed(uint32_t index, const Received& response) {
  const Exchange& exchange = exchanges_[index];
  const uint32_t slot = exchange.call;
  const Side side = other(exchange.from);
  const uint16_t status = response.message.status_code;
  if (exchange.is_invite() && status < 300) {
    wait_for_repetitions(index, response.now);
  } else {
    release_exchange(index);
  }
  if (slot == no_index) return;
  Leg& leg = calls_[slot].leg(side);
  if (status < 300) {
    static_cast<void>(
        dialog::refresh_target(leg.dialog, calls_[slot].text, response.message, response.datagram));
    return take_refreshed(slot, side, response);
  }
  if (status == 481 || status == 408) return lose_call(slot, status, response.now);
  learn_min_se(leg, response);
  try_refresh_later(slot, side, status == 491 ? glare_pause(slot, side) : refresh_retry,
                    response.now);
}

// 422 to a request of ours within the dialog: whatever goes there next has the interval that it
// names (RFC 4028 section 7.3). An INVITE that makes the dialog is sent again at once. False when
// it names none that is news.
bool Calls::learn_min_se(Leg& leg, const Received& response) {
  if (response.message.status_code != 422) return false;
  const uint32_t before = leg.min_se_s;
  leg.min_se_s = std::max(before, terms_of(response).min_se_s);
  return leg.min_se_s != before;
}

// The ACK to the 2xx of an INVITE of ours may be lost; the exchange stays to repeat it.
void Calls::wait_for_repetitions(uint32_t index, contract::Instant now) {
  Exchange& exchange = exchanges_[index];
  exchange.state = ExchangeState::settled;
  start_timer(exchange.patience, CallTimer::exchange_patience, index, exchanges_.generation(index),
              now + calls_[exchange.call].leg(other(exchange.from)).timing.timer_h());
}

// The SDP that answers a refresh by INVITE (decision D26). Mostly it says what the peer said
// before. Where its addresses changed, media goes there from now on, which is nobody else's
// business; where it takes less or turns a stream another way, the other side is told. False when
// it is no answer to what we sent: nobody knows what the session is then.
bool Calls::take_refresh_answer(uint32_t slot, Side side, const Received& response) {
  Call& call = calls_[slot];
  const DatagramId offered = call.sdp_sent[index_of(side)];
  const bool is_idle = call.leg(side).offer == dialog::OfferState::idle &&
                       call.leg(other(side)).offer == dialog::OfferState::idle;
  // What is under way says more than this does, and so does what has to be offered yet.
  const bool is_stale = call.is_stale[0] || call.is_stale[1];
  if (!has_sdp(response) || offered == DatagramId::none || !is_idle || is_stale) return true;
  const bool is_news = session_.is_narrower(services_.datagrams.octets(offered), response.body());
  if (session_.move(session_of(slot, no_index), side, response.body(), response.now) !=
      SessionResult::ok) {
    return false;
  }
  if (call.state != State::waiting) {
    if (is_news) tell(slot, other(side), response);
    return true;
  }
  // Nobody is there to be told, and nothing passes yet: the target's peer will hear of it.
  session_.mute(call, response.now);
  drop(call.said[index_of(side)]);
  call.said[index_of(side)] = services_.datagrams.keep(response.body());
  return true;
}

// Offers `to` what the other side says of the session, without being asked by it; later where that
// meets an offer of its own.
void Calls::tell(uint32_t slot, Side to, const Received& said) {
  Call& call = calls_[slot];
  drop(call.untold);
  call.untold = services_.datagrams.keep(said.body());
  call.untold_to = to;
  call.untold_tries = 0;
  offer_said(slot, to, said.body(), said.now);
}

void Calls::offer_said(uint32_t slot, Side to, std::string_view sdp, contract::Instant now) {
  Call& call = calls_[slot];
  sip::Writer body(body_);
  if (!is_offered(session_.offer(session_of(slot, no_index), other(to), sdp, body, now))) {
    return drop(call.untold);
  }
  call.leg(to).offer = dialog::OfferState::sent;
  call.leg(other(to)).offer = dialog::OfferState::received;
  const Method method = call.leg(to).takes(Method::update) ? Method::update : Method::invite;
  const uint32_t index =
      take_exchange({slot, other(to), no_index}, Exchange::Purpose::told, method);
  if (index == no_index) {
    drop(call.untold);
    return withdraw_offer(slot, no_index, now);
  }
  Exchange& exchange = exchanges_[index];
  exchange.body = Exchange::Body::offer;
  if (keeps_sdp(call, to)) exchange.offered = keep(body);
  if (keeps_words(call)) exchange.words = services_.datagrams.keep(sdp);
  if (!send_own(index, to, body.written(), now)) {
    drop(call.untold);
    withdraw_offer(slot, no_index, now);
  }
}

// Again, after glare; unless the peers have agreed on something else by now (forget_shown).
void Calls::tell_untold(uint32_t slot, contract::Instant now) {
  Call& call = calls_[slot];
  if (call.untold == DatagramId::none) return;
  const Side to = call.untold_to;
  const bool is_possible = call.state == State::confirmed && open_invite_of(call) == no_index &&
                           call.leg(Side::in).offer == dialog::OfferState::idle &&
                           call.leg(Side::out).offer == dialog::OfferState::idle &&
                           call.transfer == no_index;
  if (is_possible) return offer_said(slot, to, services_.datagrams.octets(call.untold), now);
  start_call_timer(call.patience, CallTimer::tell_again, slot, now + glare_pause(slot, to));
}

// Whether what the peer has refused only now is offered to it later (RFC 3261 sections 14.1, 14.2).
bool Calls::tells_again(uint32_t slot, const Received& response) {
  Call& call = calls_[slot];
  if (call.untold == DatagramId::none || call.untold_tries == max_untold_tries) return false;
  const auto retry =
      sip::parse_retry_after(response.message.value(HeaderName::retry_after), response.datagram);
  const uint16_t status = response.message.status_code;
  if (status != 491 && !(status == 500 && retry)) return false;
  const Duration pause = status == 491
                             ? glare_pause(slot, call.untold_to)
                             : Duration::seconds(std::min(retry->delay_s, max_retry_after_s));
  ++call.untold_tries;
  start_call_timer(call.patience, CallTimer::tell_again, slot, response.now + pause);
  return true;
}

// The response to that. Refused, the session stays as it was on that side.
void Calls::on_told(uint32_t index, const Received& response) {
  const Exchange& exchange = exchanges_[index];
  const uint32_t slot = exchange.call;
  const Side to = other(exchange.from);
  const uint16_t status = response.message.status_code;
  if (status >= 300) {
    learn_min_se(calls_[slot].leg(to), response);
    withdraw_offer(slot, no_index, response.now);
    release_exchange(index);
    if (status == 481) return lose_call(slot, status, response.now);
    if (!tells_again(slot, response)) drop(calls_[slot].untold);
    return;
  }
  Call& call = calls_[slot];
  drop(call.untold);
  static_cast<void>(
      dialog::refresh_target(call.leg(to).dialog, call.text, response.message, response.datagram));
  take_refreshed(slot, to, response);
  sip::Writer body(body_);
  const bool is_answered =
      has_sdp(response) && session_.answer(session_of(slot, no_index), to, response.body(), body,
                                           response.now) == SessionResult::ok;
  // Nobody waits for it, but the next refresh of the other side says so.
  if (is_answered) {
    remember_sdp(call, exchange.from, body.written());
    remember_words(call, to, response.body());
  }
  session_.settle(call);
  call.leg(Side::in).offer = call.leg(Side::out).offer = dialog::OfferState::idle;
  agree(index);
  if (exchange.is_invite()) {
    acknowledge_exchange(index, {});
    wait_for_repetitions(index, response.now);
  } else {
    release_exchange(index);
  }
  if (!is_answered) lose_call(slot, 488, response.now);
}

// A 2xx to a request of ours that refreshes: what it says of the timer holds from now on.
void Calls::take_refreshed(uint32_t slot, Side side, const Received& response) {
  Leg& leg = calls_[slot].leg(side);
  const dialog::SessionTerms terms = terms_of(response);
  if (terms.has_expires()) {
    leg.session = accepted_terms(terms, wishes_of(leg.trunk));
  } else {
    // The peer has no timer now (RFC 4028 section 7.2), and would miss no refresh of its own.
    leg.session.we_refresh = true;
  }
  start_session_timer(slot, side, response.now);
}

// Only where a refresh or a transfer may need it: most peers take UPDATE.
void Calls::remember_sdp(Call& call, Side to, std::string_view body) {
  DatagramId& kept = call.sdp_sent[index_of(to)];
  // Before its 2xx nobody knows what the called side will want.
  const bool is_unknown = to == Side::out && !call.answered.is_set();
  if (body.empty() || !(is_unknown || keeps_sdp(call, to))) return;
  drop(kept);
  kept = services_.datagrams.keep(body);
}

bool Calls::keeps_sdp(const Call& call, Side to) const {
  // What was kept once is kept up to date: an old offer would change the session.
  return call.keeps_sdp || may_refresh_by_invite(call.leg(to)) ||
         call.sdp_sent[index_of(to)] != DatagramId::none;
}

// A transfer offers another peer what this one said. Where a codec policy chose the formats, what
// was printed for the other side is not that.
bool Calls::keeps_words(const Call& call) {
  return call.keeps_sdp && call.negotiation.is_chosen;
}

void Calls::remember_words(Call& call, Side of, std::string_view body) {
  if (body.empty() || !keeps_words(call)) return;
  DatagramId& kept = call.said[index_of(of)];
  drop(kept);
  kept = services_.datagrams.keep(body);
}

bool Calls::may_refresh_by_invite(const Leg& leg) const {
  return (leg.session.is_on() || wishes_of(leg.trunk).asks) && !leg.takes(Method::update);
}

}  // namespace demarc::call
