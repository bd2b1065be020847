// Datagram: UDP datagrams to be sent, written as IP packets, in fragments where the MTU asks.
//
// Free of DPDK. Wire calls it for what the engine composed; media rewrites its packets in place and
// does not come here. IPv4 (RFC 791), IPv6 and its fragment header (RFC 8200 section 4.5).
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/contract/address.h"

namespace demarc::wire {

// A UDP datagram to send. The payload is the caller's and is only read.
struct Datagram {
  contract::Endpoint local;
  contract::Endpoint remote;  // of the family of `local`
  uint8_t dscp = 0;
  std::span<const uint8_t> payload;
};

// Reads a UDP datagram that stands in an IP packet with a plain header, to send it in fragments.
// False when it is none. The payload stays where it is.
[[nodiscard]] bool read_datagram(std::span<const uint8_t> l3, Datagram& datagram);

// The UDP payload limit: 65,535 less the IPv4 and UDP headers.
inline constexpr unsigned max_datagram_octets = 65507;
inline constexpr uint8_t default_hop_limit = 64;

// Cuts one datagram into packets of at most `mtu` octets. Lives on the stack during one send.
class DatagramWriter {
 public:
  // `identification` is any number that does not repeat soon. Needs mtu >= 576.
  DatagramWriter(const Datagram& datagram, uint16_t mtu, uint32_t identification);

  // False when the two endpoints are of different families or the payload is too long.
  bool is_valid() const { return is_valid_; }
  // Octets of the next packet; 0 when all are written.
  uint16_t next_length() const;
  // Writes the next packet, next_length() octets, at `l3`.
  void write_next(uint8_t* l3);
  bool is_v4() const { return is_v4_; }

 private:
  uint8_t* write_ipv4(uint8_t* out, uint16_t length, bool has_more) const;
  uint8_t* write_ipv6(uint8_t* out, uint16_t length, bool has_more) const;
  uint16_t room() const;  // octets of UDP header and payload in the next packet

  const Datagram& datagram_;
  uint32_t identification_;
  uint32_t total_;     // UDP header and payload
  uint32_t done_ = 0;  // of total_
  uint16_t mtu_;
  uint16_t udp_checksum_ = 0;
  bool is_valid_;
  bool is_v4_;
  bool is_fragmented_ = false;
};

}  // namespace demarc::wire
