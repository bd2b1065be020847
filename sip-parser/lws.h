// Linear white space inside a field value: SP, HTAB and folds (RFC 3261 section 25.1, LWS and SWS),
// and the end of a quoted-string.
//
// Used by every value parser of this folder. parse() lets CR and LF into a value as part of a fold
// only, yet a value parser must not rely on it: a CR or LF that is no fold is not white space here,
// so it fails whatever grammar it stands in. No state, any thread.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/span.h"

namespace demarc::sip {

// The rest of skip_lws(), kept out of line since its callers are many.
[[gnu::noinline]] constexpr uint32_t skip_some_lws(std::string_view datagram, uint32_t position,
                                                   uint32_t end) {
  while (position < end) {
    if (ascii::is_wsp(datagram[position])) {
      ++position;
    } else if (end - position > 2 && datagram[position] == '\r' && datagram[position + 1] == '\n' &&
               ascii::is_wsp(datagram[position + 2])) {
      position += 3;
    } else {
      break;
    }
  }
  return position;
}

// The first position in [position, end] where no LWS stands. Mostly there is none to skip.
constexpr uint32_t skip_lws(std::string_view datagram, uint32_t position, uint32_t end) {
  if (position >= end || static_cast<uint8_t>(datagram[position]) > ' ') [[likely]]
    return position;
  return skip_some_lws(datagram, position, end);
}

// The end of [begin, end) without SP, HTAB, CR and LF behind its last other octet.
constexpr uint32_t trim_lws_end(std::string_view datagram, uint32_t begin, uint32_t end) {
  while (end > begin && (ascii::is_wsp(datagram[end - 1]) || datagram[end - 1] == '\r' ||
                         datagram[end - 1] == '\n')) {
    --end;
  }
  return end;
}

// A span without the white space at both of its ends.
constexpr Span trim_lws(Span span, std::string_view datagram) {
  const uint32_t begin = skip_lws(datagram, span.offset, span.end());
  const uint32_t end = trim_lws_end(datagram, begin, span.end());
  return {static_cast<uint16_t>(begin), static_cast<uint16_t>(end - begin)};
}

// The position of the '"' that ends a quoted-string whose text begins at `position`; `end` when it
// is not terminated. A quoted-pair never ends it.
inline uint32_t find_quote_end(std::string_view datagram, uint32_t position, uint32_t end) {
  while (position < end) {
#ifdef __AVX2__
    if (position + 32 <= datagram.size()) [[likely]] {
      const __m256i block =
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(datagram.data() + position));
      const __m256i found = _mm256_or_si256(_mm256_cmpeq_epi8(block, _mm256_set1_epi8('"')),
                                            _mm256_cmpeq_epi8(block, _mm256_set1_epi8('\\')));
      const uint32_t mask = static_cast<uint32_t>(_mm256_movemask_epi8(found));
      position += mask == 0 ? 32 : static_cast<uint32_t>(std::countr_zero(mask));
      if (mask == 0) continue;
      if (position >= end) return end;
    }
#endif
    if (datagram[position] == '"') return position;
    position += datagram[position] == '\\' ? 2 : 1;
  }
  return end;
}

// A span from positions that lie in one datagram, hence below 65,536.
constexpr Span make_span(uint32_t begin, uint32_t end) {
  return {static_cast<uint16_t>(begin), static_cast<uint16_t>(end - begin)};
}

}  // namespace demarc::sip
