// Separators: the octets of one value that are of no plain class, one after the other.
//
// Used by value parsers that read a value from left to right. 64 octets are classified at once, and
// each separator that is asked for costs a few instructions, however long the run before it was.
// Borrows the text. Without AVX2 the octets are classified one by one, which gives the same.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "sip-parser/base/char_class.h"

namespace demarc {

template <const CharClass& plain>
class Separators {
 public:
  // Of [begin, end) of a text that has more than `end` octets or as many. Reads octets of `text`
  // only, and of these perhaps some that are outside of the range.
  Separators(std::string_view text, uint32_t begin, uint32_t end)
      : text_(text), base_(begin), end_(end), mask_(classify(text, begin, end)) {}

  // The position of the next octet that is not of the class; `end` behind the last one, and then
  // again.
  uint32_t next() {
    while (mask_ == 0) [[unlikely]] {
        if (end_ - base_ <= block_octets) return end_;
        base_ += block_octets;
        mask_ = classify_further(text_, base_, end_);
      }
    const uint32_t found = base_ + static_cast<uint32_t>(std::countr_zero(mask_));
    mask_ &= mask_ - 1;
    return found;
  }

 private:
  static constexpr uint32_t block_octets = 64;

  // Bit i is set when text[begin + i] is a separator, and that of `end` as if it were one.
  static uint64_t classify(std::string_view text, uint32_t begin, uint32_t end) {
    const uint32_t rest = end - begin;
#ifdef __AVX2__
    uint64_t mask = 0;
    if (begin + size_t{block_octets} <= text.size()) [[likely]] {
      mask = plain.outside_mask_64(text.data() + begin);
    } else if (text.size() >= block_octets && begin < text.size()) {
      // The last block of the text reaches back over octets before the range.
      const size_t last = text.size() - block_octets;
      mask = plain.outside_mask_64(text.data() + last) >> (begin - last);
    } else {
      mask = classify_short(text, begin, end);
    }
#else
    uint64_t mask = classify_scalar(text, begin, end);
#endif
    if (rest >= block_octets) return mask;
    const uint64_t end_bit = uint64_t{1} << rest;
    return (mask & (end_bit - 1)) | end_bit;
  }
  [[gnu::noinline]] static uint64_t classify_further(std::string_view text, uint32_t begin,
                                                     uint32_t end) {
    return classify(text, begin, end);
  }
#ifdef __AVX2__
  // Of less than a block, in a copy: octets behind a text may not be there.
  [[gnu::noinline]] static uint64_t classify_short(std::string_view text, uint32_t begin,
                                                   uint32_t end) {
    alignas(32) char block[block_octets] = {};
    std::memcpy(block, text.data() + begin, std::min(end - begin, block_octets));
    return plain.outside_mask_64(block);
  }
#endif
  [[gnu::noinline]] static uint64_t classify_scalar(std::string_view text, uint32_t begin,
                                                    uint32_t end) {
    const uint32_t octets = std::min(end - begin, block_octets);
    uint64_t mask = 0;
    for (uint32_t i = 0; i < octets; ++i) {
      mask |= static_cast<uint64_t>(!plain.contains(text[begin + i])) << i;
    }
    return mask;
  }

  std::string_view text_;
  uint32_t base_;  // of the octets in mask_
  uint32_t end_;
  uint64_t mask_;  // the separators that were not given yet
};

}  // namespace demarc
