#include "dataplane/wire/nic_port.h"

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <utility>

#include "dataplane/wire/interface.h"

namespace demarc::wire {
namespace {

constexpr uint16_t wanted_descriptors = 1024;
constexpr unsigned largest_burst = 64;
// One frame of af_packet's ring: datagrams come reassembled, so it must hold more than an MTU.
constexpr unsigned packet_frame_octets = 16384;
constexpr unsigned packet_frames = 512;

const char* hint_of_rights() {
  return geteuid() == 0 ? "" : "; run as root or give CAP_NET_ADMIN, CAP_NET_RAW and CAP_BPF";
}

// Name and arguments of a vdev.
struct Vdev {
  char name[64] = {};
  char arguments[512] = {};
};

bool split_vdev(const DeviceName& device, Vdev& vdev, Explanation& why) {
  const std::string_view text = device.view();
  const size_t comma = std::min(text.find(','), text.size());
  if (comma >= sizeof vdev.name) {
    why.set("vdev %s: the name before the comma is too long", device.text.data());
    return false;
  }
  std::memcpy(vdev.name, text.data(), comma);
  if (comma < text.size()) std::memcpy(vdev.arguments, &text[comma + 1], text.size() - comma - 1);
  return true;
}

// The vdev that drives queues [first, first + count) of an interface of the kernel.
void name_vdev(const DeviceName& device, unsigned first, unsigned count, Vdev& vdev) {
  static std::atomic<unsigned> next{0};
  const unsigned number = next.fetch_add(1, std::memory_order_relaxed);
  std::snprintf(vdev.name, sizeof vdev.name, "net_%s%u", spelling(device.kind).data(), number);
  if (device.kind == DeviceKind::af_xdp) {
    std::snprintf(vdev.arguments, sizeof vdev.arguments,
                  "iface=%s,start_queue=%u,queue_count=%u,busy_budget=0", device.text.data(), first,
                  count);
  } else {
    std::snprintf(vdev.arguments, sizeof vdev.arguments,
                  "iface=%s,qpairs=%u,blocksz=65536,framesz=%u,framecnt=%u,qdisc_bypass=1",
                  device.text.data(), count, packet_frame_octets, packet_frames);
  }
}

bool prepare_interface(const DeviceName& device, const InterfaceFacts& facts, Explanation& why) {
  const char* driver = spelling(device.kind).data();
  if (facts.index == 0) {
    why.set(
        "%s: interface %s does not exist in this network namespace; `ip link` shows those "
        "that do",
        driver, device.text.data());
    return false;
  }
  if (facts.is_up || bring_up_interface(device.text.data())) return true;
  why.set("%s: interface %s is down and can not be brought up%s", driver, device.text.data(),
          hint_of_rights());
  return false;
}

bool attach_pci(const DeviceName& device, uint16_t& dpdk_port, Explanation& why) {
  if (rte_eth_dev_get_port_by_name(device.text.data(), &dpdk_port) == 0) return true;
  why.set(
      "PCI device %s has no DPDK driver: bind it to vfio-pci (dpdk-devbind.py -b vfio-pci "
      "%s), or use af_xdp:IFACE",
      device.text.data(), device.text.data());
  return false;
}

bool attach_vdev(const DeviceName& device, const Vdev& vdev, uint16_t& dpdk_port,
                 Explanation& why) {
  const int made = rte_eal_hotplug_add("vdev", vdev.name, vdev.arguments);
  if (made == 0 && rte_eth_dev_get_port_by_name(vdev.name, &dpdk_port) == 0) return true;
  const char* reason = made < 0 ? rte_strerror(-made) : "no port";
  if (device.kind == DeviceKind::vdev) {
    why.set("DPDK did not make %s: %s; is the driver's name right, is its package installed?",
            device.text.data(), reason);
    return false;
  }
  const char* hint = device.kind == DeviceKind::af_xdp
                         ? "; is another program on it? If the kernel has no AF_XDP, use "
                           "af_packet:IFACE"
                         : "";
  why.set("%s did not start on %s (%s): %s%s%s", spelling(device.kind).data(), device.text.data(),
          vdev.arguments, reason, hint, hint_of_rights());
  return false;
}

// The devices of DPDK behind one port, and how many queues they have together.
struct Attached {
  std::array<uint16_t, NicPort::max_devices> dpdk_ports{};
  uint16_t count = 0;
  uint16_t queues = 1;
};

// False on failure; what was attached before it is in `attached` all the same.
bool attach(const DeviceName& device, uint16_t wanted, Attached& attached, Explanation& why) {
  attached.queues = std::max(wanted, uint16_t{1});
  Vdev vdev;
  if (device.kind == DeviceKind::pci || device.kind == DeviceKind::vdev) {
    const bool is_pci = device.kind == DeviceKind::pci;
    if (!is_pci && !split_vdev(device, vdev, why)) return false;
    uint16_t& dpdk_port = attached.dpdk_ports[0];
    attached.count =
        is_pci ? attach_pci(device, dpdk_port, why) : attach_vdev(device, vdev, dpdk_port, why);
    return attached.count == 1;
  }
  const InterfaceFacts facts = look_up_interface(device.text.data());
  if (!prepare_interface(device, facts, why)) return false;
  uint16_t devices = 1;
  if (device.kind == DeviceKind::af_xdp) {
    if (facts.channels > attached.queues) {
      // Its frames would go to the kernel, which does not answer for us.
      why.set(
          "af_xdp: interface %s spreads frames over %u queues, but %u are to be polled: "
          "`ethtool -L %s rx %u tx %u` (or combined %u)",
          device.text.data(), facts.channels, attached.queues, device.text.data(), attached.queues,
          attached.queues, attached.queues);
      return false;
    }
    attached.queues = facts.channels;
    if (!facts.has_combined) {
      attached.queues = std::min(attached.queues, uint16_t{NicPort::max_devices});
      devices = attached.queues;
    }
  }
  const uint16_t each = devices == 1 ? attached.queues : uint16_t{1};
  for (uint16_t i = 0; i < devices; ++i) {
    name_vdev(device, i, each, vdev);
    if (!attach_vdev(device, vdev, attached.dpdk_ports[i], why)) return false;
    attached.count = static_cast<uint16_t>(i + 1);
  }
  return true;
}

bool configure_device(uint16_t dpdk_port, uint16_t queues, uint16_t mtu, const MbufPool& pool,
                      const char*& step) {
  rte_eth_dev_info info{};
  step = "reading its limits";
  if (const int error = rte_eth_dev_info_get(dpdk_port, &info); error != 0) {
    rte_errno = -error;
    return false;
  }
  rte_eth_conf conf{};
  conf.rxmode.mtu = mtu;
  conf.rxmode.offloads =
      info.rx_offload_capa & (RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM);
  const uint64_t hash = info.flow_type_rss_offloads & (RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP);
  if (queues > 1 && hash != 0) {
    conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
    conf.rx_adv_conf.rss_conf.rss_hf = hash;
  }
  step = "configuring it (is the MTU possible?)";
  int error = rte_eth_dev_configure(dpdk_port, queues, queues, &conf);
  uint16_t rx = wanted_descriptors, tx = wanted_descriptors;
  if (error == 0) error = rte_eth_dev_adjust_nb_rx_tx_desc(dpdk_port, &rx, &tx);
  for (uint16_t q = 0; q < queues && error == 0; ++q) {
    step = "setting up a receive queue";
    error = rte_eth_rx_queue_setup(dpdk_port, q, rx, static_cast<unsigned>(SOCKET_ID_ANY), nullptr,
                                   pool.handle());
    if (error != 0) break;
    step = "setting up a transmit queue";
    error = rte_eth_tx_queue_setup(dpdk_port, q, tx, static_cast<unsigned>(SOCKET_ID_ANY), nullptr);
  }
  rte_errno = -error;
  return error == 0;
}

}  // namespace

NicPort::NicPort(NicPort&& other) noexcept {
  *this = std::move(other);
}

NicPort& NicPort::operator=(NicPort&& other) noexcept {
  if (this == &other) return *this;
  close();
  dpdk_ports_ = other.dpdk_ports_;
  device_count_ = other.device_count_;
  queues_ = other.queues_;
  mtu_ = other.mtu_;
  id_ = other.id_;
  kind_ = other.kind_;
  mac_ = other.mac_;
  is_open_ = std::exchange(other.is_open_, false);
  return *this;
}

NicPort::~NicPort() {
  close();
}

uint16_t NicPort::room_octets(const DeviceName& device, uint16_t mtu) {
  if (device.kind == DeviceKind::af_packet) return large_room_octets;
  const auto needed =
      static_cast<uint16_t>(mtu + ethernet_octets + vlan_octets + payload_padding_octets);
  return std::max(needed, standard_room_octets);
}

NicPort NicPort::open(const NicPortOptions& options, const MbufPool& pool, Explanation& why) {
  NicPort port;
  const DeviceName device = parse_device(options.device);
  if (device.kind == DeviceKind::none) {
    why.set(
        "\"%.*s\" is no device: give a PCI address (0000:03:00.0), af_xdp:IFACE, "
        "af_packet:IFACE or a vdev of DPDK (net_null0)",
        static_cast<int>(options.device.size()), options.device.data());
    return port;
  }
  Attached attached;
  const bool is_attached = attach(device, options.queues, attached, why);
  port.dpdk_ports_ = attached.dpdk_ports;
  port.device_count_ = attached.count;
  port.queues_ = attached.queues;
  port.id_ = options.id;
  port.kind_ = device.kind;
  port.mtu_ = options.mtu;
  port.is_open_ = true;
  if (!is_attached || !port.configure(options, pool, why)) port.close();
  return port;
}

bool NicPort::configure(const NicPortOptions& options, const MbufPool& pool, Explanation& why) {
  rte_eth_dev_info info{};
  if (device_count_ == 1 && rte_eth_dev_info_get(dpdk_ports_[0], &info) == 0) {
    queues_ = std::min({queues_, info.max_rx_queues, info.max_tx_queues});
  }
  const uint16_t each = device_count_ == 1 ? queues_ : uint16_t{1};
  for (uint16_t i = 0; i < device_count_; ++i) {
    const char* step = "";
    if (each != 0 && configure_device(dpdk_ports_[i], each, mtu_, pool, step)) continue;
    why.set("%.*s: opened, but %s failed: %s", static_cast<int>(options.device.size()),
            options.device.data(), step, rte_strerror(rte_errno));
    return false;
  }
  rte_ether_addr mac{};
  rte_eth_macaddr_get(dpdk_ports_[0], &mac);
  std::memcpy(mac_.octets.data(), mac.addr_bytes, 6);
  return true;
}

bool NicPort::start(Explanation& why) {
  for (uint16_t i = 0; i < device_count_; ++i) {
    const int error = rte_eth_dev_start(dpdk_ports_[i]);
    if (error != 0) {
      why.set("%s port %u did not start: %s", spelling(kind_).data(), contract::index_of(id_),
              rte_strerror(-error));
      return false;
    }
    // Best effort: needed for multicast (neighbour discovery, VRRP), but not every driver can.
    static_cast<void>(rte_eth_promiscuous_enable(dpdk_ports_[i]));
  }
  return true;
}

void NicPort::close() {
  if (!std::exchange(is_open_, false)) return;
  for (uint16_t i = 0; i < device_count_; ++i) {
    rte_eth_dev_info info{};
    const bool has_device = rte_eth_dev_info_get(dpdk_ports_[i], &info) == 0;
    static_cast<void>(rte_eth_dev_stop(dpdk_ports_[i]));
    static_cast<void>(rte_eth_dev_close(dpdk_ports_[i]));
    if (has_device && kind_ != DeviceKind::pci && info.device != nullptr) {
      static_cast<void>(rte_dev_remove(info.device));
    }
  }
}

NicPort::Place NicPort::place(uint16_t queue) const {
  if (device_count_ == 1) return {dpdk_ports_[0], queue};
  return {dpdk_ports_[queue], 0};
}

bool NicPort::has_link() const {
  rte_eth_link link{};
  return rte_eth_link_get_nowait(dpdk_ports_[0], &link) == 0 && link.link_status != 0;
}

unsigned NicPort::receive(uint16_t queue, std::span<Packet> packets, unsigned& unusable) {
  rte_mbuf* mbufs[largest_burst];
  const auto wanted = static_cast<uint16_t>(std::min<size_t>(packets.size(), largest_burst));
  const Place at = place(queue);
  const uint16_t count = rte_eth_rx_burst(at.dpdk_port, at.queue, mbufs, wanted);
  unsigned kept = 0;
  for (uint16_t i = 0; i < count; ++i) {
    rte_mbuf* mbuf = mbufs[i];
    // Nothing above sees a chain, nor a tag that the port took off.
    if (mbuf->nb_segs > 1 && rte_pktmbuf_linearize(mbuf) != 0) {
      rte_pktmbuf_free(mbuf);
      continue;
    }
    if ((mbuf->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0 && rte_vlan_insert(&mbuf) != 0) {
      rte_pktmbuf_free(mbuf);
      continue;
    }
    packets[kept++] = Packet(mbuf);
  }
  unusable += count - kept;
  return kept;
}

unsigned NicPort::send(uint16_t queue, std::span<Packet> packets) {
  rte_mbuf* mbufs[largest_burst];
  const auto wanted = static_cast<uint16_t>(std::min<size_t>(packets.size(), largest_burst));
  for (uint16_t i = 0; i < wanted; ++i) mbufs[i] = packets[i].release();
  const Place at = place(queue);
  const uint16_t sent = rte_eth_tx_burst(at.dpdk_port, at.queue, mbufs, wanted);
  for (uint16_t i = sent; i < wanted; ++i) packets[i] = Packet(mbufs[i]);
  return sent;
}

}  // namespace demarc::wire
