#include "tests/system/probe/stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstring>

namespace demarc::probe {

namespace {

constexpr Time slow_packets = 10 * milliseconds;
constexpr int most_at_once = 64;  // of those that are closer than the endpoint's rounds
constexpr Time report_time = 1 * seconds;
constexpr uint64_t ntp_epoch_offset_s = 2'208'988'800;  // 1900 to 1970
constexpr uint32_t widest_jump = 1'000;                 // further ahead is not of this stream

uint64_t ntp_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
  const auto total = static_cast<uint64_t>(ns);
  return ((total / seconds + ntp_epoch_offset_s) << 32) | (((total % seconds) << 32) / seconds);
}

bool send_to(int fd, std::span<const uint8_t> datagram, const Address& to) {
  return sendto(fd, datagram.data(), datagram.size(), 0, to.raw(), to.length()) ==
         static_cast<ssize_t>(datagram.size());
}

void check_source(const Address& from, const Address& signalled, MediaCount& count) {
  if (!(from == signalled)) ++count.foreign;
}

}  // namespace

MediaCount& MediaCount::operator+=(const MediaCount& other) {
  sent += other.sent;
  received += other.received;
  lost += other.lost;
  reordered += other.reordered;
  duplicated += other.duplicated;
  corrupt += other.corrupt;
  foreign += other.foreign;
  return *this;
}

bool Arrivals::note(uint32_t index, MediaCount& count) {
  if (index < seen_.size()) {
    if (seen_[index]) {
      ++count.duplicated;
      return false;
    }
    ++count.reordered;
  } else {
    seen_.resize(index + 1);
  }
  seen_[index] = true;
  ++unique_;
  ++count.received;
  return true;
}

Stream::Stream(StreamId out, int rtp_fd, int rtcp_fd)
    : out_(out),
      in_{.call = out.call, .is_from_caller = !out.is_from_caller},
      rtp_fd_(rtp_fd),
      rtcp_fd_(rtcp_fd) {}

void Stream::set_remote(const Address& remote) {
  remote_rtp_ = remote;
  remote_rtcp_ = remote;
  remote_rtcp_.set_port(static_cast<uint16_t>(remote.port() + 1));
  has_remote_ = true;
  for (const Early& one : early_) {
    if (one.is_rtcp) {
      on_rtcp(one.datagram, one.from);
    } else {
      on_rtp(one.datagram, one.from, one.when);
    }
  }
  early_.clear();
}

void Stream::start(Time now) {
  if (is_started_ || !has_remote_) return;
  is_started_ = true;
  next_rtp_ = now;
  next_rtcp_ = now;
}

void Stream::finish() {
  if (is_finished_) return;
  is_finished_ = true;
  if (is_started_) send_rtp(true);
}

void Stream::send_due(Time now) {
  if (!is_started_ || is_finished_) return;
  // One at a time: who was held up makes up for it packet by packet, not in a burst.
  const int most = packet_time_ >= slow_packets ? 1 : most_at_once;
  for (int i = 0; i < most && next_rtp_ <= now; ++i) {
    send_rtp(false);
    next_rtp_ += packet_time_;
  }
  if (next_rtcp_ <= now) {
    send_rtcp();
    next_rtcp_ += report_time;
  }
}

bool Stream::send(int fd, std::span<const uint8_t> datagram, const Address& to, bool is_rtcp) {
  if (secrecy_ == nullptr) return send_to(fd, datagram, to);
  return send_to(fd, secrecy_->protect(datagram, is_rtcp), to);
}

std::vector<uint8_t> Stream::open(std::span<const uint8_t> datagram, bool is_rtcp) {
  if (secrecy_ != nullptr) return secrecy_->unprotect(datagram, is_rtcp);
  return {datagram.begin(), datagram.end()};
}

void Stream::send_rtp(bool is_last) {
  if (send(rtp_fd_, make_rtp(out_, packets_sent_, is_last, codecs_.own), remote_rtp_, false))
    ++rtp_.sent;
  ++packets_sent_;
}

void Stream::send_rtcp() {
  const Report report = {.index = reports_sent_, .packets = packets_sent_, .ntp = ntp_now()};
  if (send(rtcp_fd_, make_rtcp(out_, report), remote_rtcp_, true)) ++rtcp_.sent;
  ++reports_sent_;
}

void Stream::on_rtp(std::span<const uint8_t> arrived, const Address& from, Time now) {
  // Audio may overtake the answer that says where it comes from and under which key.
  if (!has_remote_) {
    early_.push_back({{arrived.begin(), arrived.end()}, from, now, false});
    return;
  }
  check_source(from, remote_rtp_, rtp_);
  const std::vector<uint8_t> datagram = open(arrived, false);
  if (datagram.size() != rtp_octets) {
    ++rtp_.corrupt;
    return;
  }
  // The sequence number is 16 bits of the index: the nearest one to what is expected next.
  const auto sequence = static_cast<uint16_t>((datagram[2] << 8) | datagram[3]);
  const uint32_t next = rtp_arrivals_.next();
  const auto expected = static_cast<uint16_t>(first_sequence_of(in_) + next);
  const auto delta = static_cast<int16_t>(static_cast<uint16_t>(sequence - expected));
  const int64_t index = int64_t{next} + delta;
  if (index < 0 || index > int64_t{next} + widest_jump) {
    ++rtp_.corrupt;
    return;
  }
  const auto number = static_cast<uint32_t>(index);
  const bool is_plain = std::ranges::equal(heard_rtp(in_, number, false, codecs_), datagram);
  if (!is_plain && !std::ranges::equal(heard_rtp(in_, number, true, codecs_), datagram)) {
    ++rtp_.corrupt;
    return;
  }
  rtp_arrivals_.note(number, rtp_);
  if (last_arrival_ != 0) max_gap_ = std::max(max_gap_, now - last_arrival_);
  last_arrival_ = now;
  if (!is_plain) is_peer_finished_ = true;
}

void Stream::on_rtcp(std::span<const uint8_t> arrived, const Address& from) {
  if (!has_remote_) {
    early_.push_back({{arrived.begin(), arrived.end()}, from, 0, true});
    return;
  }
  check_source(from, remote_rtcp_, rtcp_);
  const std::vector<uint8_t> datagram = open(arrived, true);
  if (datagram.size() != rtcp_octets) {
    ++rtcp_.corrupt;
    return;
  }
  const Report report = read_rtcp(std::span(datagram).first<rtcp_octets>());
  if (report.index > rtcp_arrivals_.next() + widest_jump ||
      !std::ranges::equal(make_rtcp(in_, report), datagram)) {
    ++rtcp_.corrupt;
    return;
  }
  rtcp_arrivals_.note(report.index, rtcp_);
}

MediaCount Stream::rtp() const {
  MediaCount count = rtp_;
  count.lost = rtp_arrivals_.missing();
  return count;
}

MediaCount Stream::rtcp() const {
  MediaCount count = rtcp_;
  count.lost = rtcp_arrivals_.missing();
  return count;
}

}  // namespace demarc::probe
