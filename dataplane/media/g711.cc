#include "dataplane/media/g711.h"

#include <algorithm>
#include <array>

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace demarc::media {
namespace {

using Table = std::array<uint8_t, 256>;
using Values = std::array<int16_t, 256>;

// A value's number counts from 0, the smallest, in both halves. The octet is the number with the
// sign on top, and inverted in part: all bits in mu-law, the even ones in A-law, the sign in both.
constexpr uint8_t a_octet(unsigned number, unsigned sign) {
  return static_cast<uint8_t>((number ^ 0xd5) ^ sign);
}
constexpr uint8_t mu_octet(unsigned number, unsigned sign) {
  return static_cast<uint8_t>((0xff - number) ^ sign);
}

// G.711 table 3, mu-law to A-law: where mu-law has the finer steps two values become one; further
// up, values of A-law that no value of mu-law becomes are left out.
constexpr unsigned a_number_of(unsigned mu_number) {
  constexpr unsigned left_out[] = {25, 27, 29, 31, 44, 46, 62, 80};
  if (mu_number < 16) return mu_number / 2;
  unsigned number = mu_number - 8;
  for (const unsigned one : left_out) number += number >= one ? 1 : 0;
  return number;
}

// G.711 table 4, A-law to mu-law: the same the other way; these get the mu-law value of the one
// before.
constexpr unsigned mu_number_of(unsigned a_number) {
  constexpr unsigned repeated[] = {25, 27, 29, 31, 45, 47, 63, 80};
  if (a_number < 8) return 2 * a_number + 1;
  unsigned number = a_number + 8;
  for (const unsigned one : repeated) number -= a_number >= one ? 1 : 0;
  return number;
}

constexpr Table make_table(Law from) {
  Table table{};
  for (unsigned number = 0; number < 128; ++number) {
    for (const unsigned sign : {0u, 0x80u}) {
      if (from == Law::a) {
        table[a_octet(number, sign)] = mu_octet(mu_number_of(number), sign);
      } else {
        table[mu_octet(number, sign)] = a_octet(a_number_of(number), sign);
      }
    }
  }
  return table;
}

// G.711 tables 1a and 2a, scaled to 16 bits: eight segments of 16 steps, each twice as coarse as
// the one before; the first two of A-law are alike.
constexpr int a_value(unsigned number) {
  const unsigned segment = number >> 4;
  const int step = static_cast<int>(number & 15);
  return segment == 0 ? step * 16 + 8 : (step * 16 + 0x108) << (segment - 1);
}
constexpr int mu_value(unsigned number) {
  const int step = static_cast<int>(number & 15);
  return ((step * 8 + 0x84) << (number >> 4)) - 0x84;
}

constexpr Values make_values(Law law) {
  Values values{};
  for (unsigned number = 0; number < 128; ++number) {
    const int value = law == Law::a ? a_value(number) : mu_value(number);
    for (const unsigned sign : {0u, 0x80u}) {
      const uint8_t octet = law == Law::a ? a_octet(number, sign) : mu_octet(number, sign);
      values[octet] = static_cast<int16_t>(sign == 0 ? value : -value);
    }
  }
  return values;
}

alignas(64) constexpr Table to_mu = make_table(Law::a);
alignas(64) constexpr Table to_a = make_table(Law::mu);
alignas(64) constexpr Values a_values = make_values(Law::a);
alignas(64) constexpr Values mu_values = make_values(Law::mu);

constexpr const Table& table_from(Law law) {
  return law == Law::a ? to_mu : to_a;
}

}  // namespace

void transcode_scalar(Law law, std::span<uint8_t> audio) {
  const Table& table = table_from(law);
  for (uint8_t& octet : audio) octet = table[octet];
}

#ifdef __AVX2__

// Sixteen look-ups in 16 octets of the table each: an octet whose high half is not that of the part
// is pushed to 0x80 or above, for which the look-up gives 0.
void transcode(Law law, std::span<uint8_t> audio) {
  const Table& table = table_from(law);
  size_t at = 0;
  for (; at + 32 <= audio.size(); at += 32) {
    auto* octets = reinterpret_cast<__m256i*>(audio.data() + at);
    const __m256i in = _mm256_loadu_si256(octets);
    __m256i out = _mm256_setzero_si256();
    for (unsigned part = 0; part < 16; ++part) {
      const __m256i entries = _mm256_broadcastsi128_si256(
          _mm_load_si128(reinterpret_cast<const __m128i*>(&table[part * 16])));
      const __m256i high = _mm256_set1_epi8(static_cast<char>(part << 4));
      const __m256i index = _mm256_adds_epu8(_mm256_xor_si256(in, high), _mm256_set1_epi8(0x70));
      out = _mm256_or_si256(out, _mm256_shuffle_epi8(entries, index));
    }
    _mm256_storeu_si256(octets, out);
  }
  transcode_scalar(law, audio.subspan(at));
}

#else

void transcode(Law law, std::span<uint8_t> audio) {
  transcode_scalar(law, audio);
}

#endif

void decode(Law law, std::span<const uint8_t> audio, std::span<int16_t> samples) {
  const Values& values = law == Law::a ? a_values : mu_values;
  const size_t count = std::min(audio.size(), samples.size());
  for (size_t i = 0; i < count; ++i) samples[i] = values[audio[i]];
}

// Halving: values grow with their numbers.
uint8_t encode(Law law, int16_t sample) {
  const unsigned sign = sample < 0 ? 0x80 : 0;
  const int size = sample < 0 ? -int{sample} : int{sample};
  const auto value_of = [law](unsigned number) {
    return law == Law::a ? a_value(number) : mu_value(number);
  };
  unsigned low = 0;
  unsigned high = 127;
  while (low < high) {
    const unsigned middle = (low + high) / 2;
    // The border between two values lies in their middle.
    if (2 * size > value_of(middle) + value_of(middle + 1)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return law == Law::a ? a_octet(low, sign) : mu_octet(low, sign);
}

}  // namespace demarc::media
