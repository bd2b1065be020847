#include "dataplane/media/outgoing.h"

#include <algorithm>
#include <cstring>

#include "dataplane/media/checksum.h"

namespace demarc::media {
namespace {

constexpr uint8_t ttl = 64;
constexpr uint8_t protocol_udp = 17;

// The twelve octets before an IPv4-mapped address are constant, so they are left out for IPv4.
uint64_t sum_of(const contract::Endpoint& end) {
  const std::span<const uint8_t> octets = end.address.octets;
  return sum_words(end.address.is_v4() ? octets.subspan(12) : octets) + network_word(end.port);
}

uint8_t* write_v4(Slot& slot, const contract::Endpoint& source,
                  const contract::Endpoint& destination) {
  uint8_t* header = slot.header.data();
  header[0] = 0x45;
  header[1] = static_cast<uint8_t>(slot.dscp << 2);
  header[8] = ttl;
  header[9] = protocol_udp;
  std::memcpy(header + 12, &source.address.octets[12], 4);
  std::memcpy(header + 16, &destination.address.octets[12], 4);
  return header + 20;
}

uint8_t* write_v6(Slot& slot, const contract::Endpoint& source,
                  const contract::Endpoint& destination) {
  uint8_t* header = slot.header.data();
  header[0] = static_cast<uint8_t>(0x60 | slot.dscp >> 2);
  header[1] = static_cast<uint8_t>(slot.dscp << 6);
  header[6] = protocol_udp;
  header[7] = ttl;
  std::memcpy(header + 8, source.address.octets.data(), 16);
  std::memcpy(header + 24, destination.address.octets.data(), 16);
  return header + 40;
}

}  // namespace

void build_header(Slot& slot, const contract::Endpoint& source,
                  const contract::Endpoint& destination) {
  const bool is_v4 = destination.address.is_v4();
  slot.header.fill(0);
  uint8_t* udp = is_v4 ? write_v4(slot, source, destination) : write_v6(slot, source, destination);
  store16(udp, network_word(source.port));
  store16(udp + 2, network_word(destination.port));
  slot.header_length = is_v4 ? v4_header_length : v6_header_length;
  slot.ip_sum = is_v4 ? fold_sum(sum_words({slot.header.data(), 20})) : uint16_t{0};
  slot.pseudo_sum = fold_sum(sum_of(source) + sum_of(destination) + network_word(protocol_udp));
  slot.remote_out = destination;
}

void update_checksum_delta(Slot& slot) {
  const contract::Endpoint sender{slot.expected_source, slot.expected_port};
  const uint16_t before =
      fold_sum(sum_of(sender) + sum_of(slot.local) + network_word(protocol_udp));
  slot.checksum_delta = checksum_delta(before, slot.pseudo_sum);
}

}  // namespace demarc::media
