#include "sip-parser/base/char_class.h"

namespace demarc {

#ifdef __AVX2__
constinit const CharClass::Tables CharClass::tables = [] {
  Tables result{};
  result.low_halves.fill(15);
  for (unsigned i = 0; i < result.high_bits.size(); ++i) {
    result.high_bits[i] = i % 16 < 8 ? static_cast<uint8_t>(1u << (i % 16)) : uint8_t{0};
  }
  return result;
}();
#endif

uint32_t find_outside_long(std::string_view text, uint32_t position, uint32_t end,
                           const CharClass& set) {
#ifdef __AVX2__
  while (position + size_t{CharClass::block_octets} <= text.size()) {
    const uint32_t mask = set.outside_mask(text.data() + position);
    if (mask != 0) {
      const uint32_t found = position + static_cast<uint32_t>(std::countr_zero(mask));
      return found < end ? found : end;
    }
    position += CharClass::block_octets;
    if (position >= end) return end;
  }
#endif
  return find_outside_scalar(text, position, end, set);
}

}  // namespace demarc
