#include "tests/system/probe/endpoint.h"

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <ctime>

namespace demarc::probe {

namespace {

constexpr uint64_t tag_sip = 0;
constexpr uint64_t tag_signal = 1;
constexpr uint64_t tag_commands = 2;
constexpr uint64_t tag_first_call = 16;
constexpr int tick_ms = 2;
constexpr int sip_buffer_octets = 4 << 20;
constexpr int media_buffer_octets = 1 << 20;
constexpr uint32_t media_port_span = 20'000;
constexpr Time progress_time = 100 * milliseconds;

Time read_clock() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<Time>(now.tv_sec) * seconds + static_cast<Time>(now.tv_nsec);
}

}  // namespace

Endpoint::Endpoint(const Options& options)
    : options_(options),
      shared_{.options = options_, .summary = summary_},
      next_number_(options.first_number) {
  summary_.role = options.is_caller ? "uac" : "uas";
  if (options.is_caller && !options.is_controlled) to_place_ = options.calls;
}

Endpoint::~Endpoint() {
  for (const int fd : {shared_.sip_fd, epoll_fd_, signal_fd_}) {
    if (fd >= 0) close(fd);
  }
}

void Endpoint::watch(int fd, uint64_t tag) {
  epoll_event event = {.events = EPOLLIN, .data = {.u64 = tag}};
  epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event);
}

