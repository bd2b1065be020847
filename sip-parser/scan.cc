#include "sip-parser/scan.h"

#include <algorithm>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace demarc::sip {
namespace {

// What the twins share: takes the marks of one block after the other.
class Window {
 public:
  Window(uint32_t size, bool is_after_cr, LineMarks& ends)
      : size_(size), forbidden_(size), carry_(is_after_cr ? 1 : 0), ends_(ends) {}

  bool is_whole() const { return at_ >= size_; }
  // Where the CRs, LFs and NULs of the next block are.
  [[gnu::always_inline]] void take(uint64_t cr, uint64_t lf, uint64_t nul) {
    uint64_t wrong = ((cr << 1 | carry_) ^ lf) | nul;
    carry_ = cr >> 63;
    if (size_ - at_ < scan_block_octets) {
      const uint64_t inside = (uint64_t{1} << (size_ - at_)) - 1;
      lf &= inside;
      wrong &= inside;
    }
    ends_[at_ / scan_block_octets] = lf;
    if (wrong != 0) [[unlikely]] {
      forbidden_ = std::min(forbidden_, at_ + static_cast<uint32_t>(std::countr_zero(wrong)));
    }
    at_ += scan_block_octets;
  }
  uint32_t forbidden() const { return forbidden_; }

 private:
  uint32_t size_;
  uint32_t at_ = 0;
  uint32_t forbidden_;
  uint64_t carry_;
  LineMarks& ends_;
};

MarkLines* choose() {
#ifdef __x86_64__
  if (has_avx512()) return mark_lines_avx512;
#endif
#ifdef __AVX2__
  return mark_lines_avx2;
#else
  return mark_lines_scalar;
#endif
}

}  // namespace

uint32_t mark_lines_scalar(const char* data, uint32_t size, bool is_after_cr, LineMarks& ends) {
  Window window(size, is_after_cr, ends);
  for (; !window.is_whole(); data += scan_block_octets) {
    uint64_t cr = 0;
    uint64_t lf = 0;
    uint64_t nul = 0;
    for (uint32_t i = 0; i < scan_block_octets; ++i) {
      cr |= static_cast<uint64_t>(data[i] == '\r') << i;
      lf |= static_cast<uint64_t>(data[i] == '\n') << i;
      nul |= static_cast<uint64_t>(data[i] == '\0') << i;
    }
    window.take(cr, lf, nul);
  }
  return window.forbidden();
}

#ifdef __AVX2__
namespace {

// One bit an octet, of a comparison of both halves of a block.
uint64_t bits(__m256i low, __m256i high) {
  return static_cast<uint32_t>(_mm256_movemask_epi8(low)) |
         static_cast<uint64_t>(static_cast<uint32_t>(_mm256_movemask_epi8(high))) << 32;
}

}  // namespace

uint32_t mark_lines_avx2(const char* data, uint32_t size, bool is_after_cr, LineMarks& ends) {
  const __m256i cr = _mm256_set1_epi8('\r');
  const __m256i lf = _mm256_set1_epi8('\n');
  const __m256i zero = _mm256_setzero_si256();
  Window window(size, is_after_cr, ends);
  for (; !window.is_whole(); data += scan_block_octets) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + 32));
    uint64_t nul = 0;
    // A NUL is so rare that one test of both halves comes first.
    const __m256i smaller = _mm256_cmpeq_epi8(_mm256_min_epu8(low, high), zero);
    if (_mm256_movemask_epi8(smaller) != 0) [[unlikely]] {
      nul = bits(_mm256_cmpeq_epi8(low, zero), _mm256_cmpeq_epi8(high, zero));
    }
    window.take(bits(_mm256_cmpeq_epi8(low, cr), _mm256_cmpeq_epi8(high, cr)),
                bits(_mm256_cmpeq_epi8(low, lf), _mm256_cmpeq_epi8(high, lf)), nul);
  }
  return window.forbidden();
}
#endif

#ifdef __x86_64__
bool has_avx512() {
  return __builtin_cpu_supports("avx512bw") != 0;
}

[[gnu::target("avx512f,avx512bw")]] uint32_t mark_lines_avx512(const char* data, uint32_t size,
                                                               bool is_after_cr, LineMarks& ends) {
  const __m512i cr = _mm512_set1_epi8('\r');
  const __m512i lf = _mm512_set1_epi8('\n');
  Window window(size, is_after_cr, ends);
  for (; !window.is_whole(); data += scan_block_octets) {
    const __m512i octets = _mm512_loadu_si512(data);
    window.take(_mm512_cmpeq_epi8_mask(octets, cr), _mm512_cmpeq_epi8_mask(octets, lf),
                _mm512_testn_epi8_mask(octets, octets));
  }
  return window.forbidden();
}
#endif

MarkLines* const mark_lines = choose();

bool LineScanner::next_window() {
  const uint32_t next = window_ + scan_window_octets;
  if (window_ >= size_ || next >= size_) return false;
  const bool is_after_cr = data_[next - 1] == '\r';
  window_ = next;
  mark(is_after_cr);
  return true;
}

void LineScanner::mark(bool is_after_cr) {
  const uint32_t size = std::min(size_ - window_, scan_window_octets);
  const uint32_t forbidden = mark_lines(data_ + window_, size, is_after_cr, ends_);
  if (forbidden < size && forbidden_ == UINT32_MAX) forbidden_ = window_ + forbidden;
  base_ = window_;
  block_ = 0;
  block_count_ = (size + scan_block_octets - 1) / scan_block_octets;
  mask_ = ends_[0];
}

}  // namespace demarc::sip
