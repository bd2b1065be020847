// Reads a session description from its octets: pieces between separators, numbers, line ends.
//
// Used by parse.cc of this folder, on the stack of the worker that parses. Separator is every octet
// that is no token-char (RFC 8866 section 9): blanks, line ends, '=', ':', '/' and their like. One
// pass marks them all with a bit each (IndexedCopy), and reading is then going from mark to mark.
// Text is looked at in whole blocks, which cross the end of what they look for, so the body stands
// in a copy with zeros behind it; nothing is ever read outside the body itself. Positions count
// from the first octet of the body. Reader and Pieces borrow the copy.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "sip-parser/sdp/octet_set.h"

namespace demarc::sdp {

// What one word of marks stands for.
inline constexpr uint32_t group_octets = 2 * block_octets;

// A body of at most `capacity` octets, 64 zeros or more behind it, and its marks.
template <uint32_t capacity>
class IndexedCopy {
 public:
  explicit IndexedCopy(std::string_view body) {
    const size_t size = body.size();
    size_t done = 0;
    for (; done + group_octets <= size; done += group_octets) {
      marks[done / group_octets] = copy_group(body.data() + done, octets + done);
    }
    if (size >= group_octets) {
      // The last octets together with some that are there already.
      copy_group(body.data() + size - group_octets, octets + size - group_octets);
    } else if (size != 0) {
      std::memcpy(octets, body.data(), size);
    }
    std::memset(octets + size, 0, group_octets);
    // Zeros are separators: every walk from mark to mark ends behind the last octet.
    marks[done / group_octets] = marks_of(octets + done);
    marks[done / group_octets + 1] = UINT64_MAX;
  }

  // Neither is cleared first: only what was written is read.
  alignas(32) char octets[capacity + 2 * group_octets];
  uint64_t marks[capacity / group_octets + 2];

 private:
  static uint64_t marks_of(const char* group) {
    return token.outside(group) | static_cast<uint64_t>(token.outside(group + block_octets))
                                      << block_octets;
  }
  // Copies a group and returns its marks.
  static uint64_t copy_group(const char* from, char* to) {
#ifdef __AVX2__
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + block_octets));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), low);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + block_octets), high);
    return token.outside(low) | static_cast<uint64_t>(token.outside(high)) << block_octets;
#else
    std::memcpy(to, from, group_octets);
    return marks_of(to);
#endif
  }
};

class Reader {
 public:
  template <uint32_t capacity>
  Reader(const IndexedCopy<capacity>& copy, uint32_t size)
      : octets_(copy.octets), marks_(copy.marks), size_(size) {}

  uint32_t size() const { return size_; }
  // `position` is at most size() here and in what follows, where zeros stand.
  char at(uint32_t position) const { return octets_[position]; }
  template <class Word>
  Word word(uint32_t position) const {
    Word word;
    std::memcpy(&word, octets_ + position, sizeof word);
    return word;
  }
  std::string_view between(uint32_t begin, uint32_t end) const {
    return {octets_ + begin, end - begin};
  }
  // Bit i is the mark of octet `position` + i; at least 57 bits are there, the others are 0.
  uint64_t marks_from(uint32_t position) const {
    uint64_t marks;
    std::memcpy(&marks, reinterpret_cast<const char*>(marks_) + position / 8, sizeof marks);
    return marks >> (position % 8);
  }

  // The first position from `position` whose octet is no member.
  uint32_t skip(uint32_t position, const OctetSet& set) const {
    return find(position, [&set](const char* block) { return set.outside(block); });
  }
  // The first position from `position` where NUL, CR or LF stands.
  uint32_t skip_text(uint32_t position) const { return find(position, line_breaks); }
  // The first position from `position` where a blank or a control character stands.
  uint32_t skip_visible(uint32_t position) const { return find(position, not_visible); }
  uint32_t skip_blanks(uint32_t position) const {
    while (at(position) == ' ') ++position;
    return position;
  }

  // The number that stands there, digits only. False when it is something else, or above `maximum`.
  bool number(uint32_t begin, uint32_t end, uint64_t maximum, uint64_t& value) const;
  // The same, made for numbers of up to four digits.
  bool short_number(uint32_t begin, uint32_t end, uint32_t maximum, uint32_t& value) const;
  // Whether there are digits only, and some.
  bool are_digits(uint32_t begin, uint32_t end) const;

  // Moves `position` behind the CRLF or LF that stands there, or leaves it at the end of the body.
  // False when something else stands there.
  bool line_end(uint32_t& position) const {
    constexpr uint16_t crlf = '\r' | '\n' << 8;
    const auto both = word<uint16_t>(position);
    if (both == crlf) [[likely]] {
      position += 2;
      return true;
    }
    if ((both & 0xff) == '\n') {
      ++position;
      return true;
    }
    return position == size_;
  }

 private:
  template <class Mask>
  uint32_t find(uint32_t position, Mask mask_of) const {
    uint32_t mask = mask_of(octets_ + position);
    while (mask == 0) [[unlikely]] {
        position += block_octets;
        mask = mask_of(octets_ + position);
      }
    return position + static_cast<uint32_t>(std::countr_zero(mask));
  }
  // The rare long way.
  bool long_number(uint32_t begin, uint32_t end, uint64_t maximum, uint64_t& value) const;
  static uint32_t line_breaks(const char* data);
  static uint32_t not_visible(const char* data);

  const char* octets_;
  const uint64_t* marks_;
  uint32_t size_;
};

// Goes from separator to separator.
class Pieces {
 public:
  Pieces(const Reader& reader, uint32_t position)
      : reader_(reader), mask_(reader.marks_from(position)), base_(position) {}

