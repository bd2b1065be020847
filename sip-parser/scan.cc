#include "sip-parser/scan.h"

#include "sip-parser/base/check.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace demarc::sip {
namespace {

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

// Each octet is looked up by its low half in a table of 16 that holds the marked octets at their
// places and elsewhere what no octet of that half equals: an octet is marked when it equals what
// it finds. The look-up of an octet above 0x7f gives 0. The table stands four times, for the
// widest register.
alignas(64) constexpr std::array<char, 64> line_octets = [] {
  std::array<char, 64> table{};
  for (size_t i = 0; i < table.size(); ++i) {
    const char low = static_cast<char>(i % 16);
    table[i] = low == '\0' || low == '\n' || low == '\r' ? low : '\xff';
  }
  return table;
}();

}  // namespace

MarkLines* const mark_lines = choose();

void mark_lines_scalar(const char* data, uint32_t blocks, LineMarks& marks) {
  DEMARC_DCHECK(blocks <= marks.size());
  for (uint32_t block = 0; block < blocks; ++block, data += scan_block_octets) {
    uint64_t mask = 0;
    for (uint32_t i = 0; i < scan_block_octets; ++i) {
      const bool is_marked = data[i] == '\0' || data[i] == '\r' || data[i] == '\n';
      mask |= static_cast<uint64_t>(is_marked) << i;
    }
    marks[block] = mask;
  }
}

#ifdef __AVX2__
void mark_lines_avx2(const char* data, uint32_t blocks, LineMarks& marks) {
  DEMARC_DCHECK(blocks <= marks.size());
  const __m256i table = _mm256_load_si256(reinterpret_cast<const __m256i*>(line_octets.data()));
  for (uint32_t block = 0; block < blocks; ++block, data += scan_block_octets) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + 32));
    const int low_mask =
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(low, _mm256_shuffle_epi8(table, low)));
    const int high_mask =
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(high, _mm256_shuffle_epi8(table, high)));
    marks[block] = static_cast<uint32_t>(low_mask) |
                   static_cast<uint64_t>(static_cast<uint32_t>(high_mask)) << 32;
  }
}
#endif

#ifdef __x86_64__
bool has_avx512() {
  return __builtin_cpu_supports("avx512bw") != 0;
}

[[gnu::target("avx512f,avx512bw")]] void mark_lines_avx512(const char* data, uint32_t blocks,
                                                           LineMarks& marks) {
  DEMARC_DCHECK(blocks <= marks.size());
  const __m512i table = _mm512_load_si512(line_octets.data());
  for (uint32_t block = 0; block < blocks; ++block, data += scan_block_octets) {
    const __m512i octets = _mm512_loadu_si512(data);
    marks[block] = _mm512_cmpeq_epi8_mask(octets, _mm512_shuffle_epi8(table, octets));
  }
}
#endif

}  // namespace demarc::sip
