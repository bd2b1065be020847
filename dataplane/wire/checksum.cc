#include "dataplane/wire/checksum.h"

#include <arpa/inet.h>

#include <bit>
#include <cstring>

namespace demarc::wire {
namespace {

// Adding 32-bit words as they stand in memory is the same sum modulo 65,535, and vectorizes.
static_assert(std::endian::native == std::endian::little);

uint16_t load16(const uint8_t* octets) {
  uint16_t word;
  std::memcpy(&word, octets, sizeof word);
  return word;
}

uint16_t reduce(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

}  // namespace

uint64_t checksum_sum(std::span<const uint8_t> octets) {
  uint64_t sum = 0;
  const size_t words = octets.size() / 4;
  for (size_t i = 0; i < words; ++i) {
    uint32_t word;
    std::memcpy(&word, octets.data() + 4 * i, sizeof word);
    sum += word;
  }
  const uint8_t* rest = octets.data() + 4 * words;
  size_t left = octets.size() % 4;
  if (left >= 2) {
    sum += load16(rest);
    rest += 2;
    left -= 2;
  }
  if (left != 0) sum += *rest;
  return sum;
}

uint16_t checksum_fold(uint64_t sum) {
  return static_cast<uint16_t>(~reduce(sum));
}

uint64_t pseudo_header_sum(const contract::IpAddress& source,
                           const contract::IpAddress& destination, uint32_t udp_length) {
  const bool is_v4 = destination.is_v4();
  const size_t from = is_v4 ? 12 : 0;
  uint64_t sum = checksum_sum(std::span(source.octets).subspan(from));
  sum += checksum_sum(std::span(destination.octets).subspan(from));
  sum += htons(17);
  return sum + htons(static_cast<uint16_t>(udp_length & 0xffff)) +
         htons(static_cast<uint16_t>(udp_length >> 16));
}

uint16_t checksum_update(uint16_t checksum, uint16_t before, uint16_t after) {
  const uint64_t sum = static_cast<uint64_t>(static_cast<uint16_t>(~checksum)) +
                       static_cast<uint16_t>(~before) + after;
  return checksum_fold(sum);
}

uint16_t checksum_update(uint16_t checksum, std::span<const uint8_t> before,
                         std::span<const uint8_t> after) {
  // The complement of the sum of a run stands for the sum of the complements of its words.
  const uint64_t sum = static_cast<uint64_t>(static_cast<uint16_t>(~checksum)) +
                       static_cast<uint16_t>(~reduce(checksum_sum(before))) + checksum_sum(after);
  return checksum_fold(sum);
}

}  // namespace demarc::wire
