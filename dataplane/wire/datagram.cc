#include "dataplane/wire/datagram.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "dataplane/wire/checksum.h"
#include "sip-parser/base/check.h"

namespace demarc::wire {
namespace {

constexpr uint16_t udp_octets = 8;
constexpr uint16_t ipv4_octets = 20;
constexpr uint16_t ipv6_octets = 40;
constexpr uint16_t fragment_octets = 8;
constexpr uint8_t protocol_udp = 17;
constexpr uint8_t header_fragment = 44;

void store16(uint8_t* out, uint32_t value) {
  const uint16_t wire = htons(static_cast<uint16_t>(value));
  std::memcpy(out, &wire, sizeof wire);
}
void store32(uint8_t* out, uint32_t value) {
  const uint32_t wire = htonl(value);
  std::memcpy(out, &wire, sizeof wire);
}

void write_udp(uint8_t* out, const Datagram& datagram, uint32_t length, uint16_t checksum) {
  store16(out, datagram.local.port);
  store16(out + 2, datagram.remote.port);
  store16(out + 4, length);
  std::memcpy(out + 6, &checksum, 2);
}

uint16_t load16(const uint8_t* octets) {
  return static_cast<uint16_t>(octets[0] << 8 | octets[1]);
}

}  // namespace

bool read_datagram(std::span<const uint8_t> l3, Datagram& datagram) {
  const bool is_v4 = !l3.empty() && l3[0] >> 4 == 4;
  const size_t header = is_v4 ? (l3[0] & 15u) * 4 : ipv6_octets;
  if (header < ipv4_octets || l3.size() < header + udp_octets) return false;
  if (l3[is_v4 ? 9 : 6] != protocol_udp) return false;
  if (is_v4) {
    datagram.local.address = contract::IpAddress::v4(l3[12], l3[13], l3[14], l3[15]);
    datagram.remote.address = contract::IpAddress::v4(l3[16], l3[17], l3[18], l3[19]);
    datagram.dscp = static_cast<uint8_t>(l3[1] >> 2);
  } else {
    std::memcpy(datagram.local.address.octets.data(), &l3[8], 16);
    std::memcpy(datagram.remote.address.octets.data(), &l3[24], 16);
    datagram.dscp = static_cast<uint8_t>((load16(&l3[0]) >> 6) & 0x3f);
  }
  const uint16_t length = load16(&l3[header + 4]);
  if (length < udp_octets || length > l3.size() - header) return false;
  datagram.local.port = load16(&l3[header]);
  datagram.remote.port = load16(&l3[header + 2]);
  datagram.payload = l3.subspan(header + udp_octets, length - udp_octets);
  return true;
}

DatagramWriter::DatagramWriter(const Datagram& datagram, uint16_t mtu, uint32_t identification)
    : datagram_(datagram),
      identification_(identification),
      total_(static_cast<uint32_t>(datagram.payload.size()) + udp_octets),
      mtu_(mtu),
      is_valid_(datagram.payload.size() <= max_datagram_octets &&
                datagram.local.address.is_v4() == datagram.remote.address.is_v4()),
      is_v4_(datagram.remote.address.is_v4()) {
  DEMARC_CHECK(mtu >= 576);
  if (!is_valid_) return;
  is_fragmented_ = total_ + (is_v4_ ? ipv4_octets : ipv6_octets) > mtu;
  uint8_t header[udp_octets];
  write_udp(header, datagram, total_, 0);
  const uint64_t sum = pseudo_header_sum(datagram.local.address, datagram.remote.address, total_) +
                       checksum_sum(header) + checksum_sum(datagram.payload);
  udp_checksum_ = checksum_fold(sum);
  // RFC 768: zero would mean that there is none.
  if (udp_checksum_ == 0) udp_checksum_ = 0xffff;
}

uint16_t DatagramWriter::room() const {
  const uint32_t left = total_ - done_;
  if (!is_fragmented_) return static_cast<uint16_t>(left);
  const uint32_t header = is_v4_ ? ipv4_octets : ipv6_octets + fragment_octets;
  const uint32_t most = mtu_ - header;
  // Every fragment but the last carries a multiple of eight octets.
  return static_cast<uint16_t>(left <= most ? left : most & ~7u);
}

uint16_t DatagramWriter::next_length() const {
  if (!is_valid_ || done_ == total_) return 0;
  const unsigned header = is_v4_ ? ipv4_octets : ipv6_octets + (is_fragmented_ ? 8u : 0u);
  return static_cast<uint16_t>(header + room());
}

uint8_t* DatagramWriter::write_ipv4(uint8_t* out, uint16_t length, bool has_more) const {
  out[0] = 0x45;
  out[1] = static_cast<uint8_t>(datagram_.dscp << 2);
  store16(out + 2, length);
  store16(out + 4, identification_);
  store16(out + 6, (done_ / 8) | (has_more ? 0x2000u : 0u));
  out[8] = default_hop_limit;
  out[9] = protocol_udp;
  store16(out + 10, 0);
  std::memcpy(out + 12, &datagram_.local.address.octets[12], 4);
  std::memcpy(out + 16, &datagram_.remote.address.octets[12], 4);
  const uint16_t checksum = checksum_fold(checksum_sum({out, ipv4_octets}));
  std::memcpy(out + 10, &checksum, 2);
  return out + ipv4_octets;
}

uint8_t* DatagramWriter::write_ipv6(uint8_t* out, uint16_t length, bool has_more) const {
  store32(out, 6u << 28 | static_cast<uint32_t>(datagram_.dscp) << 22);
  store16(out + 4, static_cast<uint32_t>(length - ipv6_octets));
  out[6] = is_fragmented_ ? header_fragment : protocol_udp;
  out[7] = default_hop_limit;
  std::memcpy(out + 8, datagram_.local.address.octets.data(), 16);
  std::memcpy(out + 24, datagram_.remote.address.octets.data(), 16);
  out += ipv6_octets;
  if (!is_fragmented_) return out;
  out[0] = protocol_udp;
  out[1] = 0;
  store16(out + 2, done_ | (has_more ? 1u : 0u));
  store32(out + 4, identification_);
  return out + fragment_octets;
}

void DatagramWriter::write_next(uint8_t* l3) {
  const uint16_t length = next_length();
  uint32_t left = room();
  const bool has_more = done_ + left < total_;
  uint8_t* out = is_v4_ ? write_ipv4(l3, length, has_more) : write_ipv6(l3, length, has_more);
  if (done_ == 0) {
    write_udp(out, datagram_, total_, udp_checksum_);
    out += udp_octets;
    left -= udp_octets;
    done_ = udp_octets;
  }
  if (left != 0) std::memcpy(out, datagram_.payload.data() + (done_ - udp_octets), left);
  done_ += left;
}

}  // namespace demarc::wire
