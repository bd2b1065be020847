#include "dataplane/wire/fib.h"

#include <algorithm>

namespace demarc::wire {

bool is_in_prefix(const contract::IpAddress& address, const contract::IpAddress& prefix,
                  unsigned length) {
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned bits = std::min(8u, length - std::min(length, 8 * i));
    const auto mask = static_cast<uint8_t>(0xff00u >> bits);
    if (((address.octets[i] ^ prefix.octets[i]) & mask) != 0) return false;
  }
  return true;
}

bool FibTable::add_route(const FibRoute& route) {
  if (route.prefix_length > 128 || route.segment.port == contract::NicPortId::none) return false;
  FibRoute* begin = routes.data();
  FibRoute* end = begin + route_count;
  if (std::find(begin, end, route) != end) return true;
  if (route_count == max_routes) return false;
  FibRoute* place = std::find_if(begin, end, [&](const FibRoute& other) {
    if (other.prefix_length != route.prefix_length) {
      return other.prefix_length < route.prefix_length;
    }
    return other.metric > route.metric;
  });
  std::copy_backward(place, end, end + 1);
  *place = route;
  ++route_count;
  return true;
}

bool FibTable::remove_route(const FibRoute& route) {
  FibRoute* end = routes.data() + route_count;
  FibRoute* place = std::find(routes.data(), end, route);
  if (place == end) return false;
  std::copy(place + 1, end, place);
  --route_count;
  return true;
}

bool FibTable::add_address(const SegmentAddress& address) {
  if (!address.address.is_set()) return false;
  SegmentAddress* end = addresses.data() + address_count;
  if (std::find(addresses.data(), end, address) != end) return true;
  if (address_count == max_addresses) return false;
  addresses[address_count++] = address;
  return true;
}

bool FibTable::remove_address(const SegmentAddress& address) {
  SegmentAddress* end = addresses.data() + address_count;
  SegmentAddress* place = std::find(addresses.data(), end, address);
  if (place == end) return false;
  *place = addresses[--address_count];
  return true;
}

NextHop FibTable::next_hop(Segment segment, const contract::IpAddress& destination) const {
  for (unsigned i = 0; i < route_count; ++i) {
    const FibRoute& route = routes[i];
    if (route.segment != segment) continue;
    // The IPv6 default route has length 0 and would cover the mapped form of IPv4.
    if (route.prefix.is_v4() != destination.is_v4()) continue;
    if (!is_in_prefix(destination, route.prefix, route.prefix_length)) continue;
    return {segment, route.gateway.is_set() ? route.gateway : destination};
  }
  return {segment, {}};
}

bool FibTable::holds(const SegmentAddress& address) const {
  for (unsigned i = 0; i < address_count; ++i) {
    if (addresses[i] == address) return true;
  }
  return false;
}

}  // namespace demarc::wire