bool Endpoint::open() {
  epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  shared_.sip_fd = open_udp(options_.bind, sip_buffer_octets);
  if (shared_.sip_fd < 0) {
    std::fprintf(stderr, "media_probe: cannot bind %s\n", options_.bind.text().c_str());
    return false;
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  signal_fd_ = signalfd(-1, &signals, SFD_CLOEXEC);
  watch(shared_.sip_fd, tag_sip);
  watch(signal_fd_, tag_signal);
  if (options_.is_controlled) watch(STDIN_FILENO, tag_commands);
  return true;
}

const Summary& Endpoint::run() {
  next_place_ = read_clock();
  std::array<epoll_event, 256> events;
  while (!is_stopped_ && !is_done()) {
    const int count = epoll_wait(epoll_fd_, events.data(), int{events.size()}, tick_ms);
    const Time now = read_clock();
    // Media first: a BYE read in the same round must not close over packets that came before it.
    for (int i = 0; i < count; ++i) {
      const uint64_t tag = events[static_cast<size_t>(i)].data.u64;
      if (tag >= tag_first_call) calls_[tag - tag_first_call]->on_media(now);
    }
    for (int i = 0; i < count; ++i) {
      const uint64_t tag = events[static_cast<size_t>(i)].data.u64;
      if (tag == tag_sip) read_sip(now);
      if (tag == tag_commands) read_commands(now);
      if (tag == tag_signal) is_stopped_ = true;
    }
    place_due(now);
    tick(now);
    if (options_.shows_progress) show_progress(now);
  }
  return summary_;
}

bool Endpoint::is_done() const {
  if (!live_.empty()) return false;
  if (options_.is_controlled) return is_quitting_;
  if (options_.is_caller) return to_place_ == 0;
  return options_.expect != 0 && summary_.offered >= options_.expect;
}

void Endpoint::read_sip(Time now) {
  std::array<char, 65536> buffer;
  while (true) {
    Address from;
    socklen_t length = sizeof from.six;
    const ssize_t size =
        recvfrom(shared_.sip_fd, buffer.data(), buffer.size(), 0, from.raw(), &length);
    if (size < 0) return;
    from.is_v6 = from.six.sin6_family == AF_INET6;
    const auto message = parse_sip({buffer.data(), static_cast<size_t>(size)});
    if (message) {
      on_sip(*message, from, now);
    } else {
      summary_.problem("a datagram from " + from.text() + " is not SIP");
    }
  }
}

void Endpoint::on_sip(const SipText& message, const Address& from, Time now) {
  const auto found = by_call_id_.find(message.field("Call-ID"));
  if (found != by_call_id_.end()) {
    if (message.is_request()) {
      found->second->on_request(message, from, now);
    } else {
      found->second->on_response(message, now);
    }
  } else if (!message.is_request()) {
    summary_.problem("a response to a call that is not ours: " + message.field("CSeq"));
  } else if (message.method == "INVITE") {
    on_new_invite(message, from, now);
  } else if (message.method == "OPTIONS") {
    std::string text = "SIP/2.0 200 OK\r\n";
    for (const auto& [name, value] : message.fields) {
      if (name == "Via" || name == "v") text += "Via: " + value + "\r\n";
    }
    shared_.send(text + "From: " + message.field("From") + "\r\nTo: " + message.field("To") +
                     ";tag=probe\r\nCall-ID: " + message.field("Call-ID") +
                     "\r\nCSeq: " + message.field("CSeq") + "\r\nContent-Length: 0\r\n\r\n",
                 from);
  } else {
    summary_.problem(message.method + " for a call that is not ours");
  }
}

void Endpoint::on_new_invite(const SipText& invite, const Address& from, Time now) {
  const std::string user = user_of(invite.request_uri);
  uint32_t number = 0;
  const size_t skip = options_.prefix.size();
  if (!user.starts_with(options_.prefix) ||
      std::from_chars(user.data() + skip, user.data() + user.size(), number).ec != std::errc{}) {
    summary_.problem("a call to a number that was not dialled: " + invite.request_uri);
    return;
  }
  Call* call = make_call(number, false);
  if (call == nullptr) return;
  call->take(invite, from, now);
  by_call_id_[call->call_id()] = call;
}

Call* Endpoint::make_call(uint32_t number, bool is_caller) {
  MediaSockets sockets;
  Address local = options_.bind;
  for (uint32_t tries = 0; tries < media_port_span / 2 && sockets.rtcp < 0; ++tries) {
    const uint32_t port = options_.media_port + next_port_;
    next_port_ = (next_port_ + 2) % media_port_span;
    local.set_port(static_cast<uint16_t>(port));
    sockets.rtp = open_udp(local, media_buffer_octets);
    if (sockets.rtp < 0) continue;
    sockets.port = local.port();
    local.set_port(static_cast<uint16_t>(port + 1));
    sockets.rtcp = open_udp(local, media_buffer_octets);
    if (sockets.rtcp < 0) close(sockets.rtp);
  }
  if (sockets.rtcp < 0) {
    ++summary_.failed;
    summary_.problem("no media sockets left");
    return nullptr;
  }
  const uint64_t tag = tag_first_call + calls_.size();
  calls_.push_back(std::make_unique<Call>(shared_, number, is_caller, sockets));
  watch(sockets.rtp, tag);
  watch(sockets.rtcp, tag);
  live_.push_back(calls_.back().get());
  return live_.back();
}

void Endpoint::place_due(Time now) {
  const Time spacing = static_cast<Time>(static_cast<double>(seconds) / options_.rate);
  while (to_place_ > 0 && next_place_ <= now) {
    --to_place_;
    next_place_ += spacing;
    Call* call = make_call(next_number_++, true);
    if (call == nullptr) continue;
    call->place(now);
    by_call_id_[call->call_id()] = call;
  }
}

void Endpoint::tick(Time now) {
  for (Call* call : live_) call->tick(now);
  std::erase_if(live_, [](const Call* call) { return call->state() == State::ended; });
}

void Endpoint::read_commands(Time now) {
  std::array<char, 256> buffer;
  const ssize_t size = read(STDIN_FILENO, buffer.data(), buffer.size());
  if (size <= 0) {
    // Whoever gave the commands is gone.
    epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, STDIN_FILENO, nullptr);
    is_quitting_ = true;
    command("end", now);
    return;
  }
  command_text_.append(buffer.data(), static_cast<size_t>(size));
  size_t end = 0;
  while ((end = command_text_.find('\n')) != std::string::npos) {
    const std::string line = command_text_.substr(0, end);
    command_text_.erase(0, end + 1);
    command(line, now);
  }
}

void Endpoint::command(const std::string& line, Time now) {
  if (line.starts_with("place ")) {
    uint64_t count = 0;
    std::from_chars(line.data() + 6, line.data() + line.size(), count);
    if (to_place_ == 0) next_place_ = now;
    to_place_ += count;
  } else if (line == "end") {
    for (Call* call : live_) call->hang_up(now);
  } else if (line == "quit") {
    is_quitting_ = true;
  } else {
    summary_.problem("unknown command: " + line);
  }
}

void Endpoint::show_progress(Time now) {
  if (now < next_progress_) return;
  next_progress_ = now + progress_time;
  std::string text = summary_.progress_json();
  if (text == last_progress_) return;
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
  last_progress_ = std::move(text);
}

}  // namespace demarc::probe
