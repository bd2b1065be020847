// What the kernel is told of our sockets. The stream thread only.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

#include "dataplane/contract/stream_fault.h"

namespace demarc::stream {

inline void set_option(int fd, int level, int name, int value) {
  // Where the kernel does not know one, the connection is no worse than usual.
  static_cast<void>(::setsockopt(fd, level, name, &value, sizeof value));
}

// What connect() said of the peer.
inline contract::StreamFault fault_of(int error) {
  return error == ECONNREFUSED ? contract::StreamFault::refused
                               : contract::StreamFault::unreachable;
}

// The address may come to the TAP twin later than the configuration to us.
inline void make_listener(int fd, int family) {
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (family == AF_INET) {
    set_option(fd, IPPROTO_IP, IP_FREEBIND, 1);
  } else {
    set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    set_option(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1);
  }
}

// SIP messages are small and waited for. A peer that died is noticed when what it was sent is not
// acknowledged for peer_patience_ms, and within two minutes when nothing was sent. `dscp` is that
// of the realm's signalling.
inline constexpr int peer_patience_ms = 20'000;  // longer than a loss of the way, less than Timer B
inline void make_connection(int fd, bool is_v4, uint8_t dscp) {
  set_option(fd, is_v4 ? IPPROTO_IP : IPPROTO_IPV6, is_v4 ? IP_TOS : IPV6_TCLASS, dscp << 2);
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 20);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
  // Without it an unanswered request keeps the connection, and every call on it, for minutes.
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, peer_patience_ms);
}

}  // namespace demarc::stream
