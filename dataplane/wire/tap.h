// Tap: the kernel's twin of a nic_port, an own descriptor of /dev/net/tun.
//
// Made on the main thread, read and written by the punt thread. It is persistent: the addresses
// that an operator put on it survive a restart of ours, and one that exists already is used as it
// is. Forwarding is switched off on it: what goes from one realm to another goes through a worker
// or not at all. The kernel sees its carrier go away with us, which is what keepalived needs.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/wire/ethernet.h"
#include "dataplane/wire/explanation.h"

namespace demarc::wire {

struct TapOptions {
  std::string_view name;
  MacAddress mac;  // the port's
  uint16_t mtu = 1500;
};

class Tap {
 public:
  Tap() = default;
  Tap(Tap&& other) noexcept;
  Tap& operator=(Tap&& other) noexcept;
  ~Tap();

  static Tap open(const TapOptions& options, Explanation& why);
  bool is_valid() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }
  uint32_t interface_index() const { return interface_index_; }
  // The kernel may route from this twin to others: it could not be told not to.
  bool may_forward() const { return may_forward_; }

  void set_carrier(bool is_up);
  // One frame; 0 when there is none.
  size_t read(std::span<uint8_t> frame);
  // False when the kernel did not take it.
  bool write(std::span<const uint8_t> frame);

 private:
  int descriptor_ = -1;
  uint32_t interface_index_ = 0;
  bool may_forward_ = false;
};

}  // namespace demarc::wire
