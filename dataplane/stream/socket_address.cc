#include "dataplane/stream/socket_address.h"

#include <arpa/inet.h>

#include <cstring>

namespace demarc::stream {

SocketAddress socket_address_of(const contract::Endpoint& endpoint) {
  SocketAddress result;
  if (endpoint.address.is_v4()) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint.port);
    address.sin_addr.s_addr = endpoint.address.v4_to_wire();
    std::memcpy(&result.storage, &address, sizeof address);
    result.length = sizeof address;
    return result;
  }
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(endpoint.port);
  std::memcpy(&address.sin6_addr, endpoint.address.octets.data(), 16);
  std::memcpy(&result.storage, &address, sizeof address);
  result.length = sizeof address;
  result.family = AF_INET6;
  return result;
}

contract::Endpoint endpoint_of(const sockaddr_storage& storage) {
  contract::Endpoint endpoint;
  if (storage.ss_family == AF_INET) {
    sockaddr_in address{};
    std::memcpy(&address, &storage, sizeof address);
    endpoint.address = contract::IpAddress::v4_from_wire(address.sin_addr.s_addr);
    endpoint.port = ntohs(address.sin_port);
  } else if (storage.ss_family == AF_INET6) {
    sockaddr_in6 address{};
    std::memcpy(&address, &storage, sizeof address);
    std::memcpy(endpoint.address.octets.data(), &address.sin6_addr, 16);
    endpoint.port = ntohs(address.sin6_port);
  }
  return endpoint;
}

}  // namespace demarc::stream
