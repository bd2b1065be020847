// UDP packets for tests, built and checked octet by octet, independent of checksum.h.
//
// Included by unit tests of dataplane/media/ and by bench/relay_bench.cc; it allocates.
#pragma once

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "dataplane/media/frame.h"

namespace demarc::support {

using Octets = std::vector<uint8_t>;

// A std::mt19937 whose numbers are 32 bits wide in the type, too.
class TestRandom {
 public:
  explicit TestRandom(unsigned seed) : engine_(seed) {}
  uint32_t operator()() { return static_cast<uint32_t>(engine_()); }

 private:
  std::mt19937 engine_;
};

inline void append16(Octets& octets, unsigned number) {
  octets.push_back(static_cast<uint8_t>(number >> 8));
  octets.push_back(static_cast<uint8_t>(number));
}
inline void append32(Octets& octets, uint32_t number) {
  append16(octets, number >> 16);
  append16(octets, number & 0xffff);
}

// RFC 1071, as its words say; 0 when a checksum inside is right.
inline uint16_t plain_checksum(Octets octets) {
  if (octets.size() % 2 != 0) octets.push_back(0);
  uint32_t sum = 0;
  for (size_t i = 0; i < octets.size(); i += 2) {
    sum += static_cast<uint32_t>(octets[i] << 8 | octets[i + 1]);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return static_cast<uint16_t>(~sum);
}

inline void append_address(Octets& octets, const contract::IpAddress& address) {
  octets.insert(octets.end(), address.octets.begin() + (address.is_v4() ? 12 : 0),
                address.octets.end());
}

struct Flow {
  contract::Endpoint from;
  contract::Endpoint to;
};

inline Octets pseudo_header(const Flow& route, unsigned udp_length) {
  Octets pseudo;
  append_address(pseudo, route.from.address);
  append_address(pseudo, route.to.address);
  append32(pseudo, udp_length);
  append32(pseudo, 17);
  return pseudo;
}

enum class Checksum : uint8_t { right, none, damaged };

inline Octets udp_datagram(const Flow& route, const Octets& payload, Checksum kind) {
  const unsigned length = static_cast<unsigned>(payload.size()) + 8;
  Octets udp;
  append16(udp, route.from.port);
  append16(udp, route.to.port);
  append16(udp, length);
  append16(udp, 0);
  udp.insert(udp.end(), payload.begin(), payload.end());
  Octets whole = pseudo_header(route, length);
  whole.insert(whole.end(), udp.begin(), udp.end());
  unsigned checksum = plain_checksum(whole);
  if (checksum == 0) checksum = 0xffff;
  if (kind == Checksum::none) checksum = 0;
  if (kind == Checksum::damaged) checksum = checksum == 0x1234 ? 0x4321 : 0x1234;
  udp[6] = static_cast<uint8_t>(checksum >> 8);
  udp[7] = static_cast<uint8_t>(checksum);
  return udp;
}

// `options`: octets of IPv4 options, a multiple of four.
inline Octets ip_packet(const Flow& route, const Octets& payload, Checksum kind = Checksum::right,
                        unsigned options = 0) {
  const Octets udp = udp_datagram(route, payload, kind);
  Octets ip;
  if (route.from.address.is_v4()) {
    append16(ip, 0x4500 + (options / 4 << 8));
    append16(ip, static_cast<unsigned>(20 + options + udp.size()));
    append32(ip, 0xabcd4000);  // an id, and DF
    append32(ip, 0x03110000);  // TTL 3
    append_address(ip, route.from.address);
    append_address(ip, route.to.address);
    ip.resize(20 + options, 1);  // "no operation"
    const unsigned checksum = plain_checksum(ip);
    ip[10] = static_cast<uint8_t>(checksum >> 8);
    ip[11] = static_cast<uint8_t>(checksum);
  } else {
    append32(ip, 0x60012345);
    append16(ip, static_cast<unsigned>(udp.size()));
    append16(ip, 17 << 8 | 3);
    append_address(ip, route.from.address);
    append_address(ip, route.to.address);
  }
  ip.insert(ip.end(), udp.begin(), udp.end());
  return ip;
}

struct TestRtp {
  unsigned sequence = 0;
  uint32_t timestamp = 0;
  uint32_t ssrc = 0x01020304;
  unsigned body = 160;
};
inline Octets rtp_payload(const TestRtp& rtp) {
  Octets payload{0x80, 0x08};
  append16(payload, rtp.sequence & 0xffff);
  append32(payload, rtp.timestamp);
  append32(payload, rtp.ssrc);
  for (unsigned i = 0; i < rtp.body; ++i) payload.push_back(static_cast<uint8_t>(i * 37 + 11));
  return payload;
}

// A packet in a buffer of exactly `headroom` octets before it and none after it, so that a
// sanitizer sees each octet beyond.
class TestPacket {
 public:
  TestPacket(const Flow& route, const Octets& ip, uint32_t slot, uint16_t headroom = 64)
      : buffer_(headroom + ip.size()) {
    std::memcpy(buffer_.data() + headroom, ip.data(), ip.size());
    const bool is_v4 = ip[0] >> 4 == 4;
    const unsigned header = is_v4 ? 4u * (ip[0] & 15) : 40u;
    frame.l3 = buffer_.data() + headroom;
    frame.l3_length = static_cast<uint16_t>(ip.size());
    frame.headroom = headroom;
    frame.payload_offset = static_cast<uint16_t>(header + 8);
    frame.payload_length = static_cast<uint16_t>(ip.size() - header - 8);
    frame.source = route.from;
    frame.slot = slot;
  }
  TestPacket(const TestPacket&) = delete;
  TestPacket& operator=(const TestPacket&) = delete;

  bool is_forwarded() const { return frame.outcome == media::Frame::Outcome::forward; }
  Octets octets() const { return Octets(frame.l3, frame.l3 + frame.l3_length); }
  bool is_inside() const {
    return frame.l3 == buffer_.data() + frame.headroom &&
           frame.l3 + frame.l3_length <= buffer_.data() + buffer_.size();
  }

  media::Frame frame;

 private:
  Octets buffer_;
};

// What is wrong with a packet that we sent; empty when it is `payload` on `route`, all in order.
inline std::string fault_of(const Octets& ip, const Flow& route, const Octets& payload,
                            uint8_t dscp) {
  const bool is_v4 = route.to.address.is_v4();
  const size_t header = is_v4 ? 20 : 40;
  if (ip.size() != header + 8 + payload.size()) return "length of the packet";
  Octets addresses;
  append_address(addresses, route.from.address);
  append_address(addresses, route.to.address);
  if (std::memcmp(&ip[is_v4 ? 12 : 8], addresses.data(), addresses.size()) != 0) return "addresses";
  if (is_v4) {
    if (ip[0] != 0x45 || ip[1] != dscp << 2) return "version or DSCP";
    if (static_cast<size_t>(ip[2] << 8 | ip[3]) != ip.size()) return "total length";
    if (ip[4] != 0 || ip[5] != 0 || ip[6] != 0 || ip[7] != 0) return "fragmentation fields";
    if (ip[8] != 64 || ip[9] != 17) return "TTL or protocol";
    if (plain_checksum(Octets(ip.begin(), ip.begin() + 20)) != 0) return "IP checksum";
  } else {
    if (ip[0] != (0x60 | dscp >> 2) || ip[1] != static_cast<uint8_t>(dscp << 6)) return "class";
    if (static_cast<size_t>(ip[4] << 8 | ip[5]) != ip.size() - 40) return "payload length";
    if (ip[6] != 17 || ip[7] != 64) return "next header or hop limit";
  }
  const Octets udp(ip.begin() + static_cast<long>(header), ip.end());
  if ((udp[0] << 8 | udp[1]) != route.from.port) return "source port";
  if ((udp[2] << 8 | udp[3]) != route.to.port) return "destination port";
  if (static_cast<size_t>(udp[4] << 8 | udp[5]) != udp.size()) return "UDP length";
  if (!std::equal(payload.begin(), payload.end(), udp.begin() + 8)) return "payload";
  if (udp[6] == 0 && udp[7] == 0) return is_v4 ? "no UDP checksum" : "no UDP checksum over IPv6";
  Octets whole = pseudo_header(route, static_cast<unsigned>(udp.size()));
  whole.insert(whole.end(), udp.begin(), udp.end());
  return plain_checksum(whole) == 0 ? "" : "UDP checksum";
}

}  // namespace demarc::support
