#include <algorithm>

#include "dataplane/call/calls.h"
#include "dataplane/call/passed_status.h"

namespace demarc::call {
namespace {

using dialog::OfferState;
using memory::DatagramId;
using memory::no_index;
using sip::HeaderName;
using sip::Method;

// What a response says of the subscription that was asked for (RFC 6665 section 8.2, RFC 4488).
constexpr HeaderName subscription_fields[] = {
    HeaderName::expires,
    HeaderName::min_expires,
    HeaderName::allow_events,
    HeaderName::refer_sub,
};

void write_subscription_fields(sip::Writer& writer, const Received& response) {
  for (const HeaderName name : subscription_fields) {
    const auto* field = response.message.first(name);
    if (field == nullptr) continue;
    writer.begin(name).unfolded(text(field->value, response.datagram)).end();
  }
}

ExchangeEvent event_of(uint16_t status_code) {
  if (status_code < 200) return ExchangeEvent::provisional;
  return status_code < 300 ? ExchangeEvent::success : ExchangeEvent::failure;
}

// A peer that says nothing within a dialog is gone (RFC 3261 section 12.2.1.2, RFC 4028 section
// 10). Who asked for a bridged request decides that itself; of these nobody else hears.
bool ends_unanswered(const Exchange& exchange) {
  return exchange.purpose == Exchange::Purpose::refresh ||
         exchange.purpose == Exchange::Purpose::told ||
         exchange.purpose == Exchange::Purpose::telling ||
         exchange.purpose == Exchange::Purpose::orphaned;
}

}  // namespace

void Calls::on_exchange_response(uint32_t index, const Received& response) {
  if (answer_exchange_challenge(index, response)) return;
  if (!exchanges_[index].is_invite()) return on_plain_response(index, response);
  apply_exchange(index, event_of(response.message.status_code), &response, response.now);
}

// The final response to anything but an INVITE.
void Calls::on_plain_response(uint32_t index, const Received& response) {
  const uint16_t status = response.message.status_code;
  if (status < 200) return;
  Exchange& exchange = exchanges_[index];
  if (exchange.purpose == Exchange::Purpose::refresh) {
    return on_refreshed(index, response);
  }
  if (exchange.purpose == Exchange::Purpose::told) return on_told(index, response);
  if (exchange.purpose == Exchange::Purpose::orphaned) {
    return transfers_.on_orphan_answered(index, response);
  }
  if (exchange.purpose == Exchange::Purpose::digit) return digit_sent(index, response.now);
  if (exchange.purpose == Exchange::Purpose::notify) {
    return transfers_.on_reported(index, status, response.now);
  }
  if (exchange.purpose != Exchange::Purpose::bridged) return release_exchange(index);
  if (transfers_.take_back(index, status, response.now)) return;
  const uint32_t slot = exchange.call;
  const Side to = other(exchange.from);
  const uint16_t refusal = passed_by(exchange, response);
  const bool is_success = status < 300;
  const bool is_update = exchange.method == Method::update || exchange.method == Method::prack;
  sip::Writer body(body_);
  sip::Writer extra(extra_);
  bool is_answered = is_success;
  if (exchange.body == Exchange::Body::offer) {
    is_answered = is_success && answer_of_exchange(index, response, body);
    if (!is_answered) withdraw_offer(slot, exchange.early, response.now);
  }
  // Before respond_exchange() has other use for it.
  if (is_answered && exchange.early == no_index) {
    remember_sdp(calls_[slot], exchange.from, body.written());
  }
  if (is_success && is_update && exchange.early == no_index) {
    Leg& leg = calls_[slot].leg(to);
    static_cast<void>(
        dialog::refresh_target(leg.dialog, calls_[slot].text, response.message, response.datagram));
    // A PRACK that went on as UPDATE said nothing of the timer.
    if (exchange.method != Method::prack) take_refreshed(slot, to, response);
    agree(index);
    if (exchange.body == Exchange::Body::offer) {
      remember_words(calls_[slot], to, response.body());
    }
    start_session_timer(slot, exchange.from, response.now);
    write_answer_terms(calls_[slot].leg(exchange.from), extra);
  }
  const bool is_referral = exchange.method == Method::refer;
  const bool is_subscription =
      is_referral || exchange.method == Method::subscribe || exchange.method == Method::notify;
  if (is_subscription) write_subscription_fields(extra, response);
  if (is_success && is_referral) transfers_.on_taken(index);
  write_crossing(extra, response, across_back(exchange));
  Content content;
  content.content_type = is_update ? sdp_content_type : response.value(HeaderName::content_type);
  content.body = is_update ? body.written() : response.body();
  content.extra = extra.written();
  const uint16_t passed = is_answered ? status : is_success ? uint16_t{500} : refusal;
  // The 2xx to a SUBSCRIBE refreshes the target, too (RFC 6665 section 8.2.1), and that to a REFER
  // (RFC 3515 section 2.2).
  const bool has_contact = is_update || (is_subscription && is_success);
  respond_exchange(index, passed, content, has_contact, response.now);
  release_exchange(index);
  // It has taken an offer that its sender has to take back: nobody knows what the session is now.
  if (is_success && !is_answered) return lose_call(slot, 488, response.now);
  // The peer does not know the dialog any more (RFC 3261 section 12.2.1.2); of a subscription it
  // may be that one alone (RFC 6665 section 4.4.1).
  if (status == 481 && !is_subscription && calls_[slot].state == State::confirmed) {
    lose_call(slot, 481, response.now);
  }
}

// Nothing came in timer F. A server has no answer that would still be in time (RFC 4320 section 4).
void Calls::on_unanswered(uint32_t index, contract::Instant now) {
  Exchange& exchange = exchanges_[index];
  const uint32_t slot = exchange.call;
  if (exchange.purpose == Exchange::Purpose::notify) {
    return transfers_.on_reported(index, 408, now);
  }
  const bool is_dead = ends_unanswered(exchange);
  if (exchange.purpose == Exchange::Purpose::digit) return digit_sent(index, now);
  if (exchange.body == Exchange::Body::offer) withdraw_offer(slot, exchange.early, now);
  // Its sender may have longer timers: a copy that comes yet is still one, and gets nothing either.
  if (services_.transactions.is_pending(exchange.server)) {
    services_.transactions.respond(exchange.server, 408, DatagramId::none, now);
  }
  release_exchange(index);
  if (is_dead) lose_call(slot, 408, now);
}

void Calls::apply_exchange(uint32_t index, ExchangeEvent event, const Received* received,
                           contract::Instant now) {
  Exchange& exchange = exchanges_[index];
  const uint32_t slot = exchange.call;
  const uint32_t generation = slot == no_index ? 0 : calls_.generation(slot);
  const ExchangeStep next = exchange_step(exchange.state, event);
  if (trace_ != nullptr) {
    trace_->step({.subject = index,
                  .detail = next.actions,
                  .kind = trace::Kind::exchange,
                  .state = static_cast<uint8_t>(exchange.state),
                  .event = static_cast<uint8_t>(event),
                  .next = static_cast<uint8_t>(next.next)});
  }
  exchange.state = next.next;
  act_exchange(index, next.actions, received, now);
  const bool is_there = slot != no_index && calls_.is_live(slot, generation);
  const bool is_awaited = is_there && calls_[slot].transfer != no_index;
  if (is_awaited && open_invite_of(calls_[slot]) == no_index) {
    transfers_.on_call_is_free(slot, now);
  }
}

// Of a response to the one who began the exchange.
Across Calls::across_back(const Exchange& exchange) const {
  const Call& call = calls_[exchange.call];
  return {call.leg(other(exchange.from)).identity, call.leg(exchange.from).trunk};
}

// What the one who began the exchange gets for a refusal. The interval that a 422 names is in what
// we send next; one that names none would only come again, and is no better than a 421.
uint16_t Calls::passed_by(const Exchange& exchange, const Received& response) {
  const bool is_change =
      exchange.is_invite() || exchange.method == Method::update || exchange.method == Method::prack;
  uint16_t status = response.message.status_code;
  const bool is_learnt = learn_min_se(calls_[exchange.call].leg(other(exchange.from)), response);
  if (status == 422 && !is_learnt) status = 421;
  return passed_status(status, is_change ? RequestKind::session_change : RequestKind::other_within);
}

void Calls::act_exchange(uint32_t index, uint16_t actions, const Received* received,
                         contract::Instant now) {
  Exchange& exchange = exchanges_[index];
  const bool is_bridged = exchange.purpose == Exchange::Purpose::bridged;
  if ((actions & pass_provisional) != 0 && is_bridged && received->message.status_code > 100) {
    sip::Writer extra(extra_);
    write_crossing(extra, *received, across_back(exchange));
    respond_exchange(index, received->message.status_code, {.extra = extra.written()}, true, now);
  }
  if ((actions & pass_success) != 0) return pass_exchange_success(index, *received);
  if ((actions & pass_rejection) != 0) {
    if (exchange.purpose == Exchange::Purpose::refresh) return on_refreshed(index, *received);
    if (exchange.purpose == Exchange::Purpose::told) return on_told(index, *received);
    if (exchange.purpose == Exchange::Purpose::telling) {
      return transfers_.on_not_told(index, received->message.status_code, now);
    }
    if (exchange.brings_offer()) withdraw_offer(exchange.call, no_index, now);
    sip::Writer extra(extra_);
    if (exchange.call != no_index) {
      write_crossing(extra, *received, across_back(exchange));
      respond_exchange(index, passed_by(exchange, *received), {.extra = extra.written()}, false,
                       now);
    }
  }
  if ((actions & give_up) != 0) {
    if (exchange.brings_offer()) withdraw_offer(exchange.call, no_index, now);
    if (exchange.call != no_index) respond_exchange(index, 408, {}, false, now);
  }
  if ((actions & ExchangeActions::send_cancel) != 0) cancel_exchange(index, now);
  if ((actions & pass_ack) != 0) take_exchange_ack(index, *received);
  if ((actions & ExchangeActions::repeat_ack) != 0 && exchange.ack != DatagramId::none) {
    repeat_ack(exchange.ack, exchange.call, other(exchange.from));
  }
  if ((actions & refuse_from) != 0) respond_exchange(index, 487, {}, false, now);
  if ((actions & settle) != 0) settle_stray_answer(*received, exchange.client);
  const uint32_t slot = exchange.call;
  const bool is_lost = slot != no_index && ((actions & ExchangeActions::lose_call) != 0);
  const bool is_dead = slot != no_index && (actions & give_up) != 0 && ends_unanswered(exchange);
  const bool is_gone =
      slot != no_index && (actions & pass_rejection) != 0 && received->message.status_code == 481;
  // No BYE before the ACK.
  if (is_lost && exchange.owes_ack()) acknowledge_exchange(index, {});
  if ((actions & end_exchange) != 0) release_exchange(index);
  if (is_lost) lose_call(slot, 0, now);
  if (is_dead) lose_call(slot, 408, now);
  if (is_gone && calls_[slot].state == State::confirmed) lose_call(slot, 481, now);
}

// Whether an offer was said; what there was no room for is counted.
bool Calls::is_offered(SessionResult result) {
  if (result == SessionResult::no_ports) count(contract::WorkerCounter::media_ports_exhausted);
  if (result == SessionResult::no_lines) count(contract::WorkerCounter::line_pool_full);
  return result == SessionResult::ok;
}

// The SDP of a response, printed for whoever asked; false when it is not what was to come.
bool Calls::answer_of_exchange(uint32_t index, const Received& response, sip::Writer& body) {
  Exchange& exchange = exchanges_[index];
  Call& call = calls_[exchange.call];
  const Side to = other(exchange.from);
  if (!has_sdp(response)) return false;
  const bool is_made = exchange.body == Exchange::Body::made;
  if (is_made || exchange.body == Exchange::Body::awaited) {
    const bool is_said = is_made
                             ? turn_round(exchange, response, body)
                             : is_offered(session_.offer(session_of(exchange.call, exchange.early),
                                                         to, response.body(), body, response.now));
    if (!is_said) return false;
    call.leg(to).offer = OfferState::received;
    call.leg(exchange.from).offer = OfferState::sent;
    return true;
  }
  if (session_.answer(session_of(exchange.call, exchange.early), to, response.body(), body,
                      response.now) != SessionResult::ok) {
    return false;
  }
  if (exchange.early == no_index) {
    session_.settle(call);
  } else {
    session_.settle(negotiation_of(exchange.call, exchange.early));
  }
  if (exchange.purpose != Exchange::Purpose::telling) forget_shown(call);
  offer_state(exchange.call, to, exchange.early) = OfferState::idle;
  offer_state(exchange.call, exchange.from, exchange.early) = OfferState::idle;
  if (exchange.early == no_index) return true;
  // What the caller was shown last: the answer, or the offer that it has taken.
  if (exchange.from == Side::in) {
    show_in_early(exchange.early, body);
  } else if (exchange.offered != DatagramId::none) {
    std::swap(early_dialogs_[exchange.early].answer, exchange.offered);
  }
  return true;
}

// The peers have agreed between them, so that nothing is left to tell them.
void Calls::forget_shown(Call& call) {
  for (unsigned side = 0; side < 2; ++side) {
    drop(call.shown[side]);
    drop(call.said[side]);
    call.is_stale[side] = false;
  }
  drop(call.untold);
}

// The last SDP that the caller was shown in an early dialog is the one that its 2xx repeats.
void Calls::show_in_early(uint32_t index, const sip::Writer& body) {
  DatagramId& shown = early_dialogs_[index].answer;
  drop(shown);
  shown = keep(body);
}

void Calls::pass_exchange_success(uint32_t index, const Received& response) {
  Exchange& exchange = exchanges_[index];
  if (exchange.purpose == Exchange::Purpose::telling && exchange.call != no_index) {
    return transfers_.on_told(index, response);
  }
  if (exchange.purpose == Exchange::Purpose::refresh) {
    // The ACK goes to the target that the 2xx names.
    Call& refreshed = calls_[exchange.call];
    static_cast<void>(dialog::refresh_target(refreshed.leg(other(exchange.from)).dialog,
                                             refreshed.text, response.message, response.datagram));
    acknowledge_exchange(index, {});
    const uint32_t slot = exchange.call;
    const Side side = other(exchange.from);
    on_refreshed(index, response);
    if (!take_refresh_answer(slot, side, response)) lose_call(slot, 488, response.now);
    return;
  }
  if (exchange.purpose == Exchange::Purpose::told) return on_told(index, response);
  if (exchange.purpose == Exchange::Purpose::given_up || exchange.call == no_index) {
    settle_stray_answer(response, exchange.client);
    return release_exchange(index);
  }
  const uint32_t slot = exchange.call;
  Call& call = calls_[slot];
  Leg& leg = call.leg(other(exchange.from));
  static_cast<void>(
      dialog::refresh_target(leg.dialog, call.text, response.message, response.datagram));
  follow(leg, response);
  take_refreshed(slot, other(exchange.from), response);
  sip::Writer body(body_);
  const bool is_answered = answer_of_exchange(index, response, body);
  if (!is_answered) {
    // Nobody knows what the session is now.
    acknowledge_exchange(index, {});
    respond_exchange(index, 500, {}, false, response.now);
    exchange.state = ExchangeState::settled;
    return lose_call(slot, 488, response.now);
  }
  const std::string_view sdp = body.written();  // nothing below has other use for body_
  remember_sdp(call, exchange.from, sdp);
  if (exchange.brings_offer()) acknowledge_exchange(index, {});
  Leg& from = call.leg(exchange.from);
  agree(index);
  if (exchange.body == Exchange::Body::offer) {
    remember_words(call, other(exchange.from), response.body());
  } else if (keeps_words(call)) {
    exchange.words = services_.datagrams.keep(response.body());
  }
  sip::Writer extra(extra_);
  write_answer_terms(from, extra);
  write_crossing(extra, response, {leg.identity, from.trunk});
  const Content content{.extra = extra.written(), .content_type = sdp_content_type, .body = sdp};
  respond_exchange(index, 200, content, true, response.now);
  exchange.interval = from.timing.t1;
  start_timer(exchange.repeat, CallTimer::exchange_repeat, index, exchanges_.generation(index),
              response.now + exchange.interval);
  start_timer(exchange.patience, CallTimer::exchange_patience, index, exchanges_.generation(index),
              response.now + from.timing.timer_h());
  start_session_timer(slot, exchange.from, response.now);
}

// With the 2xx the terms of `from` are in force, and the offer is what a refresh sends again.
void Calls::agree(uint32_t index) {
  Exchange& exchange = exchanges_[index];
  Call& call = calls_[exchange.call];
  if (exchange.has_terms) call.leg(exchange.from).session = exchange.terms;
  if (exchange.words != DatagramId::none) {
    drop(call.said[index_of(exchange.from)]);
    std::swap(call.said[index_of(exchange.from)], exchange.words);
  }
  if (exchange.offered == DatagramId::none) return;
  DatagramId& sent = call.sdp_sent[index_of(other(exchange.from))];
  drop(sent);
  std::swap(sent, exchange.offered);
}

// The ACK of `from`; what it answers goes on in ours.
void Calls::take_exchange_ack(uint32_t index, const Received& ack) {
  Exchange& exchange = exchanges_[index];
  const uint32_t slot = exchange.call;
  Call& call = calls_[slot];
  services_.timers.cancel(exchange.repeat);
  const bool is_made = exchange.body == Exchange::Body::made;
  const bool is_less = is_made && is_less_than_offered(exchange.answer, ack);
  drop(exchange.answer);
  start_timer(exchange.patience, CallTimer::exchange_patience, index, exchanges_.generation(index),
              ack.now + call.leg(Side::in).timing.timer_h());
  if (!is_made && exchange.body != Exchange::Body::awaited) return;
  const Side to = other(exchange.from);
  sip::Writer body(body_);
  const bool has_answer =
      is_made ? take_made_answer({slot, exchange.from, no_index}, ack)
              : has_sdp(ack) && session_.answer(session_of(slot, no_index), exchange.from,
                                                ack.body(), body, ack.now) == SessionResult::ok;
  if (!has_answer) {
    if (!is_made) acknowledge_exchange(index, {});
    return lose_call(slot, 488, ack.now);
  }
  forget_shown(call);
  remember_words(call, exchange.from, ack.body());
  std::swap(call.said[index_of(to)], exchange.words);
  if (is_made) {
    if (is_less) tell(slot, to, ack);
    return;
  }
  session_.settle(call);
  call.leg(Side::in).offer = call.leg(Side::out).offer = OfferState::idle;
  remember_sdp(call, to, body.written());
  acknowledge_exchange(index, body.written());
}

// ACK to the 2xx of `to`; kept, since it must be the same one when the 2xx comes again.
void Calls::acknowledge_exchange(uint32_t index, std::string_view body) {
  Exchange& exchange = exchanges_[index];
  const Side to = other(exchange.from);
  drop(exchange.ack);
  exchange.ack =
      compose_ack({exchange.call, to, exchange.client_cseq, false, exchange.client}, body);
}

// No BYE before the ACK (RFC 3261 section 15), even when nobody has given us the answer for it.
void Calls::acknowledge_owed(uint32_t slot, Side side) {
  for (uint32_t i = calls_[slot].first_exchange; i != no_index; i = exchanges_[i].next) {
    const Exchange& exchange = exchanges_[i];
    const bool is_owed = exchange.owes_ack() && exchange.state == ExchangeState::answered &&
                         exchange.from == other(side);
    if (is_owed) acknowledge_exchange(i, {});
  }
}

// To the request that `from` sent. A 2xx to an INVITE is kept until its ACK.
void Calls::respond_exchange(uint32_t index, uint16_t status_code, const Content& content,
                             bool has_contact, contract::Instant now) {
  Exchange& exchange = exchanges_[index];
  if (!services_.transactions.is_pending(exchange.server)) return;
  const Leg& from = calls_[exchange.call].leg(exchange.from);
  sip::Writer writer(scratch_);
  // Without its head nothing can be said; the transaction ends all the same.
  if (exchange.head == DatagramId::none) {
    return services_.transactions.respond(exchange.server, status_code, DatagramId::none, now);
  }
  write_response(writer, {.status_code = status_code,
                          .head = services_.datagrams.octets(exchange.head),
                          .has_contact = has_contact,
                          .contact = from.advertised,
                          .contact_host = contact_host(from.trunk),
                          .allow = has_contact ? allow_of(from.trunk) : std::string_view{},
                          .extra = content.extra,
                          .content_type = content.content_type,
                          .body = content.body});
  const bool is_final = status_code >= 200;
  // No other response needs the head then, and this one may need its buffer.
  if (is_final) drop(exchange.head);
  const DatagramId response = keep(writer);
  if (is_final && response == DatagramId::none) send_once(writer, exchange.path, from.trunk);
  services_.transactions.respond(exchange.server, status_code, response, now);
  const bool is_kept = exchange.is_invite() && is_final && status_code < 300;
  if (is_kept) {
    exchange.answer = response;
  } else {
    services_.datagrams.release(response);
  }
}

void Calls::repeat_exchange_answer(uint32_t index, contract::Instant now) {
  Exchange& exchange = exchanges_[index];
  if (exchange.answer == DatagramId::none) return;
  const Leg& from = calls_[exchange.call].leg(exchange.from);
  static_cast<void>(services_.outbox.push({exchange.answer, exchange.path, from.trunk, true}));
  exchange.interval = std::min(exchange.interval * 2, from.timing.t2);
  start_timer(exchange.repeat, CallTimer::exchange_repeat, index, exchanges_.generation(index),
              now + exchange.interval);
}

// Whether an offer in that early dialog waits for its answer.
bool Calls::has_open_offer(uint32_t slot, uint32_t early) const {
  for (uint32_t i = calls_[slot].first_exchange; i != no_index; i = exchanges_[i].next) {
    const Exchange& exchange = exchanges_[i];
    if (exchange.early == early && exchange.body == Exchange::Body::offer) return true;
  }
  return false;
}

uint32_t Calls::exchange_of_ack(const LegRef& leg, uint32_t cseq) const {
  for (uint32_t i = calls_[leg.slot].first_exchange; i != no_index; i = exchanges_[i].next) {
    const Exchange& exchange = exchanges_[i];
    if (exchange.is_invite() && exchange.from == leg.side && exchange.cseq == cseq &&
        exchange.purpose == Exchange::Purpose::bridged) {
      return i;
    }
  }
  return no_index;
}

uint32_t Calls::open_invite_of(const Call& call) const {
  for (uint32_t i = call.first_exchange; i != no_index; i = exchanges_[i].next) {
    if (exchanges_[i].is_open_invite()) return i;
  }
  return no_index;
}

}  // namespace demarc::call
