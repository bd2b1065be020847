// Interface: what we ask the kernel about a network interface of its own, by ioctl, and tell it.
//
// Called on the main thread before af_xdp or af_packet take the interface, so that a failure can be
// explained in words; forwarding is switched off for TAP twins, by the punt thread for their VLANs.
#pragma once

#include <cstdint>
#include <string_view>

namespace demarc::wire {

struct InterfaceFacts {
  uint32_t index = 0;  // 0: no such interface in this network namespace
  bool is_up = false;
  uint16_t channels = 1;      // queue pairs that the interface has
  bool has_combined = false;  // they are "combined" ones in ethtool's words
};

// `name` ends in a zero octet.
InterfaceFacts look_up_interface(const char* name);
// Best effort; false when the kernel refused.
bool bring_up_interface(const char* name);
// The kernel does not route what comes by this interface, IPv4 and IPv6. Writes only what differs;
// false when it may route still.
bool switch_off_forwarding(const char* name);

}  // namespace demarc::wire
