// Fib: the kernel's IP routes and addresses of our TAPs, as one small table that workers copy.
//
// The netlink thread builds a FibTable and stores it in a SequenceLocked; a worker sees the version
// change, copies the table once, and then reads its own copy: nothing is ever retired. RFC 1812
// section 5.2.4.3 (longest match), RFC 4861 for what "on-link" means.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/contract/address.h"
#include "dataplane/contract/sequence_lock.h"
#include "dataplane/wire/ethernet.h"

namespace demarc::wire {

struct FibRoute {
  contract::IpAddress prefix;
  contract::IpAddress gateway;  // not set: on-link
  Segment segment;
  uint8_t prefix_length = 0;  // of the IPv4-mapped form: an IPv4 default route is 96
  uint32_t metric = 0;

  friend bool operator==(const FibRoute&, const FibRoute&) = default;
};

// An address of ours on one segment.
struct SegmentAddress {
  contract::IpAddress address;
  Segment segment;

  friend bool operator==(const SegmentAddress&, const SegmentAddress&) = default;
};

struct NextHop {
  Segment segment;
  contract::IpAddress address;  // not set: no route

  bool is_set() const { return address.is_set(); }
};

struct FibTable {
  static constexpr unsigned max_routes = 512;
  static constexpr unsigned max_addresses = 512;

  // Sorted: longest prefix first, then lowest metric.
  std::array<FibRoute, max_routes> routes;
  std::array<SegmentAddress, max_addresses> addresses;
  uint16_t route_count = 0;
  uint16_t address_count = 0;

  // The netlink thread. False when the table is full or the row makes no sense.
  bool add_route(const FibRoute& route);
  bool add_address(const SegmentAddress& address);
  bool remove_route(const FibRoute& route);
  bool remove_address(const SegmentAddress& address);
  void clear() { route_count = address_count = 0; }

  // A realm sends by its own segment only, so only that segment's routes are looked at.
  NextHop next_hop(Segment segment, const contract::IpAddress& destination) const;
  // The kernel holds this address on one of our TAPs, and it is not tentative.
  bool holds(const SegmentAddress& address) const;
};

using SharedFib = contract::SequenceLocked<FibTable>;

// Whether the first `length` bits of both are the same.
bool is_in_prefix(const contract::IpAddress& address, const contract::IpAddress& prefix,
                  unsigned length);

}  // namespace demarc::wire
