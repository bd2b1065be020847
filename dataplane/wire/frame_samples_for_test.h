// Frames made by hand, for the tests of this folder. Header only, tests only.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "dataplane/wire/checksum.h"
#include "dataplane/wire/ethernet.h"

namespace demarc::wire::samples {

using Octets = std::vector<uint8_t>;

inline constexpr MacAddress our_mac{{2, 0, 0, 0, 0, 1}};
inline constexpr MacAddress peer_mac{{2, 0, 0, 0, 0, 2}};
inline constexpr auto our_v4 = contract::IpAddress::v4(192, 0, 2, 1);
inline constexpr auto peer_v4 = contract::IpAddress::v4(192, 0, 2, 2);
inline constexpr contract::IpAddress our_v6{
    {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
inline constexpr contract::IpAddress peer_v6{
    {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}};

inline void put16(Octets& out, size_t at, unsigned value) {
  out[at] = static_cast<uint8_t>(value >> 8);
  out[at + 1] = static_cast<uint8_t>(value);
}
// Not vector::insert, and not inline: g++ 12 warns of overflows in them that are none.
[[gnu::noinline]] inline void append(Octets& out, const void* octets, size_t count) {
  const size_t before = out.size();
  out.resize(before + count);
  if (count != 0) std::memcpy(out.data() + before, octets, count);
}
inline void append(Octets& out, const Octets& more) {
  append(out, more.data(), more.size());
}

inline Octets ethernet(unsigned ethertype, const Octets& payload,
                       const MacAddress& destination = our_mac) {
  Octets out(14);
  std::memcpy(&out[0], destination.octets.data(), 6);
  std::memcpy(&out[6], peer_mac.octets.data(), 6);
  put16(out, 12, ethertype);
  append(out, payload);
  return out;
}

// A tag (TCI) before what ethernet() made.
inline Octets tagged(const Octets& frame, unsigned tci) {
  Octets out(16);
  std::memcpy(&out[0], frame.data(), 12);
  put16(out, 12, ethertype_vlan);
  put16(out, 14, tci);
  append(out, frame.data() + 12, frame.size() - 12);
  return out;
}

inline void fix_ipv4(Octets& ip) {
  const size_t header = (ip[0] & 15u) * 4;
  ip[10] = ip[11] = 0;
  const uint16_t sum = checksum_fold(checksum_sum({ip.data(), header}));
  std::memcpy(&ip[10], &sum, 2);
}

// 192.0.2.2 -> 192.0.2.1, DSCP 24; `options` must have a multiple of four octets.
inline Octets ipv4(unsigned protocol, const Octets& payload, unsigned fragment = 0,
                   const Octets& options = {}) {
  Octets out(20);
  out[0] = static_cast<uint8_t>(0x45 + options.size() / 4);
  out[1] = 24 << 2;
  out[4] = 0x12;
  out[5] = 0x34;
  put16(out, 6, fragment);
  out[8] = 64;
  out[9] = static_cast<uint8_t>(protocol);
  std::memcpy(&out[12], &peer_v4.octets[12], 4);
  std::memcpy(&out[16], &our_v4.octets[12], 4);
  append(out, options);
  append(out, payload);
  put16(out, 2, static_cast<unsigned>(out.size()));
  fix_ipv4(out);
  return out;
}

// 2001:db8::2 -> 2001:db8::1, DSCP 24. Extension headers are part of the payload.
inline Octets ipv6(unsigned next_header, const Octets& payload) {
  Octets out(40);
  put16(out, 0, 0x6000 | 24u << 6);
  put16(out, 4, static_cast<unsigned>(payload.size()));
  out[6] = static_cast<uint8_t>(next_header);
  out[7] = 64;
  std::memcpy(&out[8], peer_v6.octets.data(), 16);
  std::memcpy(&out[24], our_v6.octets.data(), 16);
  append(out, payload);
  return out;
}

// 7000 -> 5060 with its checksum for the addresses above.
inline Octets udp(std::string_view text, bool is_v4 = true) {
  Octets out(8);
  put16(out, 0, 7000);
  put16(out, 2, 5060);
  append(out, text.data(), text.size());
  put16(out, 4, static_cast<unsigned>(out.size()));
  const auto length = static_cast<uint32_t>(out.size());
  const uint64_t pseudo = is_v4 ? pseudo_header_sum(peer_v4, our_v4, length)
                                : pseudo_header_sum(peer_v6, our_v6, length);
  const uint16_t sum = checksum_fold(pseudo + checksum_sum(out));
  std::memcpy(&out[6], &sum, 2);
  return out;
}

inline Octets udp_v4_frame(std::string_view text) {
  return ethernet(ethertype_ipv4, ipv4(17, udp(text)));
}
inline Octets udp_v6_frame(std::string_view text) {
  return ethernet(ethertype_ipv6, ipv6(17, udp(text, false)));
}

}  // namespace demarc::wire::samples
