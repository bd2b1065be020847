// The calling half of Call: INVITE, its responses, ACK, CANCEL (RFC 3261 sections 9.1, 13.2).
#include <random>

#include "tests/system/probe/call.h"

namespace demarc::probe {

void Call::place(Time now) {
  const Options& options = shared_.options;
  started_ = now;
  ++shared_.summary.placed;
  std::random_device device;
  call_id_ = "probe-" + number_text_ + "-" + std::to_string(device()) + "@" + options.bind.host();
  local_uri_ = "sip:+442079469999@" + options.bind.text();
  remote_uri_ = "sip:" + number_text_ + "@" + options.to.text();
  remote_target_ = remote_uri_;
  remote_address_ = options.to;
  const std::string sdp = make_sdp(media_address(), options.codecs.own, secrecy_.offered_protocol(),
                                   secrecy_.key_line());
  send_again(request_,
             request("INVITE", branch_) + "Contact: <" + local_uri_ +
                 ">\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\nContent-Type: application/sdp" +
                 "\r\nContent-Length: " + std::to_string(sdp.size()) + "\r\n\r\n" + sdp,
             remote_address_, now);
}

void Call::on_invite_response(const SipText& response, Time now) {
  const int code = response.status_code;
  if (code >= 200 && code < 300) {
    on_answer(response, now);
    return;
  }
  if (code < 200) {
    if (state_ != State::inviting) return;
    // After a CANCEL its own retransmissions run in this slot.
    if (!is_provisional_seen_) request_.stop();
    is_provisional_seen_ = true;
    if (code > 100 && !is_ringing_seen_) {
      is_ringing_seen_ = true;
      shared_.summary.post_dial_delays.push_back(now - started_);
    }
    return;
  }
  // The ACK of a failure belongs to the INVITE's transaction (RFC 3261 section 17.1.1.3).
  std::string ack = request("ACK", branch_);
  const std::string to = response.field("To");
  const size_t line = ack.find("\r\nTo: ");
  const size_t line_end = ack.find("\r\n", line + 2);
  ack.replace(line, line_end - line, "\r\nTo: " + to);
  shared_.send(ack + "Content-Length: 0\r\n\r\n", remote_address_);
  if (state_ != State::inviting) return;
  if (is_cancelled_ && code == 487) {
    ++shared_.summary.cancelled;
  } else {
    ++shared_.summary.refused[code];
  }
  end(now);
}

void Call::on_answer(const SipText& response, Time now) {
  if (state_ != State::inviting) {
    if (!ack_.empty()) shared_.send(ack_, remote_address_);
    return;
  }
  request_.stop();
  remote_tag_ = parameter(response.field("To"), "tag");
  learn_target(response);
  shared_.summary.setup_times.push_back(now - started_);
  ack_ = request("ACK", branch_ + "-ack") + "Content-Length: 0\r\n\r\n";
  shared_.send(ack_, remote_address_);
  count_answer();
  state_ = State::up;
  up_at_ = now;
  const auto media = audio_address(response.body);
  if (media && !secrecy_.take_answer(response.body)) {
    fail("the answer has no key that was asked for", now);
    stream_.finish();
  } else if (media) {
    stream_.set_remote(shared_.options.nat.apply(*media));
    stream_.start(now);
  } else {
    fail("the answer has no audio", now);
    stream_.finish();
  }
  // The answer crossed our CANCEL: nothing was lost, hang up.
  if (is_cancelled_) send_bye(now);
}

void Call::send_cancel(Time now) {
  is_cancelled_ = true;
  send_again(request_, request("CANCEL", branch_) + "Content-Length: 0\r\n\r\n", remote_address_,
             now);
}

}  // namespace demarc::probe
