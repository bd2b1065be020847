#include "dataplane/wire/checksum.h"

#include <arpa/inet.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif

#include <bit>
#include <cstring>

namespace demarc::wire {
namespace {

// Adding longer words as they stand in memory is the same sum modulo 65,535.
static_assert(std::endian::native == std::endian::little);

uint16_t load16(const uint8_t* octets) {
  uint16_t word;
  std::memcpy(&word, octets, sizeof word);
  return word;
}

constexpr size_t block_octets = 32;

uint64_t sum_of_eight(const uint8_t* octets) {
  uint64_t words;
  std::memcpy(&words, octets, sizeof words);
  return (words & 0xffffffff) + (words >> 32);
}

#ifdef __AVX2__
uint64_t sum_of_blocks(const uint8_t* at, size_t count) {
  if (count == 0) return 0;
  const __m256i low_words = _mm256_set1_epi64x(0xffffffff);
  __m256i sums = _mm256_setzero_si256();
  for (; count != 0; --count, at += block_octets) {
    const __m256i words = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    sums = _mm256_add_epi64(sums, _mm256_and_si256(words, low_words));
    sums = _mm256_add_epi64(sums, _mm256_srli_epi64(words, 32));
  }
  __m128i halves = _mm256_castsi256_si128(sums);
  halves = _mm_add_epi64(halves, _mm256_extracti128_si256(sums, 1));
  return static_cast<uint64_t>(_mm_cvtsi128_si64(halves)) +
         static_cast<uint64_t>(_mm_extract_epi64(halves, 1));
}
#else
uint64_t sum_of_blocks(const uint8_t* at, size_t count) {
  uint64_t sum = 0;
  for (size_t i = 0; i < count * block_octets; i += 8) sum += sum_of_eight(at + i);
  return sum;
}
#endif

}  // namespace

uint64_t checksum_sum(std::span<const uint8_t> octets) {
  const uint8_t* at = octets.data();
  const size_t blocks = octets.size() / block_octets;
  uint64_t sum = sum_of_blocks(at, blocks);
  at += blocks * block_octets;
  // A loop over the rest would be made one of vectors, for less than four turns.
  const size_t rest = octets.size() % block_octets;
  if ((rest & 16) != 0) {
    sum += sum_of_eight(at) + sum_of_eight(at + 8);
    at += 16;
  }
  if ((rest & 8) != 0) {
    sum += sum_of_eight(at);
    at += 8;
  }
  if ((rest & 4) != 0) {
    sum += uint64_t{load16(at)} + load16(at + 2);
    at += 4;
  }
  if ((rest & 2) != 0) {
    sum += load16(at);
    at += 2;
  }
  if ((rest & 1) != 0) sum += *at;
  return sum;
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
                       static_cast<uint16_t>(~checksum_reduce(checksum_sum(before))) +
                       checksum_sum(after);
  return checksum_fold(sum);
}

}  // namespace demarc::wire
