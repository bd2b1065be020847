// The short way to a Frame: whether what was received is a plain UDP datagram over IPv4, which
// nearly all frames are, found by one pass without a branch for anything else.
//
// Called by Wire for each frame of a burst; what it does not take goes through classify()
// (frame.h), whose verdict on what it takes is the same. Pure, free of DPDK. RFC 791, RFC 768, IEEE
// 802.1Q.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/wire/frame.h"

namespace demarc::wire {

// What is the same for all frames of a burst.
class PlainPort {
 public:
  PlainPort(const MacAddress& mac, contract::NicPortId id);

  // Whether the first six octets of a frame, loaded with the two behind them, are our address.
  bool is_to_us(uint64_t first_eight) const { return (first_eight & mac_mask) == mac_; }
  contract::NicPortId id() const { return id_; }

 private:
  static constexpr uint64_t mac_mask = 0xffff'ffff'ffff;
  uint64_t mac_;  // as it stands in a frame, loaded; a value that no frame has for a group address
  contract::NicPortId id_;
};

// True when `octets` are a whole UDP datagram from one host to our MAC address, over IPv4 without
// options, no fragment, untagged or with one tag, with right checksums (none of UDP is right, too)
// and ports. `frame` then has all that a frame of kind udp has; else it is undefined.
// `ip_is_good`, `udp_is_good`: the port has verified that checksum.
struct VerifiedByPort {
  bool ip_is_good = false;
  bool udp_is_good = false;
};
[[nodiscard]] bool classify_plain(std::span<const uint8_t> octets, const PlainPort& port,
                                  VerifiedByPort verified, Frame& frame);

}  // namespace demarc::wire
