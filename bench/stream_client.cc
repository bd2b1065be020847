#include "bench/stream_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "sip-parser/base/check.h"

namespace demarc::bench {
namespace {

constexpr unsigned tickets_of_a_server = 2;  // OpenSSL's usual number with TLS 1.3
constexpr unsigned connections_of_an_address = 128;
constexpr unsigned honest_addresses = 64;

uint64_t now_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(time.tv_nsec);
}

sockaddr_in loopback(unsigned network, unsigned host, uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(127u << 24 | network << 8 | host);
  return address;
}

// A socket bound to that address, not connected yet.
int socket_at(unsigned network, unsigned host, int flags) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  if (fd < 0) return -1;
  const int one = 1;
  ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  const sockaddr_in own = loopback(network, host, 0);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0) return fd;
  ::close(fd);
  return -1;
}

}  // namespace

// Keeps the last ticket, and counts.
int take_session(SSL* connection, SSL_SESSION* session) {
  auto* client = static_cast<StreamClient*>(SSL_get_app_data(connection));
  if (client == nullptr) return 0;
  SSL_SESSION_free(client->session_);
  client->session_ = session;
  ++client->tickets_;
  return 1;
}

StreamClient::StreamClient(uint16_t port)
    : port_(port), context_(SSL_CTX_new(TLS_client_method())) {
  DEMARC_CHECK(context_ != nullptr);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context_, take_session);
  SSL_CTX_set_min_proto_version(context_, TLS1_3_VERSION);
}

StreamClient::~StreamClient() {
  SSL_SESSION_free(session_);
  SSL_CTX_free(context_);
}

int StreamClient::connect_from(unsigned network, unsigned host) const {
  const int fd = socket_at(network, host, 0);
  if (fd < 0) return -1;
  const sockaddr_in to = loopback(0, 1, port_);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return fd;
  ::close(fd);
  return -1;
}

bool StreamClient::is_served() const {
  for (unsigned i = 0; i < 500; ++i) {
    const int fd = connect_from(0, 1);
    if (fd >= 0) {
      ::close(fd);
      return true;
    }
    ::poll(nullptr, 0, 10);
  }
  return false;
}

// They come behind the handshake; a server that resumed sends one.
bool StreamClient::await_tickets(SSL* connection) {
  const unsigned expected = SSL_session_reused(connection) == 1 ? 1 : tickets_of_a_server;
  SSL_set_fd(connection, SSL_get_fd(connection));
  ::fcntl(SSL_get_fd(connection), F_SETFL, O_NONBLOCK);
  for (unsigned i = 0; tickets_ < expected && i < 1000; ++i) {
    char octet = 0;
    static_cast<void>(SSL_read(connection, &octet, 1));
    if (tickets_ >= expected) break;
    pollfd wait{SSL_get_fd(connection), POLLIN, 0};
    if (::poll(&wait, 1, 1000) != 1) return false;
  }
  return tickets_ >= expected;
}

uint64_t StreamClient::shake_hands(bool resumes) {
  const uint64_t begin = now_ns();
  // One source may make 256 connections a second.
  const int fd = connect_from(1, 1 + handshakes_++ % honest_addresses);
  if (fd < 0) return 0;
  SSL* connection = SSL_new(context_);
  SSL_set_app_data(connection, this);
  SSL_set_fd(connection, fd);
  if (resumes && session_ != nullptr) SSL_set_session(connection, session_);
  tickets_ = 0;
  bool is_good = SSL_connect(connection) == 1;
  const uint64_t took = now_ns() - begin;
  is_good = is_good && await_tickets(connection);
  if (is_good) SSL_shutdown(connection);
  SSL_free(connection);
  ::close(fd);
  return is_good ? took : 0;
}

int StreamClient::hold(unsigned number) {
  const int fd = connect_from(2, 1 + number / connections_of_an_address);
  if (fd < 0) return -1;
  SSL* connection = SSL_new(context_);
  SSL_set_fd(connection, fd);
  const bool is_good = SSL_connect(connection) == 1;
  SSL_set_quiet_shutdown(connection, 1);
  SSL_free(connection);
  if (is_good) return fd;
  ::close(fd);
  return -1;
}

namespace {

struct Attacker {
  int fd = -1;
  unsigned sent = 0;
  uint64_t next_ns = 0;
};

// The head of a record of 512 octets, then whatever it holds.
char octet_of(unsigned number) {
  constexpr std::array<char, 6> head = {0x16, 0x03, 0x01, 0x02, 0x00, 0x01};
  return number < head.size() ? head[number] : '\0';
}

constexpr uint64_t pause_ns = 10'000'000'000;

void begin_attack(Attacker& one, unsigned number, uint16_t port, int epoll) {
  one = {socket_at(3, 1 + number / connections_of_an_address, SOCK_NONBLOCK), 0,
         now_ns() + number * 999'983ull % pause_ns};
  if (one.fd < 0) return;
  const sockaddr_in to = loopback(0, 1, port);
  static_cast<void>(::connect(one.fd, reinterpret_cast<const sockaddr*>(&to), sizeof to));
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP;
  event.data.u32 = number;
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, one.fd, &event);
}

}  // namespace

void attack_slowly(uint16_t port, unsigned count, int ready) {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<Attacker> all(count);
  for (unsigned i = 0; i < count; ++i) {
    begin_attack(all[i], i, port, epoll);
    // The server takes 64 in a turn: no attacker shall fail for being too early.
    if (i % 64 == 63) ::poll(nullptr, 0, 5);
  }
  const char octet = 1;
  static_cast<void>(!::write(ready, &octet, 1));
  for (;;) {
    std::array<epoll_event, 256> events;
    const int found = ::epoll_wait(epoll, events.data(), events.size(), 100);
    for (int i = 0; i < found; ++i) {
      const unsigned number = events[static_cast<unsigned>(i)].data.u32;
      ::close(all[number].fd);
      begin_attack(all[number], number, port, epoll);
    }
    const uint64_t now = now_ns();
    for (Attacker& one : all) {
      if (one.fd < 0 || one.next_ns > now) continue;
      const char next = octet_of(one.sent++);
      static_cast<void>(!::send(one.fd, &next, 1, MSG_NOSIGNAL));
      one.next_ns = now + pause_ns;
    }
  }
}

}  // namespace demarc::bench
