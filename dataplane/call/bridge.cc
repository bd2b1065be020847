#include "dataplane/call/calls.h"
#include "dataplane/call/passed_status.h"

namespace demarc::call {
namespace {

using contract::AttemptEnd;
using contract::CallEnd;
using contract::TrunkCounter;
using dialog::OfferState;
using memory::DatagramId;
using sip::HeaderName;
using sip::Method;

}  // namespace

void Calls::on_response(const Received& response) {
  using Layer = transaction::Layer;
  const Layer::Response match = services_.transactions.receive_response(
      response.message, response.datagram, response.essentials, response.trunk, response.now);
  if (match.kind == Layer::Response::Kind::absorbed) {
    return count(contract::WorkerCounter::sip_absorbed);
  }
  if (match.kind == Layer::Response::Kind::stray) {
    count(contract::WorkerCounter::sip_stray_response);
    return settle_late_answer(response);
  }
  if (is_exchange_user(match.user)) {
    return on_exchange_response(match.user & ~exchange_mark, response);
  }
  if (response.message.method == Method::bye) return answer_bye_challenge(match, response);
  if (response.message.method != Method::invite) return;  // to our CANCEL: all is done
  const uint16_t status = response.message.status_code;
  const bool is_answer = status >= 200 && status < 300;
  const LegRef leg = leg_of_user(match.user);
  const bool has_moved =
      leg.is_set() && leg.side == Side::in && calls_[leg.slot].leg(Side::in).invite == match.id;
  // The 2xx that made a leg which is in another call now comes again; or that of another fork.
  if (has_moved && is_answer) {
    const Call& call = calls_[leg.slot];
    const bool is_again =
        call.text.get(call.leg(Side::in).dialog.remote_tag) == to_tag_of(response);
    return is_again ? acknowledge_from_answer(response, match.id)
                    : settle_stray_answer(response, match.id);
  }
  if (!leg.is_set() || calls_[leg.slot].leg(Side::out).invite != match.id) {
    if (!is_answer) return;
    const bool is_again = transfers_.is_away_again(response);
    return is_again ? acknowledge_from_answer(response, match.id)
                    : settle_stray_answer(response, match.id);
  }
  Call& call = calls_[leg.slot];
  note_sign(call.leg(Side::out), response);
  const dialog::Dialog& dialog = call.leg(Side::out).dialog;
  const bool has_dialog =
      dialog.state == dialog::State::confirmed || dialog.state == dialog::State::ended;
  if (is_answer && has_dialog) {
    // A retransmission is acknowledged again; the answer of another fork is ended
    // (section 13.2.2.4).
    if (call.text.get(dialog.remote_tag) != to_tag_of(response)) {
      return settle_stray_answer(response, match.id);
    }
    if (call.owes_ack) return;
    if (call.ack == DatagramId::none) return acknowledge_from_answer(response, match.id);
    return repeat_ack(call.ack, leg.slot, Side::out);
  }
  if (answer_challenge(leg.slot, response)) return;
  apply(leg.slot, cause_of(leg.slot, response), response.now);
}

Cause Calls::cause_of(uint32_t slot, const Received& response) {
  Call& call = calls_[slot];
  const uint16_t status = response.message.status_code;
  // The peer of a leg that is lent was called long ago.
  const bool is_early = status == 100 || (status < 200 && transfers_.is_replacing(slot));
  if (is_early) return {Event::trying_100, CallEnd::failed, status, &response};
  if (status < 200) return {Event::progress, CallEnd::failed, status, &response};
  if (status < 300) {
    const Event event = awaits_prack(call) ? Event::answer_held : Event::answer;
    return {event, CallEnd::cancelled, status, &response};
  }
  const uint16_t failure = failure_of(call, response);
  const bool goes = is_sent_again(call, response) || goes_on(call, failure);
  if (!goes && failure == status && passes_redirect(slot, response)) {
    return {Event::failure, CallEnd::failed, status, &response};
  }
  const Event event = goes ? Event::next_target : Event::failure;
  return {event, CallEnd::failed, passed_status(failure, RequestKind::new_call), &response};
}

void Calls::apply(uint32_t slot, const Cause& cause, contract::Instant now) {
  Call& call = calls_[slot];
  const contract::CallPhase before = phase_of(call);
  const Step next = step(call.state, cause.event);
  if (trace_ != nullptr) {
    trace_->step({.subject = slot,
                  .detail = next.actions,
                  .kind = trace::Kind::call,
                  .state = static_cast<uint8_t>(call.state),
                  .event = static_cast<uint8_t>(cause.event),
                  .next = static_cast<uint8_t>(next.next)});
  }
  // A caller that is done keeps its reason until the called side is done too.
  const bool is_over = next.next == State::cancel_waiting || next.next == State::cancelling ||
                       next.next == State::releasing || next.next == State::ended;
  const bool was_over = call.state == State::cancel_waiting || call.state == State::cancelling ||
                        call.state == State::releasing;
  if (is_over && !was_over) {
    // Of a call whose leg was taken the transfer was the end, whoever says BYE to what is left.
    if (call.state != State::parted) call.end = cause.end;
    // What still has to come from a peer, which may be lost, makes it no longer.
    if (!call.ended.is_set()) call.ended = now;
    // The caller's BYE waits for its ACK and says then what this one says.
    const bool is_bye = cause.received != nullptr && cause.received->is_request(Method::bye);
    if (next.next == State::releasing && is_bye) {
      keep_crossing(call, *cause.received, call.held_fields);
    }
    if (call.status_code == 0) call.status_code = cause.status_code;
  }
  call.state = next.next;
  act(slot, next.actions, cause, now);
  // Whatever else changed is in the row within a second: see supervise().
  const bool is_gone = (next.actions & Actions::finish) != 0 || !is_call(slot);
  if (is_gone || phase_of(call) == before) return;
  // Ringing changes nothing else. An answer brings media, and a call that ends may have handed its
  // ports to another one, whose row names them already.
  if (phase_of(call) == contract::CallPhase::ringing) return write_state(slot);
  write_row(slot);
}

void Calls::act(uint32_t slot, uint16_t actions, const Cause& cause, contract::Instant now) {
  Call& call = calls_[slot];
  if ((actions & Actions::try_next) != 0) return try_next(slot, cause, now);
  if ((actions & Actions::start_ring_timer) != 0) start_ring_timer(slot, cause, now);
  if ((actions & refuse_in) != 0 || (actions & pass_failure) != 0) {
    note_attempt(call, cause);
    drop_all_early(slot);
    sip::Writer extra(extra_);
    const bool is_passed = (actions & pass_failure) != 0 && cause.received != nullptr;
    if (is_passed) {
      if (cause.status_code < 400) write_redirect(call, *cause.received, extra);
      write_crossing(extra, *cause.received,
                     {call.leg(Side::out).identity, call.leg(Side::in).trunk});
    }
    const InResponse refusal{.status_code = cause.status_code, .extra = extra.written()};
    static_cast<void>(respond_in(slot, refusal, now));
  }
  if ((actions & cancel_out) != 0) {
    const Leg& out = call.leg(Side::out);
    start_call_timer(call.patience, CallTimer::cancel, slot, now + out.timing.t1 * 64);
    cancel_invite(out.invite, out, now, cause.received);
  }
  if ((actions & ack_out) != 0 && !acknowledge(slot, *cause.received)) {
    // Its 2xx makes no dialog that we can keep. It is ended from the message alone, unless it has
    // no Contact to send that to, and the caller is told.
    settle_stray_answer(*cause.received, call.leg(Side::out).invite);
    if (call.state == State::ended) return finish(slot, cause, now);
    return fail_answer(slot, 502, cause, now);
  }
  if ((actions & Actions::pass_progress) != 0) pass_progress(slot, cause, now);
  if ((actions & Actions::hold_answer) != 0) return hold_answer(slot, cause, now);
  if ((actions & Actions::pass_answer) != 0) return pass_answer(slot, cause, now);
  if ((actions & Actions::got_ack) != 0) {
    got_ack(slot, cause, now);
    if (call.state == State::ended) return;
    for (const Side to : {Side::in, Side::out}) send_next_digit(slot, to, now);
  }
  if ((actions & bye_in_leg) != 0) send_bye(slot, Side::in, now, cause.received);
  if ((actions & bye_out_leg) != 0) send_bye(slot, Side::out, now, cause.received);
  if ((actions & Actions::finish) != 0) finish(slot, cause, now);
}

// The failover timer goes before it until there is progress of the kind that the trunk counts.
void Calls::start_ring_timer(uint32_t slot, const Cause& cause, contract::Instant now) {
  Call& call = calls_[slot];
  if (call.is_ring_timed) return;
  const contract::Progress counted = policy_of(call.leg(Side::out).trunk).progress;
  const bool is_progress = !call.is_failover_timed || cause.event == Event::progress ||
                           counted == contract::Progress::any;
  if (!is_progress) return;
  call.is_ring_timed = true;
  call.is_failover_timed = false;
  start_call_timer(call.patience, CallTimer::ring, slot,
                   now + contract::Duration::milliseconds(call.ring_timeout_ms));
}

// The SDP of a 2xx, printed for the caller: the answer, or the offer that the INVITE asked for.
bool Calls::take_answer(uint32_t slot, const Cause& cause, contract::Instant now,
                        sip::Writer& body) {
  Call& call = calls_[slot];
  const Received& response = *cause.received;
  const uint32_t early = early_of(call, to_tag_of(response));
  if (call.is_delayed) {
    if (negotiation_of(slot, early).has_session()) {  // in an 18x and its PRACK
      session_.aim_again(call, negotiation_of(slot, early), now);
      return true;
    }
    const bool is_said =
        has_sdp(response) &&
        is_offered(session_.offer(session_of(slot, early), Side::out, response.body(), body, now));
    if (is_said) remember_words(call, Side::out, response.body());
    return is_said;
  }
  if (has_sdp(response)) remember_words(call, Side::out, response.body());
  const bool is_answered = early != memory::no_index && early_dialogs_[early].is_settled();
  if (has_sdp(response) && !is_answered) {
    const bool is_taken = session_.answer(session_of(slot, early), Side::out, response.body(), body,
                                          now) == SessionResult::ok;
    if (!is_taken || !call.has_made_offer) return is_taken;
    return offer_back({slot, Side::out, early}, response.body(), body, now);
  }
  // Without SDP here, the one of an 18x stands. Where that was not reliable, the 2xx must have it
  // again; where it was, it may (RFC 3261 section 13.2.1).
  if (early == memory::no_index || early_dialogs_[early].answer == DatagramId::none) return false;
  session_.aim_again(call, early_dialogs_[early].negotiation, now);
  const std::string_view earlier = services_.datagrams.octets(early_dialogs_[early].answer);
  if (call.has_made_offer) return offer_back({slot, Side::out, early}, earlier, body, now);
  body.raw(earlier);
  return true;
}

// What crosses of a message of the called side that the caller gets later; without room for it that
// goes without.
void Calls::keep_crossing(const Call& call, const Received& response, DatagramId& kept) {
  drop(kept);
  sip::Writer fields(extra_);
  write_crossing(fields, response, {call.leg(Side::out).identity, call.leg(Side::in).trunk});
  if (fields.failed() || !fields.written().empty()) kept = keep(fields);
}

void Calls::hold_answer(uint32_t slot, const Cause& cause, contract::Instant now) {
  Call& call = calls_[slot];
  sip::Writer body(body_);
  if (!take_answer(slot, cause, now, body)) return fail_answer(slot, 502, cause, now);
  note_attempt(call, AttemptEnd::answered, 200);
  call.held_body = keep(body);
  if (call.held_body == DatagramId::none) return fail_answer(slot, 503, cause, now);
  keep_crossing(call, *cause.received, call.held_fields);
}

void Calls::pass_answer(uint32_t slot, const Cause& cause, contract::Instant now) {
  if (transfers_.is_referred(slot)) return transfers_.on_answer(slot, cause, now);
  Call& call = calls_[slot];
  Leg& in = call.leg(Side::in);
  Leg& out = call.leg(Side::out);
  sip::Writer body(body_);
  if (call.held_body != DatagramId::none) {
    body.raw(services_.datagrams.octets(call.held_body));
  } else if (!take_answer(slot, cause, now, body)) {
    return fail_answer(slot, 502, cause, now);
  }
  const uint32_t chosen = chosen_early(call);
  if (chosen != memory::no_index) session_.take(early_dialogs_[chosen].negotiation, call);
  const bool is_offer = (call.is_delayed || call.has_made_offer) && call.negotiation.is_open;
  end_other_forks(slot, chosen, now);
  const bool is_renegotiating = chosen != memory::no_index && has_open_offer(slot, chosen);
  if (is_renegotiating) {
    // An UPDATE in it crosses the 2xx; its answer is still to come.
    in.offer = early_dialogs_[chosen].offer[index_of(Side::in)];
    out.offer = early_dialogs_[chosen].offer[index_of(Side::out)];
  } else {
    in.offer = is_offer ? OfferState::sent : OfferState::idle;
    out.offer = is_offer ? OfferState::received : OfferState::idle;
    if (!is_offer) session_.settle(call);
  }
  call.answered = now;
  session_.listen_again(call, now);
  remember_sdp(call, Side::in, body.written());  // before respond_in() has other use for body_
  sip::Writer extra(extra_);
  write_answer_terms(in, extra);
  if (call.held_fields != DatagramId::none) {
    extra.raw(services_.datagrams.octets(call.held_fields));
  } else if (cause.received != nullptr && !cause.received->message.is_request) {
    write_crossing(extra, *cause.received, {out.identity, in.trunk});
  }
  const InResponse answer{
      .status_code = 200, .body = body.written(), .has_contact = true, .extra = extra.written()};
  if (!respond_in(slot, answer, now)) {
    call.answered = {};
    return fail_answer(slot, 503, cause, now);
  }
  drop_all_early(slot);
  drop(call.held_body);
  drop(call.held_fields);
  end_search(call);
  note_attempt(call, AttemptEnd::answered, 200);
  call.status_code = 200;
  trunk_counters(in.trunk).add(TrunkCounter::answered_in);
  trunk_counters(out.trunk).add(TrunkCounter::answered_out);
  in.dialog.state = dialog::State::confirmed;
  call.answer_interval = in.timing.t1;
  start_call_timer(call.patience, CallTimer::ack, slot, now + in.timing.timer_h());
  start_call_timer(call.retransmit, CallTimer::retransmit_answer, slot, now + in.timing.t1);
  start_session_timer(slot, Side::out, now);
}

// The caller's ACK. When the called side made the offer, it brings the answer.
void Calls::got_ack(uint32_t slot, const Cause& cause, contract::Instant now) {
  Call& call = calls_[slot];
  services_.timers.cancel(call.patience);
  services_.timers.cancel(call.retransmit);
  const bool is_less = call.has_made_offer && is_less_than_offered(call.answer, *cause.received);
  drop(call.answer);
  start_session_timer(slot, Side::in, now);
  if (call.has_made_offer) return settle_made_offer(slot, *cause.received, is_less);
  if (!call.owes_ack) return;
  sip::Writer body(body_);
  const bool has_answer = has_sdp(*cause.received) &&
                          session_.answer(session_of(slot, memory::no_index), Side::in,
                                          cause.received->body(), body, now) == SessionResult::ok;
  if (!has_answer) return lose_call(slot, 488, now);
  session_.settle(call);
  call.leg(Side::in).offer = call.leg(Side::out).offer = OfferState::idle;
  remember_sdp(call, Side::out, body.written());
  remember_words(call, Side::in, cause.received->body());
  send_ack(slot, body.written());
}

// The called side answered and the caller can not be given that.
void Calls::fail_answer(uint32_t slot, uint16_t status_code, const Cause& cause,
                        contract::Instant now) {
  Call& call = calls_[slot];
  note_attempt(call, AttemptEnd::answered, 200);
  call.end = CallEnd::failed;
  call.status_code = status_code;
  call.state = State::ended;
  drop_all_early(slot);
  static_cast<void>(respond_in(slot, {.status_code = status_code}, now));
  send_bye(slot, Side::out, now);
  finish(slot, cause, now);
}

// A response to the caller's INVITE. A 2xx is kept until its ACK; false when there was no buffer
// for it, and then another final response can still be given.
bool Calls::respond_in(uint32_t slot, const InResponse& response, contract::Instant now) {
  Call& call = calls_[slot];
  const Leg& in = call.leg(Side::in);
  if (!services_.transactions.is_pending(in.invite)) return true;
  const std::string_view tag =
      response.to_tag.empty() ? call.text.get(in.dialog.local_tag) : response.to_tag;
  sip::Writer writer(scratch_);
  write_response(writer, {.status_code = response.status_code,
                          .head = services_.datagrams.octets(call.response_head),
                          .to = call.text.get(in.dialog.local_identity),
                          .to_tag = response.status_code == 100 ? std::string_view{} : tag,
                          .has_contact = response.has_contact,
                          .contact = in.advertised,
                          .contact_host = contact_host(in.trunk),
                          .allow = response.has_contact ? allow_of(in.trunk) : std::string_view{},
                          .extra = response.extra,
                          .body = response.body});
  const bool is_final = response.status_code >= 200;
  const bool is_answer = is_final && response.status_code < 300;
  const DatagramId datagram = is_final ? keep_final(call, writer) : keep(writer);
  if (is_answer && datagram == DatagramId::none) return false;
  // Without a buffer any other message is lost like one on the wire. The transaction goes on all
  // the same, so that it ends by its timers.
  services_.transactions.respond(in.invite, response.status_code, datagram, now);
  if (is_answer) {
    call.answer = datagram;
  } else {
    services_.datagrams.release(datagram);
  }
  return true;
}

// The head of the responses is not needed behind the final one, whose buffer it makes room for.
// When that is not enough (a large message), the head is put back.
DatagramId Calls::keep_final(Call& call, const sip::Writer& writer) {
  const std::string_view head = services_.datagrams.octets(call.response_head);
  sip::Writer copy(body_);
  copy.raw(head);
  services_.datagrams.release(call.response_head);
  const DatagramId response = keep(writer);
  call.response_head =
      response == DatagramId::none ? services_.datagrams.keep(copy.written()) : DatagramId::none;
  return response;
}

}  // namespace demarc::call
