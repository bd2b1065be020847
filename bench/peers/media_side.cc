#include "bench/peers/media_side.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <srtp2/srtp.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <numeric>

namespace demarc::bench {

struct SrtpStreams {
  std::vector<srtp_t> contexts;
  static constexpr std::size_t key_length = 30;  // of AES_CM_128_HMAC_SHA1_80
  std::array<uint8_t, key_length> key = {};
};

namespace {

constexpr std::size_t header_length = 12;
constexpr uint8_t version_2 = 0x80;
constexpr uint8_t pcma = 8;
constexpr uint8_t pcma_silence = 0xd5;
constexpr int socket_octets = 64 << 20;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "media_load: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

uint64_t now_ns() {
  timespec time = {};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

// From here on this thread opens its sockets in another network namespace.
void enter(const std::string& name) {
  const int file = ::open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 || ::setns(file, CLONE_NEWNET) != 0) fail("namespace " + name);
  ::close(file);
}

int open_socket(const MediaSide::Options& options) {
  const int home = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (!options.name_space.empty()) enter(options.name_space);
  const int made = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (made < 0) fail("socket");
  for (const int which : {SO_RCVBUFFORCE, SO_SNDBUFFORCE}) {
    ::setsockopt(made, SOL_SOCKET, which, &socket_octets, sizeof socket_octets);
  }
  sockaddr generic = {};
  std::memcpy(&generic, &options.local, sizeof generic);
  if (::bind(made, &generic, sizeof generic) != 0) fail("bind");
  if (!options.name_space.empty() && ::setns(home, CLONE_NEWNET) != 0) fail("way back");
  ::close(home);
  return made;
}

// A context a stream: libsrtp2 looks its streams up in a list, which would be what is measured.
std::unique_ptr<SrtpStreams> srtp_of(const MediaSide::Options& options) {
  if (options.key.empty()) return nullptr;
  auto made = std::make_unique<SrtpStreams>();
  if (options.key.size() != 2 * SrtpStreams::key_length) fail("the key has not 60 hex digits");
  for (std::size_t i = 0; i < SrtpStreams::key_length; ++i) {
    made->key[i] = static_cast<uint8_t>(std::stoul(options.key.substr(2 * i, 2), nullptr, 16));
  }
  if (srtp_init() != srtp_err_status_ok) fail("libsrtp2 does not start");
  for (std::size_t i = 0; i < options.targets.size(); ++i) {
    srtp_policy_t policy = {};
    srtp_crypto_policy_set_rtp_default(&policy.rtp);
    srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    policy.ssrc = {ssrc_specific, options.first_ssrc + static_cast<uint32_t>(i)};
    policy.key = made->key.data();
    srtp_t context = nullptr;
    if (srtp_create(&context, &policy) != srtp_err_status_ok) fail("libsrtp2 takes no more keys");
    made->contexts.push_back(context);
  }
  return made;
}

void write_header(uint8_t* packet, uint16_t sequence, uint32_t ssrc) {
  const uint16_t wire_sequence = htons(sequence);
  const uint32_t wire_time = htonl(uint32_t{sequence} * 160);
  const uint32_t wire_ssrc = htonl(ssrc);
  packet[0] = version_2;
  packet[1] = pcma;
  std::memcpy(packet + 2, &wire_sequence, sizeof wire_sequence);
  std::memcpy(packet + 4, &wire_time, sizeof wire_time);
  std::memcpy(packet + 8, &wire_ssrc, sizeof wire_ssrc);
}

}  // namespace

void Delays::add(const Delays& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

uint64_t Delays::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), uint64_t{0});
}

uint64_t Delays::percentile(double share) const {
  const double wanted = share * static_cast<double>(total());
  uint64_t seen = 0;
  for (std::size_t us = 0; us < counts_.size() && wanted > 0; ++us) {
    seen += counts_[us];
    if (static_cast<double>(seen) >= wanted) return us;
  }
  return 0;
}

MediaSide::MediaSide(const Options& options)
    : options_(options),
      socket_(open_socket(options)),
      srtp_(srtp_of(options)),
      sequences_(options.targets.size(), options.first_sequence) {
  for (unsigned i = 0; i < batch; ++i) {
    packets_[i].fill(pcma_silence);
    vectors_[i].iov_base = packets_[i].data();
    messages_[i].msg_hdr.msg_namelen = sizeof(sockaddr_in);
    messages_[i].msg_hdr.msg_iov = &vectors_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
    arrived_vectors_[i] = {.iov_base = arrived_[i].data(), .iov_len = longest_packet};
    arrived_messages_[i].msg_hdr.msg_iov = &arrived_vectors_[i];
    arrived_messages_[i].msg_hdr.msg_iovlen = 1;
  }
}

MediaSide::~MediaSide() {
  ::close(socket_);
  if (srtp_ == nullptr) return;
  for (const srtp_t context : srtp_->contexts) srtp_dealloc(context);
}

void MediaSide::send_slot(unsigned slot) {
  const uint64_t now = now_ns();
  unsigned count = 0;
  for (std::size_t stream = slot; stream < options_.targets.size(); stream += slots) {
    prepare(count++, stream, now);
    if (count < batch) continue;
    send(count);
    count = 0;
  }
  if (count != 0) send(count);
}

void MediaSide::send_batch() {
  const uint64_t now = now_ns();
  for (unsigned i = 0; i < batch; ++i) {
    prepare(i, next_stream_, now);
    next_stream_ = (next_stream_ + 1) % options_.targets.size();
  }
  send(batch);
}

void MediaSide::prepare(unsigned place, std::size_t stream, uint64_t now) {
  uint8_t* packet = packets_[place].data();
  write_header(packet, sequences_[stream]++, options_.first_ssrc + static_cast<uint32_t>(stream));
  std::memcpy(packet + header_length, &now, sizeof now);
  int length = rtp_length;
  if (srtp_ != nullptr) {
    // What the last packet left there is cipher text: as good a payload as any.
    const auto status = srtp_protect(srtp_->contexts[stream], packet, &length);
    if (status != srtp_err_status_ok) fail("libsrtp2 refuses a packet");
  }
  vectors_[place].iov_len = static_cast<std::size_t>(length);
  messages_[place].msg_hdr.msg_name = &options_.targets[stream];
}

// What the kernel has no room for is not sent, nor counted: the socket may hold 64 MiB.
void MediaSide::send(unsigned count) {
  unsigned done = 0;
  while (done < count) {
    const int taken = ::sendmmsg(socket_, messages_.data() + done, count - done, 0);
    if (taken > 0) {
      done += static_cast<unsigned>(taken);
      sent_ += static_cast<uint64_t>(taken);
      continue;
    }
    if (errno == EINTR || errno == ECONNREFUSED) continue;
    if (errno != EAGAIN && errno != ENOBUFS) fail("sendmmsg");
    receive();
  }
}

void MediaSide::receive() {
  for (;;) {
    const int taken = ::recvmmsg(socket_, arrived_messages_.data(), batch, MSG_DONTWAIT, nullptr);
    if (taken <= 0) return;
    received_ += static_cast<uint64_t>(taken);
    if (options_.reads_delay) read_delays(static_cast<unsigned>(taken));
    if (static_cast<unsigned>(taken) < batch) return;
  }
}

void MediaSide::read_delays(unsigned count) {
  const uint64_t now = now_ns();
  for (unsigned i = 0; i < count; ++i) {
    uint64_t sent_at = 0;
    std::memcpy(&sent_at, arrived_[i].data() + header_length, sizeof sent_at);
    if (sent_at <= now) delays_.add((now - sent_at) / 1000);
  }
}

}  // namespace demarc::bench
