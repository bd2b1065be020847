#include "dataplane/call/calls.h"

namespace demarc::call {
namespace {

using contract::CallEnd;
using contract::TrunkCounter;
using memory::DatagramId;
using sip::HeaderName;
using sip::Method;

// What the caller gets for a final response of the called side. What only makes sense between us
// and that side (a challenge, a redirection to its addresses) does not cross.
uint16_t passed_status(uint16_t status_code) {
  if (status_code == 401 || status_code == 407) return 403;
  if (status_code < 400) return 480;
  return status_code;
}

bool has_sdp(const Received& response) {
  if (response.message.body.empty()) return false;
  const std::string_view type =
      text(response.message.value(HeaderName::content_type), response.datagram);
  return ascii::iequals(ascii::trim(type.substr(0, type.find(';'))), sdp_content_type);
}

}  // namespace

void Calls::on_response(const Received& response) {
  using Layer = transaction::Layer;
  const Layer::Response match = services_.transactions.receive_response(
      response.message, response.datagram, response.top_via, response.trunk, response.now);
  if (match.kind == Layer::Response::Kind::absorbed) {
    return count(contract::WorkerCounter::sip_absorbed);
  }
  if (match.kind == Layer::Response::Kind::stray) {
    return count(contract::WorkerCounter::sip_stray_response);
  }
  if (response.message.method != Method::invite) return;  // to our BYE or CANCEL: all is done
  const uint16_t status = response.message.status_code;
  const bool is_answer = status >= 200 && status < 300;
  const LegRef leg = leg_of_user(services_.transactions.user_of(match.id));
  if (!leg.is_set() || calls_[leg.slot].leg(Side::out).invite != match.id) {
    if (is_answer) settle_stray_answer(response);
    return;
  }
  Call& call = calls_[leg.slot];
  const dialog::Dialog& dialog = call.leg(Side::out).dialog;
  const bool has_dialog =
      dialog.state == dialog::State::confirmed || dialog.state == dialog::State::ended;
  if (is_answer && has_dialog) {
    // A retransmission is acknowledged again; the answer of another fork is ended
    // (section 13.2.2.4).
    if (call.text.get(dialog.remote_tag) == to_tag_of(response)) {
      return send_to_answer(response, "ACK");
    }
    return settle_stray_answer(response);
  }
  Cause cause{Event::failure, CallEnd::failed, passed_status(status), &response};
  if (status == 100) cause.event = Event::trying_100;
  if (status > 100 && status < 200) cause = {Event::progress, CallEnd::failed, status, &response};
  if (is_answer) cause = {Event::answer, CallEnd::cancelled, status, &response};
  apply(leg.slot, cause, response.now);
}

void Calls::apply(uint32_t slot, const Cause& cause, contract::Instant now) {
  Call& call = calls_[slot];
  const Step next = step(call.state, cause.event);
  // A caller that is done keeps its reason until the called side is done too.
  const bool is_over = next.next == State::cancel_waiting || next.next == State::cancelling ||
                       next.next == State::releasing || next.next == State::ended;
  const bool was_over = call.state == State::cancel_waiting || call.state == State::cancelling ||
                        call.state == State::releasing;
  if (is_over && !was_over) {
    call.end = cause.end;
    if (call.status_code == 0) call.status_code = cause.status_code;
  }
  call.state = next.next;
  act(slot, next.actions, cause, now);
  if ((next.actions & Actions::finish) == 0 && calls_.is_live(slot)) write_row(slot);
}

void Calls::act(uint32_t slot, uint16_t actions, const Cause& cause, contract::Instant now) {
  Call& call = calls_[slot];
  if ((actions & start_ring_timer) != 0) {
    start_timer(call.patience, CallTimer::ring, slot,
                now + contract::Duration::milliseconds(call.ring_timeout_ms));
  }
  if ((actions & refuse_in) != 0 || (actions & pass_failure) != 0) {
    static_cast<void>(respond_in(slot, cause.status_code, {}, false, now));
  }
  if ((actions & cancel_out) != 0) send_cancel(slot, now);
  if ((actions & ack_out) != 0 && !acknowledge(slot, *cause.received)) {
    // Its 2xx makes no dialog that we can keep. It is ended from the message alone, unless it has
    // no Contact to send that to, and the caller is told.
    settle_stray_answer(*cause.received);
    if ((actions & Actions::pass_answer) == 0) return finish(slot, cause, now);
    return fail_answer(slot, 502, cause, now);
  }
  if ((actions & Actions::pass_progress) != 0) pass_progress(slot, cause, now);
  if ((actions & Actions::pass_answer) != 0) return pass_answer(slot, cause, now);
  if ((actions & got_ack) != 0) {
    services_.timers.cancel(call.patience);
    services_.timers.cancel(call.retransmit);
    services_.datagrams.release(call.answer);
    call.answer = DatagramId::none;
  }
  if ((actions & bye_in_leg) != 0) send_bye(slot, Side::in, now);
  if ((actions & bye_out_leg) != 0) send_bye(slot, Side::out, now);
  if ((actions & Actions::finish) != 0) finish(slot, cause, now);
}

void Calls::pass_progress(uint32_t slot, const Cause& cause, contract::Instant now) {
  Call& call = calls_[slot];
  if (!call.ringing.is_set()) call.ringing = now;
  sip::Writer body(body_);
  if (has_sdp(*cause.received)) {
    const std::string_view answer = text(cause.received->message.body, cause.received->datagram);
    // An unusable early answer is not passed; the 2xx decides.
    if (session_.answer(call, *snapshot_, answer, body) != SessionResult::ok) {
      body = sip::Writer(body_);
    } else {
      services_.datagrams.release(call.early_answer);
      call.early_answer = keep(body);
    }
  }
  static_cast<void>(respond_in(slot, cause.status_code, body.written(), true, now));
}

void Calls::pass_answer(uint32_t slot, const Cause& cause, contract::Instant now) {
  Call& call = calls_[slot];
  sip::Writer body(body_);
  if (has_sdp(*cause.received)) {
    const std::string_view answer = text(cause.received->message.body, cause.received->datagram);
    if (session_.answer(call, *snapshot_, answer, body) != SessionResult::ok) {
      return fail_answer(slot, 502, cause, now);
    }
  } else {
    // Without SDP here, the one of an 18x stands. It was not reliable, so the 2xx must have it
    // again (RFC 3261 section 13.2.1).
    if (call.early_answer == DatagramId::none) return fail_answer(slot, 502, cause, now);
    body.raw(services_.datagrams.octets(call.early_answer));
  }
  if (!respond_in(slot, 200, body.written(), true, now)) return fail_answer(slot, 503, cause, now);
  call.answered = now;
  call.status_code = 200;
  trunk_counters(call.leg(Side::in).trunk).add(TrunkCounter::answered_in);
  trunk_counters(call.leg(Side::out).trunk).add(TrunkCounter::answered_out);
  Leg& in = call.leg(Side::in);
  in.dialog.state = dialog::State::confirmed;
  call.answer_interval = in.timing.t1;
  start_timer(call.patience, CallTimer::ack, slot, now + in.timing.timer_h());
  start_timer(call.retransmit, CallTimer::retransmit_answer, slot, now + in.timing.t1);
}

// The called side answered and the caller can not be given that.
void Calls::fail_answer(uint32_t slot, uint16_t status_code, const Cause& cause,
                        contract::Instant now) {
  Call& call = calls_[slot];
  call.end = CallEnd::failed;
  call.status_code = status_code;
  call.state = State::ended;
  static_cast<void>(respond_in(slot, status_code, {}, false, now));
  send_bye(slot, Side::out, now);
  finish(slot, cause, now);
}

// A response to the caller's INVITE. A 2xx is kept until its ACK; false when there was no buffer
// for it, and then another final response can still be given.
bool Calls::respond_in(uint32_t slot, uint16_t status_code, std::string_view body, bool has_contact,
                       contract::Instant now) {
  Call& call = calls_[slot];
  const Leg& in = call.leg(Side::in);
  if (!services_.transactions.is_pending(in.invite)) return true;
  sip::Writer writer(scratch_);
  write_response(writer, {.status_code = status_code,
                          .head = services_.datagrams.octets(call.response_head),
                          .has_contact = has_contact,
                          .contact = in.advertised,
                          .has_allow = has_contact,
                          .body = body});
  const bool is_answer = status_code >= 200 && status_code < 300;
  const DatagramId response = status_code >= 200 ? keep_final(call, writer) : keep(writer);
  if (is_answer && response == DatagramId::none) return false;
  // Without a buffer any other message is lost like one on the wire. The transaction goes on all
  // the same, so that it ends by its timers.
  services_.transactions.respond(in.invite, status_code, response, now);
  if (is_answer) {
    call.answer = response;
  } else {
    services_.datagrams.release(response);
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
