#include "dataplane/wire/device_name.h"

#include <cstring>

namespace demarc::wire {
namespace {

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// "0000:03:00.0": domain, bus, device, function.
bool is_pci(std::string_view text) {
  constexpr std::string_view shape = "xxxx:xx:xx.7";
  if (text.size() != shape.size()) return false;
  for (size_t i = 0; i < shape.size(); ++i) {
    const char c = text[i];
    if (shape[i] == 'x' ? !is_hex(c) : shape[i] == '7' ? c < '0' || c > '7' : c != shape[i]) {
      return false;
    }
  }
  return true;
}

// What the kernel takes as an interface's name (dev_valid_name), and no comma: it would end the
// driver's argument.
bool is_interface(std::string_view text) {
  if (text.empty() || text.size() > 15 || text == "." || text == "..") return false;
  return text.find_first_of("/: \t\n\r\v\f,") == std::string_view::npos;
}

DeviceName named(DeviceKind kind, std::string_view text) {
  DeviceName name;
  if (text.size() >= name.text.size()) return name;
  name.kind = kind;
  std::memcpy(name.text.data(), text.data(), text.size());
  return name;
}

}  // namespace

DeviceName parse_device(std::string_view device) {
  constexpr std::string_view af_xdp = "af_xdp:", af_packet = "af_packet:", vdev = "net_";
  if (device.substr(0, af_xdp.size()) == af_xdp) {
    device.remove_prefix(af_xdp.size());
    return is_interface(device) ? named(DeviceKind::af_xdp, device) : DeviceName{};
  }
  if (device.substr(0, af_packet.size()) == af_packet) {
    device.remove_prefix(af_packet.size());
    return is_interface(device) ? named(DeviceKind::af_packet, device) : DeviceName{};
  }
  if (is_pci(device)) return named(DeviceKind::pci, device);
  if (device.size() > vdev.size() && device.substr(0, vdev.size()) == vdev) {
    return named(DeviceKind::vdev, device);
  }
  return {};
}

std::string_view spelling(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::pci:
      return "PCI";
    case DeviceKind::af_xdp:
      return "af_xdp";
    case DeviceKind::af_packet:
      return "af_packet";
    case DeviceKind::vdev:
      return "vdev";
    case DeviceKind::none:
      break;
  }
  return "none";
}

}  // namespace demarc::wire
