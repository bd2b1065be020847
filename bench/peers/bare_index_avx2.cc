#include "bench/peers/bare_index_loop.h"

namespace demarc::bench {
namespace {

struct Avx2Masks {
  static uint32_t half_of(const char* data, char c) {
    const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data));
    return static_cast<uint32_t>(
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(block, _mm256_set1_epi8(c))));
  }
  static uint64_t of(const char* data, char c) {
    return half_of(data, c) | static_cast<uint64_t>(half_of(data + 32, c)) << 32;
  }
};

}  // namespace

unsigned bare_index_avx2(std::string_view datagram, BareIndex& index) {
  return bare_index<Avx2Masks>(datagram, index);
}

}  // namespace demarc::bench
