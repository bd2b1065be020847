// The index pass: finds every NUL, CR and LF of the header section, 64 octets at a time.
//
// Used by FieldWalker only, on the worker that holds the datagram. With AVX2 a block is two loads
// and six comparisons; the scalar twin gives the same mask and is what a build without AVX2 uses.
// The choice is made by the compile target, as every target of the project has the same -march.
// Blocks may reach padding_octets (parse.h) behind the datagram; what is read there is masked out.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace demarc::sip {

inline constexpr uint32_t scan_block_octets = 64;

// Bit i is set when data[i] is NUL, CR or LF. Reads 64 octets.
uint64_t line_mask_scalar(const char* data);

#ifdef __AVX2__
inline uint32_t line_mask_avx2_half(const char* data) {
  const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data));
  const __m256i nul = _mm256_cmpeq_epi8(block, _mm256_setzero_si256());
  const __m256i cr = _mm256_cmpeq_epi8(block, _mm256_set1_epi8('\r'));
  const __m256i lf = _mm256_cmpeq_epi8(block, _mm256_set1_epi8('\n'));
  return static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_or_si256(nul, _mm256_or_si256(cr, lf))));
}
inline uint64_t line_mask(const char* data) {
  return line_mask_avx2_half(data) | static_cast<uint64_t>(line_mask_avx2_half(data + 32)) << 32;
}
#else
inline uint64_t line_mask(const char* data) {
  return line_mask_scalar(data);
}
#endif

// Walks the marked octets of a datagram in order. Borrows the datagram.
class LineScanner {
 public:
  LineScanner(std::string_view datagram, uint32_t position)
      : data_(datagram.data()), size_(static_cast<uint32_t>(datagram.size())), base_(position) {
    mask_ = base_ < size_ ? line_mask(data_ + base_) : 0;
  }

  // The position of the next NUL, CR or LF; the datagram's size when there is none.
  uint32_t next() {
    while (mask_ == 0) {
      // Compared before the addition moves it, so that base_ stays near the end for ever.
      if (base_ + scan_block_octets >= size_) return size_;
      base_ += scan_block_octets;
      mask_ = line_mask(data_ + base_);
    }
    const uint32_t found = base_ + static_cast<uint32_t>(std::countr_zero(mask_));
    if (found >= size_) return size_;
    mask_ &= mask_ - 1;
    return found;
  }

 private:
  const char* data_;
  uint32_t size_;
  uint32_t base_;
  uint64_t mask_;
};

}  // namespace demarc::sip
