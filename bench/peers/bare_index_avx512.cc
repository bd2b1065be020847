// Compiled with AVX-512 flags whatever the project's -march is, and called where the CPU has it.
#include "bench/peers/bare_index_loop.h"

namespace demarc::bench {
namespace {

struct Avx512Masks {
  static uint64_t of(const char* data, char c) {
    return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(data), _mm512_set1_epi8(c));
  }
};

}  // namespace

unsigned bare_index_avx512(std::string_view datagram, BareIndex& index) {
  return bare_index<Avx512Masks>(datagram, index);
}

}  // namespace demarc::bench
