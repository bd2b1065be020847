#include "tests/system/probe/address.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstring>

namespace demarc::probe {

namespace {

std::optional<uint16_t> parse_port(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

std::optional<Address> parse_host(const std::string& host, uint16_t port) {
  Address address;
  auto* four = reinterpret_cast<sockaddr_in*>(&address.six);
  if (inet_pton(AF_INET, host.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
  } else if (inet_pton(AF_INET6, host.c_str(), &address.six.sin6_addr) == 1) {
    address.six.sin6_family = AF_INET6;
    address.is_v6 = true;
  } else {
    return std::nullopt;
  }
  address.set_port(port);
  return address;
}

}  // namespace

uint16_t Address::port() const {
  return ntohs(six.sin6_port);
}

// sin_port and sin6_port are at the same place in both forms.
void Address::set_port(uint16_t port) {
  six.sin6_port = htons(port);
}

std::string Address::host() const {
  char text[INET6_ADDRSTRLEN] = {};
  const auto* four = reinterpret_cast<const sockaddr_in*>(&six);
  const void* octets = is_v6 ? static_cast<const void*>(&six.sin6_addr) : &four->sin_addr;
  inet_ntop(is_v6 ? AF_INET6 : AF_INET, octets, text, sizeof text);
  return text;
}

std::string Address::uri_host() const {
  return is_v6 ? "[" + host() + "]" : host();
}

std::string Address::text() const {
  return uri_host() + ":" + std::to_string(port());
}

bool Address::operator==(const Address& other) const {
  return is_v6 == other.is_v6 && port() == other.port() && host() == other.host();
}

std::optional<Address> parse_address(std::string_view text, uint16_t default_port) {
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    const std::string host(text.substr(1, close - 1));
    const std::string_view rest = text.substr(close + 1);
    if (rest.empty()) return parse_host(host, default_port);
    if (!rest.starts_with(':')) return std::nullopt;
    const auto port = parse_port(rest.substr(1));
    return port ? parse_host(host, *port) : std::nullopt;
  }
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos) {
    return parse_host(std::string(text), default_port);
  }
  const auto port = parse_port(text.substr(colon + 1));
  return port ? parse_host(std::string(text.substr(0, colon)), *port) : std::nullopt;
}

int open_udp(const Address& local, int buffer_octets) {
  const int family = local.is_v6 ? AF_INET6 : AF_INET;
  const int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  // Best effort: the forced form needs root, which a lab has.
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer_octets, sizeof buffer_octets);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer_octets, sizeof buffer_octets);
  if (bind(fd, local.raw(), local.length()) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

Address NatMap::apply(const Address& address) const {
  if (public_host.empty() || address.host() != public_host) return address;
  return parse_host(private_host, address.port()).value_or(address);
}

}  // namespace demarc::probe
