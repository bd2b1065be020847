// Between our endpoints and the kernel's socket addresses. Any thread.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "dataplane/contract/address.h"

namespace demarc::stream {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  int family = AF_INET;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress socket_address_of(const contract::Endpoint& endpoint);
// An endpoint without address when the family is neither IPv4 nor IPv6.
contract::Endpoint endpoint_of(const sockaddr_storage& storage);

}  // namespace demarc::stream
