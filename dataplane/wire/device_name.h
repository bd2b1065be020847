// DeviceName: a nic_port's device string, taken apart.
//
// "0000:03:00.0" is a PCI device; "af_xdp:IFACE" and "af_packet:IFACE" are interfaces of the kernel
// driven by that driver; anything that begins with "net_" is passed to DPDK as a vdev. Pure; called
// by NicPort and by the check of a configuration.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace demarc::wire {

enum class DeviceKind : uint8_t { none, pci, af_xdp, af_packet, vdev };

struct DeviceName {
  DeviceKind kind = DeviceKind::none;
  std::array<char, 256> text{};  // PCI address, interface, or "net_x0,args"; ends in a zero octet

  std::string_view view() const { return text.data(); }
};

// Kind `none` when the string is none of these.
DeviceName parse_device(std::string_view device);
std::string_view spelling(DeviceKind kind);

}  // namespace demarc::wire
