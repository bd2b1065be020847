// Frame: what a received Ethernet frame is, found by one walk over its headers.
//
// Free of DPDK and pure: octets in, verdict out. Called by Wire for every frame that a port hands
// over, on the worker's thread. Ethernet with one 802.1Q tag, IPv4 (RFC 791), IPv6 and its
// extension headers (RFC 8200), UDP (RFC 768). Everything that is right but not UDP goes to the
// kernel; what can not be right is dropped under the counter that the verdict names.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/contract/address.h"
#include "dataplane/contract/counters.h"
#include "dataplane/wire/ethernet.h"

namespace demarc::wire {

enum class FrameKind : uint8_t {
  udp,       // a whole UDP datagram; all fields are set
  fragment,  // a fragment of a UDP datagram; ports are not set, payload is what IP carries
  punt,      // for the kernel, as it is
  drop,      // counted under `drop_reason`
};

// Why a frame goes to the kernel; each class has its own rate limit.
enum class PuntClass : uint8_t { neighbour, icmp, tcp, udp, other, count };

// Kept in the private area of the frame's mbuf, so it travels with the Packet.
struct Frame {
  FrameKind kind = FrameKind::drop;
  PuntClass punt_class = PuntClass::other;
  contract::WorkerCounter drop_reason = contract::WorkerCounter::frame_malformed;
  contract::NicPortId port = contract::NicPortId::none;  // set by Wire
  uint16_t vlan = 0;
  uint16_t l3_offset = 0;  // of the IP header, from the frame's first octet
  uint16_t l3_length = 0;  // by the IP header; padding of the frame is not counted
  uint16_t udp_offset = 0;
  uint16_t payload_offset = 0;
  uint16_t payload_length = 0;
  contract::Endpoint local;      // destination
  contract::Endpoint remote;     // source
  uint32_t fragment_id = 0;      // of a fragment
  uint16_t fragment_offset = 0;  // of a fragment, in octets
  bool has_more_fragments = false;
  uint8_t dscp = 0;
  bool is_group = false;  // sent to a broadcast or multicast MAC address

  Segment segment() const { return {port, vlan}; }
};
static_assert(sizeof(Frame) <= 128);

struct FrameChecks {
  MacAddress own_mac;
  bool ip_checksum_is_good = false;   // the port has verified it
  bool udp_checksum_is_good = false;  // the port has verified it
};

Frame classify(std::span<const uint8_t> octets, const FrameChecks& checks);
// A datagram that Reassembly put together: `frame` has its l3 and UDP offsets and its addresses;
// the rest is filled in here, or its kind becomes drop.
void classify_udp(std::span<const uint8_t> octets, const FrameChecks& checks, Frame& frame);

}  // namespace demarc::wire
