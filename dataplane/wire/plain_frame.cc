#include "dataplane/wire/plain_frame.h"

#include <bit>
#include <cstring>

#include "dataplane/wire/checksum.h"

namespace demarc::wire {
namespace {

// Fields are compared as they stand in memory.
static_assert(std::endian::native == std::endian::little);

template <class Word>
Word load(const uint8_t* octets) {
  Word word;
  std::memcpy(&word, octets, sizeof word);
  return word;
}
constexpr uint16_t swapped(uint16_t word) {
  return static_cast<uint16_t>(word << 8 | word >> 8);
}

constexpr unsigned ip_octets = 20;
constexpr unsigned udp_octets = 8;
constexpr uint16_t version_and_length = 0x45;
constexpr uint16_t fragment_bits = swapped(0x3fff);
constexpr uint8_t protocol_udp = 17;

uint64_t sum_of_header(const uint8_t* ip) {
  const auto first = load<uint64_t>(ip);
  const auto second = load<uint64_t>(ip + 8);
  return (first & 0xffffffff) + (first >> 32) + (second & 0xffffffff) + (second >> 32) +
         load<uint32_t>(ip + 16);
}

// ::ffff:a.b.c.d
void set_v4(contract::IpAddress& address, uint32_t wire_order) {
  const uint64_t halves[2] = {0, uint64_t{wire_order} << 32 | 0xffff0000};
  std::memcpy(address.octets.data(), halves, sizeof halves);
}

// RFC 1122 section 3.2.1.3: what can not be the source of a datagram to us.
bool is_host(uint8_t first_octet) {
  return first_octet != 0 && first_octet != 127 && first_octet < 224;
}

bool has_right_checksum(const uint8_t* udp, const uint8_t* ip, uint16_t length) {
  const uint64_t pseudo = uint64_t{load<uint32_t>(ip + 12)} + load<uint32_t>(ip + 16) +
                          swapped(protocol_udp) + swapped(length);
  return checksum_fold(pseudo + checksum_sum({udp, length})) == 0;
}

// All that can be told without adding octets up; fills `frame` on the way.
template <unsigned l3_offset>
bool read_headers(std::span<const uint8_t> octets, Frame& frame) {
  constexpr unsigned udp_offset = l3_offset + ip_octets;
  const uint8_t* ip = octets.data() + l3_offset;
  const uint8_t* udp = octets.data() + udp_offset;
  const unsigned total = swapped(load<uint16_t>(ip + 2));
  const unsigned length = swapped(load<uint16_t>(udp + 4));
  const uint32_t ports = load<uint32_t>(udp);
  const bool is_plain =
      load<uint16_t>(ip - 2) == swapped(ethertype_ipv4) && ip[0] == version_and_length &&
      (load<uint16_t>(ip + 6) & fragment_bits) == 0 && ip[9] == protocol_udp &&
      total <= octets.size() - l3_offset && length >= udp_octets && length + ip_octets <= total &&
      (ports & 0xffff) != 0 && ports >> 16 != 0 && is_host(ip[12]);
  if (!is_plain) return false;
  frame.l3_offset = l3_offset;
  frame.l3_length = static_cast<uint16_t>(total);
  frame.udp_offset = udp_offset;
  frame.payload_offset = udp_offset + udp_octets;
  frame.payload_length = static_cast<uint16_t>(length - udp_octets);
  set_v4(frame.local.address, load<uint32_t>(ip + 16));
  set_v4(frame.remote.address, load<uint32_t>(ip + 12));
  frame.local.port = swapped(static_cast<uint16_t>(ports >> 16));
  frame.remote.port = swapped(static_cast<uint16_t>(ports & 0xffff));
  frame.dscp = static_cast<uint8_t>(ip[1] >> 2);
  return true;
}

}  // namespace

PlainPort::PlainPort(const MacAddress& mac, contract::NicPortId id) : mac_(0), id_(id) {
  std::memcpy(&mac_, mac.octets.data(), mac.octets.size());
  if (mac.is_group()) mac_ = ~uint64_t{0};
}

bool classify_plain(std::span<const uint8_t> octets, const PlainPort& port, VerifiedByPort verified,
                    Frame& frame) {
  constexpr unsigned least = ethernet_octets + vlan_octets + ip_octets + udp_octets;
  if (octets.size() < least || !port.is_to_us(load<uint64_t>(octets.data()))) return false;
  if (load<uint16_t>(octets.data() + 12) != swapped(ethertype_vlan)) [[likely]] {
    frame.vlan = 0;
    if (!read_headers<ethernet_octets>(octets, frame)) return false;
  } else {
    frame.vlan = swapped(load<uint16_t>(octets.data() + 14)) & 0xfff;
    if (!read_headers<ethernet_octets + vlan_octets>(octets, frame)) return false;
  }
  frame.kind = FrameKind::udp;
  frame.punt_class = PuntClass::udp;
  frame.port = port.id();
  frame.is_group = false;
  const uint8_t* ip = octets.data() + frame.l3_offset;
  if (!verified.ip_is_good && checksum_fold(sum_of_header(ip)) != 0) return false;
  const uint8_t* udp = ip + ip_octets;
  const bool needs_sum = load<uint16_t>(udp + 6) != 0 && !verified.udp_is_good;
  const auto length = static_cast<uint16_t>(frame.payload_length + udp_octets);
  return !needs_sum || has_right_checksum(udp, ip, length);
}

}  // namespace demarc::wire
