// The called half of Call: ringing, answering, refusing (RFC 3261 sections 9.2, 13.3).
#include "tests/system/probe/call.h"

namespace demarc::probe {

void Call::take(const SipText& invite, const Address& from, Time now) {
  started_ = now;
  ++shared_.summary.offered;
  invite_ = invite;
  invite_from_ = from;
  call_id_ = invite.field("Call-ID");
  remote_tag_ = parameter(invite.field("From"), "tag");
  local_uri_ = uri_of(invite.field("To"));
  remote_uri_ = uri_of(invite.field("From"));
  remote_target_ = remote_uri_;
  remote_address_ = from;
  learn_target(invite);
  const auto media = audio_address(invite.body);
  if (!media || !secrecy_.take_offer(invite.body)) {
    refuse(488, "Not Acceptable Here", now);
    return;
  }
  stream_.set_remote(shared_.options.nat.apply(*media));
  if (shared_.options.refuse_with != 0) {
    refuse(shared_.options.refuse_with, "Refused", now);
    return;
  }
  compose_response(180, "Ringing",
                   shared_.options.rings_with_sdp
                       ? make_sdp(media_address(), shared_.options.codecs.own,
                                  secrecy_.answered_protocol(), secrecy_.answered_key_line())
                       : "");
  shared_.send(invite_response_, invite_from_);
}

void Call::compose_response(int code, std::string_view reason, std::string_view body) {
  invite_response_ = response_text(invite_, code, reason) + "Contact: <sip:" + number_text_ + "@" +
                     shared_.options.bind.text() + ">\r\n";
  if (!body.empty()) invite_response_ += "Content-Type: application/sdp\r\n";
  invite_response_ += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  invite_response_ += body;
}

void Call::answer(Time now) {
  compose_response(200, "OK",
                   make_sdp(media_address(), shared_.options.codecs.own,
                            secrecy_.answered_protocol(), secrecy_.answered_key_line()));
  send_again(response_, invite_response_, invite_from_, now);
  count_answer();
  state_ = State::answered;
}

void Call::refuse(int code, std::string_view reason, Time now) {
  compose_response(code, reason, "");
  send_again(response_, invite_response_, invite_from_, now);
  state_ = State::refusing;
  if (is_cancelled_) {
    ++shared_.summary.cancelled;
  } else {
    ++shared_.summary.refused[code];
  }
}

void Call::on_ack(Time now) {
  if (is_caller_) return;
  response_.stop();
  if (state_ == State::refusing) {
    end(now);
  } else if (state_ == State::answered) {
    state_ = State::up;
    up_at_ = now;
    // Only now is it sure that everything between the two ends has both addresses.
    stream_.start(now);
    // A caller whose ACKs were lost may have said its last word before; no packet will come to
    // bring it up again.
    on_media(now);
    if (ends_at_ack_) hang_up(now);
  }
}

void Call::on_cancel(const SipText& request, const Address& from, Time now) {
  shared_.send(response_text(request, 200, "OK") + "Content-Length: 0\r\n\r\n", from);
  if (is_caller_ || state_ != State::ringing) return;
  is_cancelled_ = true;
  refuse(487, "Request Terminated", now);
}

}  // namespace demarc::probe
