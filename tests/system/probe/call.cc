#include "tests/system/probe/call.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>

namespace demarc::probe {

namespace {

constexpr Time t1 = 500 * milliseconds;
constexpr Time t2 = 4 * seconds;
constexpr Time transaction_time = 64 * t1;
// How long the peer's last packet is waited for: it may begin to speak only when a lost ACK is made
// good by one of the 200s sent again, of which there are eight by then; and what that packet may
// overtake on another queue.
constexpr Time finish_time = 20 * seconds;
constexpr Time linger_time = 500 * milliseconds;

std::string random_token() {
  static std::random_device device;
  char text[24];
  std::snprintf(text, sizeof text, "%08x%08x", device(), device());
  return text;
}

template <typename Handler>
void read_all(int fd, Handler handler) {
  std::array<uint8_t, 2048> buffer;
  while (true) {
    Address from;
    socklen_t length = sizeof from.six;
    const ssize_t size = recvfrom(fd, buffer.data(), buffer.size(), 0, from.raw(), &length);
    if (size < 0) return;
    from.is_v6 = from.six.sin6_family == AF_INET6;
    handler(std::span<const uint8_t>(buffer.data(), static_cast<size_t>(size)), from);
  }
}

}  // namespace

void Shared::send(const std::string& text, const Address& to) const {
  const Address where = options.nat.apply(to);
  sendto(sip_fd, text.data(), text.size(), 0, where.raw(), where.length());
}

Call::Call(Shared& shared, uint32_t number, bool is_caller, MediaSockets sockets)
    : shared_(shared),
      number_(number),
      is_caller_(is_caller),
      sockets_(sockets),
      secrecy_({shared.options.srtp, shared.options.srtp_suite, shared.options.lies_about_key}),
      stream_({.call = number, .is_from_caller = is_caller}, sockets.rtp, sockets.rtcp),
      state_(is_caller ? State::inviting : State::ringing),
      local_tag_("tag-" + random_token()),
      branch_("z9hG4bK-probe-" + random_token()) {
  stream_.use(secrecy_);
  stream_.use(shared.options.codecs);
  stream_.set_packet_time(shared.options.packet_time);
  char digits[16];
  std::snprintf(digits, sizeof digits, "%07u", number);
  number_text_ = shared.options.prefix + digits;
}

Call::~Call() {
  close_sockets();
}

void Call::close_sockets() {
  if (sockets_.rtp >= 0) close(sockets_.rtp);
  if (sockets_.rtcp >= 0) close(sockets_.rtcp);
  sockets_ = {};
}

std::string Call::request(std::string_view method, std::string_view branch) const {
  const Options& options = shared_.options;
  const std::string cseq_method(method);
  std::string text = cseq_method + " " + remote_target_ + " SIP/2.0\r\nVia: SIP/2.0/UDP " +
                     options.bind.text() + ";branch=" + std::string(branch) +
                     "\r\nMax-Forwards: 70\r\nFrom: <" + local_uri_ + ">;tag=" + local_tag_ +
                     "\r\nTo: <" + remote_uri_ + ">";
  if (!remote_tag_.empty()) text += ";tag=" + remote_tag_;
  return text + "\r\nCall-ID: " + call_id_ + "\r\nCSeq: " + std::to_string(cseq_) + " " +
         cseq_method + "\r\n";
}

std::string Call::response_text(const SipText& request, int code, std::string_view reason) const {
  std::string text = "SIP/2.0 " + std::to_string(code) + " " + std::string(reason) + "\r\n";
  for (const auto& [name, value] : request.fields) {
    if (name == "Via" || name == "v") text += "Via: " + value + "\r\n";
  }
  std::string to = request.field("To");
  if (code > 100 && parameter(to, "tag").empty()) to += ";tag=" + local_tag_;
  return text + "From: " + request.field("From") + "\r\nTo: " + to +
         "\r\nCall-ID: " + request.field("Call-ID") + "\r\nCSeq: " + request.field("CSeq") + "\r\n";
}

Address Call::media_address() const {
  Address address = shared_.options.claimed.value_or(shared_.options.bind);
  address.set_port(sockets_.port);
  return address;
}

void Call::send_again(Resend& slot, std::string text, const Address& to, Time now) {
  slot = {.text = std::move(text),
          .to = to,
          .next = now + t1,
          .interval = t1,
          .give_up = now + transaction_time};
  shared_.send(slot.text, to);
}

void Call::run(Resend& slot, Time now, std::string_view what) {
  if (!slot.is_active() || now < slot.next) return;
  if (now >= slot.give_up) {
    slot.stop();
    fail(std::string(what) + " got no answer", now);
    end(now);
    return;
  }
  slot.interval = std::min(slot.interval * 2, t2);
  slot.next = now + slot.interval;
  ++shared_.summary.resent;
  shared_.send(slot.text, slot.to);
}

void Call::send_bye(Time now) {
  state_ = State::hanging_up;
  ++cseq_;
  const std::string branch = "z9hG4bK-probe-" + random_token();
  send_again(request_, request("BYE", branch) + "Content-Length: 0\r\n\r\n", remote_address_, now);
}

void Call::learn_target(const SipText& message) {
  const std::string contact = uri_of(message.field("Contact"));
  if (contact.empty()) return;
  const auto address = address_of(contact);
  if (!address) return;
  remote_target_ = contact;
  remote_address_ = *address;
}

void Call::count_answer() {
  is_answered_ = true;
  ++shared_.summary.answered;
  ++shared_.summary.live;
}

void Call::fail(std::string what, Time now) {
  shared_.summary.problem(number_text_ + ": " + std::move(what) + " after " +
                          std::to_string((now - started_) / milliseconds) + " ms");
  if (!is_failed_) ++shared_.summary.failed;
  is_failed_ = true;
}

void Call::end(Time now) {
  if (state_ == State::ended) return;
  on_media(now);
  state_ = State::ended;
  request_.stop();
  response_.stop();
  Summary& summary = shared_.summary;
  summary.rtp += stream_.rtp();
  summary.rtcp += stream_.rtcp();
  summary.max_gap = std::max(summary.max_gap, stream_.max_gap());
  close_sockets();
  if (!is_answered_) return;
  --summary.live;
  if (!is_failed_) ++summary.ended;
  if (!stream_.is_peer_finished()) ++summary.unfinished;
}

bool Call::hangs_up_itself() const {
  return is_caller_ != shared_.options.is_bye_from_uas;
}

void Call::hang_up(Time now) {
  if (state_ == State::answered) ends_at_ack_ = true;
  if (state_ != State::up) return;
  state_ = State::finishing;
  stream_.finish();
  bye_at_ = now + finish_time;
}

void Call::on_media(Time now) {
  if (state_ == State::ended) return;
  read_all(sockets_.rtp,
           [&](auto datagram, const Address& from) { stream_.on_rtp(datagram, from, now); });
  read_all(sockets_.rtcp,
           [&](auto datagram, const Address& from) { stream_.on_rtcp(datagram, from); });
  if (!stream_.is_peer_finished()) return;
  if (state_ == State::finishing) bye_at_ = std::min(bye_at_, now + linger_time);
  // The other end hangs up: say our last word too, so that it knows that nothing is under way.
  if (state_ == State::up) stream_.finish();
}

void Call::tick(Time now) {
  const Options& options = shared_.options;
  run(request_, now, "a request");
  run(response_, now, "a response");
  switch (state_) {
    case State::inviting:
      if (options.cancel_after && is_provisional_seen_ && !is_cancelled_ &&
          now >= started_ + *options.cancel_after) {
        send_cancel(now);
      }
      break;
    case State::ringing:
      if (options.answer_after && now >= started_ + *options.answer_after) answer(now);
      break;
    case State::up:
      stream_.send_due(now);
      if (!options.is_controlled && hangs_up_itself() && now >= up_at_ + options.duration) {
        hang_up(now);
      }
      break;
    case State::finishing:
      if (now >= bye_at_) send_bye(now);
      break;
    default:
      break;
  }
}

void Call::on_request(const SipText& request, const Address& from, Time now) {
  if (request.method == "INVITE") {
    // Only a retransmission: a re-INVITE is more than this probe can do.
    if (!invite_response_.empty()) shared_.send(invite_response_, from);
  } else if (request.method == "ACK") {
    on_ack(now);
  } else if (request.method == "CANCEL") {
    on_cancel(request, from, now);
  } else if (request.method == "BYE") {
    if (parameter(request.field("To"), "tag") != local_tag_ ||
        parameter(request.field("From"), "tag") != remote_tag_) {
      shared_.send(response_text(request, 481, "No Such Call") + "Content-Length: 0\r\n\r\n", from);
      fail("BYE with tags of another dialog", now);
      return;
    }
    shared_.send(response_text(request, 200, "OK") + "Content-Length: 0\r\n\r\n", from);
    end(now);
  } else {
    shared_.send(response_text(request, 405, "Method Not Allowed") + "Content-Length: 0\r\n\r\n",
                 from);
  }
}

void Call::on_response(const SipText& response, Time now) {
  if (state_ == State::ended && response.cseq_method() != "INVITE") return;
  if (is_caller_ && response.cseq_method() == "INVITE") {
    on_invite_response(response, now);
  } else if (response.status_code >= 200 && request_.is_active() &&
             response.cseq_method() == request_.text.substr(0, request_.text.find(' '))) {
    request_.stop();
    if (response.cseq_method() != "BYE") return;
    if (response.status_code != 200) {
      fail("BYE answered " + std::to_string(response.status_code), now);
    }
    end(now);
  }
}

}  // namespace demarc::probe