  // The position of the next separator.
  uint32_t next() {
    while (mask_ == 0) [[unlikely]] {
        base_ = (base_ & ~UINT32_C(7)) + group_octets;
        mask_ = reader_.marks_from(base_);
      }
    const uint32_t found = base_ + static_cast<uint32_t>(std::countr_zero(mask_));
    mask_ &= mask_ - 1;
    return found;
  }
  // Goes on behind the blank at `position`, which was the last separator, and further ones. Several
  // are against the grammar, yet they are sent. Returns where it goes on.
  uint32_t skip_blanks(uint32_t position) {
    if (reader_.at(++position) == ' ') [[unlikely]] {
      position = reader_.skip_blanks(position);
      *this = Pieces(reader_, position);
    }
    return position;
  }
  Pieces(const Pieces&) = default;
  Pieces& operator=(const Pieces& other) {
    mask_ = other.mask_;
    base_ = other.base_;
    return *this;
  }

 private:
  const Reader& reader_;
  uint64_t mask_;
  uint32_t base_;
};

inline bool Reader::short_number(uint32_t begin, uint32_t end, uint32_t maximum,
                                 uint32_t& value) const {
  const uint32_t length = end - begin;
  if (length - 1 > 3) [[unlikely]] {
    uint64_t number = 0;
    if (!long_number(begin, end, maximum, number)) return false;
    value = static_cast<uint32_t>(number);
    return true;
  }
  // Four digits in one word, the last one in its highest octet and zeros before the first; then
  // pairs and both pairs are added up.
  const uint32_t values = (word<uint32_t>(begin) ^ 0x30303030u) << (32 - 8 * length);
  if ((((values + 0x76767676u) | values) & 0x80808080u) != 0) return false;
  const uint32_t pairs = (values * (10 * 256 + 1)) >> 8;
  value = ((pairs & 0x00ff00ffu) * (100 * 65536 + 1)) >> 16;
  return value <= maximum;
}

#ifdef __AVX2__

inline uint32_t Reader::line_breaks(const char* data) {
  const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data));
  const __m256i nul = _mm256_cmpeq_epi8(block, _mm256_setzero_si256());
  const __m256i cr = _mm256_cmpeq_epi8(block, _mm256_set1_epi8('\r'));
  const __m256i lf = _mm256_cmpeq_epi8(block, _mm256_set1_epi8('\n'));
  return static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_or_si256(nul, _mm256_or_si256(cr, lf))));
}

inline uint32_t Reader::not_visible(const char* data) {
  const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data));
  const __m256i low = _mm256_min_epu8(block, _mm256_set1_epi8(' '));
  return static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, block)));
}

// Of a block of 16 octets: the values of its digits, and which octets are none.
struct DigitBlock {
  explicit DigitBlock(const char* data)
      : values(_mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(data)),
                             _mm_set1_epi8('0'))) {}
  uint32_t others() const {
    return static_cast<uint32_t>(
        _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(values, _mm_set1_epi8(10)), values)));
  }

  __m128i values;
};

// A shuffle by the 16 octets at [n] moves the first n octets to the end of the first eight, and
// zeros before them.
alignas(32) inline constexpr std::array<int8_t, 24> align_right = {
    -1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

inline bool Reader::number(uint32_t begin, uint32_t end, uint64_t maximum, uint64_t& value) const {
  const uint32_t length = end - begin;
  if (length <= 4 || length > 8) {
    // A clock of 8000 or so, or what is rare.
    if (length - 1 > 3) return long_number(begin, end, maximum, value);
    uint32_t number = 0;
    if (!short_number(begin, end, UINT32_MAX, number)) return false;
    value = number;
    return value <= maximum;
  }
  const DigitBlock block(octets_ + begin);
  if ((block.others() << (32 - length)) != 0) return false;
  // Pairs, then fours, then all eight are added up.
  const __m128i aligned = _mm_shuffle_epi8(
      block.values, _mm_loadu_si128(reinterpret_cast<const __m128i*>(align_right.data() + length)));
  const __m128i pairs = _mm_maddubs_epi16(aligned, _mm_set1_epi16(10 | 1 << 8));
  const __m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(100 | 1 << 16));
  const __m128i all =
      _mm_madd_epi16(_mm_packus_epi32(fours, fours), _mm_set1_epi32(10000 | 1 << 16));
  value = static_cast<uint32_t>(_mm_cvtsi128_si32(all));
  return value <= maximum;
}

inline bool Reader::are_digits(uint32_t begin, uint32_t end) const {
  const uint32_t length = end - begin;
  if (length - 1 > 15) [[unlikely]]
    return length != 0 && digits.covers(between(begin, end));
  return (DigitBlock(octets_ + begin).others() << (32 - length)) == 0;
}

#else

inline uint32_t Reader::line_breaks(const char* data) {
  uint32_t mask = 0;
  for (uint32_t i = 0; i < block_octets; ++i) {
    const bool is_break = data[i] == '\0' || data[i] == '\r' || data[i] == '\n';
    mask |= static_cast<uint32_t>(is_break) << i;
  }
  return mask;
}

inline uint32_t Reader::not_visible(const char* data) {
  uint32_t mask = 0;
  for (uint32_t i = 0; i < block_octets; ++i) {
    mask |= static_cast<uint32_t>(static_cast<uint8_t>(data[i]) <= ' ') << i;
  }
  return mask;
}

inline bool Reader::number(uint32_t begin, uint32_t end, uint64_t maximum, uint64_t& value) const {
  return long_number(begin, end, maximum, value);
}

inline bool Reader::are_digits(uint32_t begin, uint32_t end) const {
  return begin != end && digits.covers(between(begin, end));
}

#endif

}  // namespace demarc::sdp
