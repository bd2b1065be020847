#include "bench/call_load.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <string>

#include <x86intrin.h>

#include "sip-parser/parse.h"

namespace demarc::bench {
namespace {

using Clock = std::chrono::steady_clock;
using contract::Duration;
using contract::TrunkId;

constexpr std::string_view peers[] = {"10.20.1.2", "10.20.2.2"};
constexpr std::string_view boxes[] = {"10.20.1.1", "10.20.2.1"};
// 64*T1, after which nothing is left of a call, and a little more.
constexpr double settled_seconds = 33;

double since(Clock::time_point begin) {
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
}

uint32_t transactions_for(uint32_t standing) {
  return std::max<uint32_t>(65'536, std::bit_ceil(standing / 2));
}

flow::BoxOptions options_for(uint32_t standing, contract::Transport transport) {
  flow::BoxOptions options;
  options.transport = {transport, transport, contract::Transport::udp};
  options.calls = standing + 2 * CallLoad::burst;
  options.transactions = transactions_for(standing);
  // A standing call keeps the last description for its called, which takes no UPDATE; one that was
  // just made holds the ACK of it for 64*T1.
  options.datagrams = standing + std::max<uint32_t>(131'072, options.transactions);
  options.record_ring = std::bit_ceil(options.calls + 1);
  options.media_timeout_ms = 0;  // standing calls have no media, and must not die of it
  options.media_ports = 49'152;
  // Two ports a call and side, and those in quarantine for 5 s.
  options.media_addresses = (standing + 4'096) / 24'000 + 1;
  return options;
}

transaction::Path path_of(TrunkId trunk, contract::Transport transport) {
  transaction::Path path;
  path.transport = transport;
  if (path.is_reliable()) path.stream = transaction::StreamId{0x10001u + index_of(trunk)};
  path.local = {*contract::parse_address(boxes[index_of(trunk)]), 5060};
  path.remote = {*contract::parse_address(peers[index_of(trunk)]), 5060};
  return path;
}

std::string_view spelling(contract::Transport transport) {
  constexpr std::string_view all[] = {"UDP", "TCP", "TLS"};
  return all[static_cast<size_t>(transport)];
}

// The value of the first field of that name, without its line end.
std::string_view field(std::string_view message, std::string_view name) {
  size_t at = message.find(name);
  if (at == std::string_view::npos) return {};
  at += name.size();
  return message.substr(at, message.find("\r\n", at) - at);
}

std::string_view between(std::string_view text, char open, char close) {
  const size_t begin = text.find(open) + 1;
  return text.substr(begin, text.find(close, begin) - begin);
}

std::string sdp_of(std::string_view peer) {
  return "v=0\r\no=- 3898 1 IN IP4 " + std::string(peer) + "\r\ns=-\r\nc=IN IP4 " +
         std::string(peer) +
         "\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8 0 18 101\r\na=rtpmap:8 PCMA/8000\r\n"
         "a=rtpmap:0 PCMU/8000\r\na=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\n"
         "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n";
}

const std::string sdp[] = {sdp_of(peers[0]), sdp_of(peers[1])};

}  // namespace

// Not inlined, so that callgrind can tell the engine from the peers.
[[gnu::noinline]] void demarc_bench_counted(engine::Engine& engine,
                                            const std::vector<std::string_view>& messages,
                                            const transaction::Path& path, contract::Instant now) {
  for (const std::string_view message : messages) engine.on_datagram(message, path, now);
}

CallLoad::CallLoad(uint32_t standing, contract::Transport transport)
    : standing_(standing), transport_(transport), box_(options_for(standing, transport)) {
  if (transport != contract::Transport::udp) lanes_ = std::make_unique<stream::Lanes>(1);
  text_.reserve(burst * 4096);
  received_.reserve(3 * burst * 4096);
  // Each call leaves two transactions behind for 64*T1, and an eighth of the table is reserved.
  const uint32_t chunk = transactions_for(standing) / 2 * 3 / 4;
  for (uint32_t made = 0; made < standing && is_whole_;) {
    const uint32_t goal = std::min(standing, made + chunk);
    while (made < goal && is_whole_) {
      const uint32_t count = std::min(burst, goal - made);
      confirm(count);
      made += count;
    }
    pass(settled_seconds);
  }
}

void CallLoad::adopt(const contract::Snapshot& other) {
  const uint64_t next = generation() + 1;
  snapshot_ = box_.snapshot();
  snapshot_.generation = next;
  snapshot_.routes = other.routes;
  snapshot_.patterns = other.patterns;
  box_.engine().adopt(snapshot_, box_.now());
}

uint64_t CallLoad::generation() const {
  return std::max(box_.snapshot().generation, snapshot_.generation);
}

void CallLoad::settle() {
  for (double passed = 0; passed < settled_seconds && is_whole_; passed += seconds_per_run) {
    static_cast<void>(run());
  }
}

CallLoad::Cost CallLoad::run() {
  cost_ = {};
  confirm(burst);
  hang_up(burst);
  pass(seconds_per_run);
  contract::RecordRing records = box_.region().records(0);
  for (contract::CallRecord record; records.pop(record);) {
  }
  is_whole_ = is_whole_ && box_.engine().live_calls() == standing_;
  return cost_;
}

void CallLoad::confirm(unsigned count) {
  received_.clear();
  const auto each = [&](auto&& compose) {
    for (unsigned i = 0; i < count; ++i) {
      compose(ends_[i]);
      end_message();
    }
  };
  const auto response = [&](std::string_view status, bool has_sdp) {
    each([&](Ends& ends) { write_response(ends.invite, status, ends, has_sdp); });
    step(flow::Box::itsp, status.starts_with("100") ? 0 : status.starts_with("180") ? 1 : 2);
  };
  each([&](Ends& ends) { write_invite(ends); });
  step(flow::Box::pbx, 2);  // 100, INVITE
  if (found_[0].size() != count) is_whole_ = false;
  if (!is_whole_) return;
  for (unsigned i = 0; i < count; ++i) ends_[i].invite = found_[0][i];
  response("100 Trying", false);
  response("180 Ringing", false);
  response("200 OK", true);  // ACK, 200
  if (found_[1].size() != count) is_whole_ = false;
  if (!is_whole_) return;
  for (unsigned i = 0; i < count; ++i) ends_[i].answer = found_[1][i];
  each([&](Ends& ends) { write_in_dialog("ACK", ends, 1); });
  step(flow::Box::pbx, 0);
}

void CallLoad::hang_up(unsigned count) {
  if (!is_whole_) return;
  for (unsigned i = 0; i < count; ++i) {
    write_in_dialog("BYE", ends_[i], 2);
    end_message();
  }
  step(flow::Box::pbx, 2);  // 200, BYE
  if (found_[2].size() != count) is_whole_ = false;
  if (!is_whole_) return;
  for (unsigned i = 0; i < count; ++i) {
    write_response(found_[2][i], "200 OK", ends_[i], false);
    end_message();
  }
  step(flow::Box::itsp, 0);
}

void CallLoad::step(TrunkId from, unsigned per_call) {
  std::vector<std::string_view> messages;
  messages.reserve(begins_.size());
  for (size_t i = 0; i < begins_.size(); ++i) {
    messages.emplace_back(text_.data() + begins_[i], ends_at_[i] - begins_[i]);
  }
  const transaction::Path path = path_of(from, transport_);
  engine::Engine& engine = box_.engine();
  if (lanes_ != nullptr) {
    step_by_lane(messages, path);
  } else if (invite_ticks_ != nullptr && !messages.empty() && messages[0].starts_with("INVITE")) {
    step_timed(messages, path);
  } else {
    const Clock::time_point begin = Clock::now();
    demarc_bench_counted(engine, messages, path, box_.now());
    cost_.signalling += since(begin);
  }
  for (auto& found : found_) found.clear();
  for (const transaction::Send& send : engine.outbox().sends()) sort(engine.octets(send.datagram));
  if (engine.outbox().sends().size() != per_call * messages.size()) is_whole_ = false;
  const Clock::time_point clear = Clock::now();
  clear_outbox();
  cost_.signalling += since(clear);
  while (lanes_ != nullptr && lanes_->of(0).to_streams.front().head != nullptr) {
    lanes_->of(0).to_streams.pop();
  }
  text_.clear();
  begins_.clear();
  ends_at_.clear();
}

// A fence keeps what stands before the clock's reading from being done behind it.
void CallLoad::step_timed(const std::vector<std::string_view>& messages,
                          const transaction::Path& path) {
  engine::Engine& engine = box_.engine();
  for (const std::string_view message : messages) {
    _mm_lfence();
    const uint64_t begin = __rdtsc();
    engine.on_datagram(message, path, box_.now());
    _mm_lfence();
    invite_ticks_->push_back(__rdtsc() - begin);
  }
}

// As lcore::StreamPath does it: the ring was filled by another thread.
void CallLoad::step_by_lane(const std::vector<std::string_view>& messages,
                            const transaction::Path& path) {
  stream::MessageRing& ring = lanes_->of(0).to_worker;
  stream::MessageHead head;
  head.path = path;
  for (const std::string_view message : messages) is_whole_ &= ring.push(head, message);
  const Clock::time_point begin = Clock::now();
  for (;;) {
    const stream::MessageRing::Message message = ring.front();
    if (message.head == nullptr) break;
    box_.engine().on_datagram(message.octets, message.head->path, box_.now());
    ring.pop();
  }
  cost_.signalling += since(begin);
}

void CallLoad::clear_outbox() {
  engine::Engine& engine = box_.engine();
  for (const transaction::Send& send : engine.outbox().sends()) {
    if (lanes_ == nullptr) break;
    stream::MessageHead head;
    head.trunk = send.trunk;
    head.path = send.path;
    is_whole_ &= lanes_->of(0).to_streams.push(head, engine.octets(send.datagram));
    lanes_->wake();
  }
  engine.clear_outbox();
}

// Keeps what a peer must read before it can go on.
void CallLoad::sort(std::string_view sent) {
  const bool is_answer =
      sent.starts_with("SIP/2.0 200") && field(sent, "\r\nCSeq: ").ends_with(" INVITE");
  const unsigned kind = sent.starts_with("INVITE") ? 0 : is_answer ? 1 : 2;
  if (kind == 2 && !sent.starts_with("BYE")) return;
  const size_t at = received_.size();
  if (at + sent.size() > received_.capacity()) {
    is_whole_ = false;  // views into it would dangle
    return;
  }
  received_.insert(received_.end(), sent.begin(), sent.end());
  found_[kind].emplace_back(received_.data() + at, sent.size());
}

// Time goes on by a millisecond, as in a worker's loop. Standing calls were confirmed together, so
// their timers fire together: more at once than a step may fire, which nothing else here does.
void CallLoad::pass(double seconds) {
  engine::Engine& engine = box_.engine();
  for (auto left = static_cast<int64_t>(seconds * 1000); left > 0; --left) {
    box_.advance(Duration::milliseconds(1));
    const Clock::time_point begin = Clock::now();
    const bool are_standing = engine.on_timers(box_.now());
    while (engine.on_timers(box_.now())) {
    }
    (are_standing ? cost_.supervision : cost_.transactions) += since(begin);
    if (!engine.outbox().sends().empty()) is_whole_ = false;
    engine.clear_outbox();
  }
}

void CallLoad::write(std::string_view text) {
  text_.insert(text_.end(), text.begin(), text.end());
}

void CallLoad::end_message() {
  const size_t begin = ends_at_.empty() ? 0 : ends_at_.back() + sip::padding_octets;
  begins_.push_back(begin);
  ends_at_.push_back(text_.size());
  text_.resize(text_.size() + sip::padding_octets, '\0');
  if (text_.size() > burst * 4096) is_whole_ = false;
}

void CallLoad::write_invite(Ends& ends) {
  ends.serial = next_serial_++;
  const std::string serial = std::to_string(ends.serial);
  write("INVITE sip:+442079460018@10.20.1.1 SIP/2.0\r\nVia: SIP/2.0/");
  write(spelling(transport_));
  write(" 10.20.1.2;branch=z9hG4bKi");
  write(serial);
  write(";rport\r\nMax-Forwards: 70\r\nFrom: \"Caller\" <sip:+4915112345@10.20.1.2>;tag=a");
  write(serial);
  write("\r\nTo: <sip:+442079460018@10.20.1.1>\r\nCall-ID: ");
  write(serial);
  write(
      "-7f3c@10.20.1.2\r\nCSeq: 1 INVITE\r\nContact: <sip:pbx@10.20.1.2:5060>\r\n"
      "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO\r\n"
      "Supported: timer, replaces\r\nUser-Agent: bench\r\n"
      "P-Asserted-Identity: <sip:+4915112345@10.20.1.2>\r\n"
      "Content-Type: application/sdp\r\nContent-Length: ");
  write(std::to_string(sdp[0].size()));
  write("\r\n\r\n");
  write(sdp[0]);
}

// Of the called, to a request of the box's.
void CallLoad::write_response(std::string_view request, std::string_view status, const Ends& ends,
                              bool has_sdp) {
  const std::string_view to = field(request, "\r\nTo: ");
  write("SIP/2.0 ");
  write(status);
  for (const std::string_view name : {"\r\nVia: ", "\r\nFrom: ", "\r\nCall-ID: ", "\r\nCSeq: "}) {
    write(name);
    write(field(request, name));
  }
  write("\r\nTo: ");
  write(to);
  if (to.find(";tag=") == std::string_view::npos && !status.starts_with("100")) {
    write(";tag=b");
    write(std::to_string(ends.serial));
  }
  write("\r\nContact: <sip:itsp@10.20.2.2:5060>\r\nServer: bench\r\n");
  if (has_sdp) write("Content-Type: application/sdp\r\n");
  write("Content-Length: ");
  write(has_sdp ? std::to_string(sdp[1].size()) : "0");
  write("\r\n\r\n");
  if (has_sdp) write(sdp[1]);
}

// Of the caller, in the dialog that the box's 200 made.
void CallLoad::write_in_dialog(std::string_view method, const Ends& ends, unsigned cseq) {
  write(method);
  write(" ");
  write(between(field(ends.answer, "\r\nContact: "), '<', '>'));
  write(" SIP/2.0\r\nVia: SIP/2.0/");
  write(spelling(transport_));
  write(" 10.20.1.2;branch=z9hG4bK");
  write(method);
  write(std::to_string(ends.serial));
  write(";rport\r\nMax-Forwards: 70");
  for (const std::string_view name : {"\r\nFrom: ", "\r\nTo: ", "\r\nCall-ID: "}) {
    write(name);
    write(field(ends.answer, name));
  }
  write("\r\nCSeq: ");
  write(std::to_string(cseq));
  write(" ");
  write(method);
  write("\r\nContent-Length: 0\r\n\r\n");
}

}  // namespace demarc::bench
