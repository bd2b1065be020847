// A UDP address of either IP version, and the table of what a NAT router in front of demarc would
// rewrite. Used by every file of the probe; plain values, one thread.

#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace demarc::probe {

struct Address {
  sockaddr_in6 six = {};  // an IPv4 address is kept in its own form in the first octets
  bool is_v6 = false;

  sockaddr* raw() { return reinterpret_cast<sockaddr*>(&six); }
  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&six); }
  socklen_t length() const {
    return static_cast<socklen_t>(is_v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
  }
  uint16_t port() const;
  void set_port(uint16_t port);
  std::string host() const;      // without brackets
  std::string uri_host() const;  // with brackets around IPv6
  std::string text() const;      // uri_host:port
  bool operator==(const Address& other) const;
};

// "192.0.2.1:5060", "192.0.2.1", "[2001:db8::1]:5060" or, with a default port only, "2001:db8::1".
std::optional<Address> parse_address(std::string_view text, uint16_t default_port);

// A non-blocking UDP socket bound to the address; -1 when it cannot be had.
int open_udp(const Address& local, int buffer_octets);

// What `--nat PUBLIC=PRIVATE` says: datagrams for the public host go to the private one, as the
// router in front of demarc would send them.
struct NatMap {
  std::string public_host;
  std::string private_host;

  Address apply(const Address& address) const;
};

}  // namespace demarc::probe
