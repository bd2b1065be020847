// NicPort: one Ethernet port, opened from its device string; its queues are polled by workers.
//
// Opened, started and closed on the main thread. A queue belongs to one worker: receive() and
// send() of one queue are never called by two threads. Move-only; closing needs the workers gone.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/wire/device_name.h"
#include "dataplane/wire/ethernet.h"
#include "dataplane/wire/explanation.h"
#include "dataplane/wire/mbuf_pool.h"
#include "dataplane/wire/packet.h"

namespace demarc::wire {

struct NicPortOptions {
  contract::NicPortId id = contract::NicPortId::none;
  std::string_view device;
  uint16_t queues = 1;  // wanted; the port may have fewer
  uint16_t mtu = 1500;
};

class NicPort {
 public:
  static constexpr unsigned max_devices = 16;

  NicPort() = default;
  NicPort(NicPort&& other) noexcept;
  NicPort& operator=(NicPort&& other) noexcept;
  ~NicPort();

  // Room that this device needs in its buffers.
  static uint16_t room_octets(const DeviceName& device, uint16_t mtu);
  // Not valid on failure; `why` then says which driver, why and what to do.
  static NicPort open(const NicPortOptions& options, const MbufPool& pool, Explanation& why);
  // Receives and sends from now on.
  [[nodiscard]] bool start(Explanation& why);
  void close();

  bool is_valid() const { return is_open_; }
  contract::NicPortId id() const { return id_; }
  uint16_t queues() const { return queues_; }
  uint16_t mtu() const { return mtu_; }
  const MacAddress& mac() const { return mac_; }
  DeviceKind kind() const { return kind_; }
  bool has_link() const;

  // Fills empty Packets with frames as they came; their Frame is not looked at yet.
  // Those that can not be made one buffer are dropped and added to `unusable`.
  unsigned receive(uint16_t queue, std::span<Packet> packets, unsigned& unusable);
  // Takes packets that begin with their Ethernet header from the front; returns how many. The rest
  // is still the caller's.
  unsigned send(uint16_t queue, std::span<Packet> packets);

 private:
  struct Place {
    uint16_t dpdk_port;
    uint16_t queue;
  };
  Place place(uint16_t queue) const;
  [[nodiscard]] bool configure(const NicPortOptions& options, const MbufPool& pool,
                               Explanation& why);

  // One device of DPDK with all queues; or, where the driver can not do that (af_xdp on an
  // interface without combined channels, as veth), one device for each queue.
  std::array<uint16_t, max_devices> dpdk_ports_{};
  uint16_t device_count_ = 0;
  uint16_t queues_ = 0;
  uint16_t mtu_ = 0;
  contract::NicPortId id_ = contract::NicPortId::none;
  DeviceKind kind_ = DeviceKind::none;
  bool is_open_ = false;
  MacAddress mac_;
};

}  // namespace demarc::wire
