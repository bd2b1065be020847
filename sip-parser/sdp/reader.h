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
  Reader(const IndexedCopy<capacity>& copy, size_t size)
      : octets_(copy.octets), marks_(copy.marks), size_(size) {}

  size_t size() const { return size_; }
  // `position` is at most size() here and in what follows, where zeros stand.
  char at(size_t position) const { return octets_[position]; }
  template <class Word>
  Word word(size_t position) const {
    Word word;
    std::memcpy(&word, octets_ + position, sizeof word);
    return word;
  }
  std::string_view between(size_t begin, size_t end) const {
    return {octets_ + begin, end - begin};
  }
  // Bit i is the mark of octet `position` + i; at least 57 bits are there, the others are 0.
  uint64_t marks_from(size_t position) const {
    uint64_t marks;
    std::memcpy(&marks, reinterpret_cast<const char*>(marks_) + position / 8, sizeof marks);
    return marks >> (position % 8);
  }

  // The first position from `position` whose octet is no member.
  size_t skip(size_t position, const OctetSet& set) const {
    return find(position, [&set](const char* block) { return set.outside(block); });
  }
  // The first position from `position` where NUL, CR or LF stands.
  size_t skip_text(size_t position) const { return find(position, line_breaks); }
  // The first position from `position` where a blank or a control character stands.
  size_t skip_visible(size_t position) const { return find(position, not_visible); }
  size_t skip_blanks(size_t position) const {
    while (at(position) == ' ') ++position;
    return position;
  }

  // The number that stands there, digits only. False when it is something else, or above `maximum`.
  bool number(size_t begin, size_t end, uint64_t maximum, uint64_t& value) const;
  // The same, made for numbers of up to four digits.
  bool short_number(size_t begin, size_t end, uint32_t maximum, uint32_t& value) const;
  // Whether there are digits only, and some.
  bool are_digits(size_t begin, size_t end) const;

  // Moves `position` behind the CRLF or LF that stands there, or leaves it at the end of the body.
  // False when something else stands there.
  bool line_end(size_t& position) const {
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
  size_t find(size_t position, Mask mask_of) const {
    uint32_t mask = mask_of(octets_ + position);
    while (mask == 0) [[unlikely]] {
        position += block_octets;
        mask = mask_of(octets_ + position);
      }
    return position + static_cast<size_t>(std::countr_zero(mask));
  }
  // The rare long way.
  bool long_number(size_t begin, size_t end, uint64_t maximum, uint64_t& value) const;
  static uint32_t line_breaks(const char* data);
  static uint32_t not_visible(const char* data);

  const char* octets_;
  const uint64_t* marks_;
  size_t size_;
};

// Goes from separator to separator.
class Pieces {
 public:
  Pieces(const Reader& reader, size_t position)
      : reader_(reader), mask_(reader.marks_from(position)), base_(position) {}

  // The position of the next separator.
  size_t next() {
    while (mask_ == 0) [[unlikely]] {
        base_ = (base_ & ~size_t{7}) + group_octets;
        mask_ = reader_.marks_from(base_);
      }
    const size_t found = base_ + static_cast<size_t>(std::countr_zero(mask_));
    mask_ &= mask_ - 1;
    return found;
  }
  // The end of the word that begins behind the blank at `position`, which is moved there. Several
  // blanks are against the grammar, yet they are sent.
  size_t next_word(size_t& position) {
    ++position;
    size_t end = next();
    while (end == position && reader_.at(end) == ' ') [[unlikely]] {
        ++position;
        end = next();
      }
    return end;
  }

 private:
  const Reader& reader_;
  uint64_t mask_;
  size_t base_;
};

inline bool Reader::short_number(size_t begin, size_t end, uint32_t maximum,
                                 uint32_t& value) const {
  // 24 for one digit down to 0 for four; any other count gives more.
  const size_t shift = 32 - 8 * (end - begin);
  if (shift > 24) [[unlikely]] {
    // Not `value` itself, which would then have to live in memory.
    uint64_t number = 0;
    if (!long_number(begin, end, maximum, number)) return false;
    value = static_cast<uint32_t>(number);
    return true;
  }
  // Four digits in one word, the last one in its highest octet and zeros before the first; then
  // pairs and both pairs are added up.
  const uint32_t values = (word<uint32_t>(begin) ^ 0x30303030u) << shift;
  if ((((values + 0x76767676u) | values) & 0x80808080u) != 0) return false;
  const uint32_t pairs = (values * (10 * 256 + 1)) >> 8;
  value = ((pairs & 0x00ff00ffu) * (100 * 65536 + 1)) >> 16;
  return value <= maximum;
}

#ifdef __AVX2__

// By the low half of an octet, the octet that is looked for: NUL, LF and CR. For the other halves
// 0, which no octet with such a half is.
alignas(32) inline constexpr std::array<char, 32> break_of_low_half = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '\n', 0, 0, '\r', 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '\n', 0, 0, '\r', 0, 0};

inline uint32_t Reader::line_breaks(const char* data) {
  const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data));
  const __m256i table =
      _mm256_load_si256(reinterpret_cast<const __m256i*>(break_of_low_half.data()));
  const __m256i wanted = _mm256_shuffle_epi8(table, block);
  return static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(wanted, block)));
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
                             _mm_load_si128(reinterpret_cast<const __m128i*>(zeros.data())))) {}
  uint32_t others() const {
    return static_cast<uint32_t>(
        _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(values, _mm_set1_epi8(10)), values)));
  }

  __m128i values;

 private:
  using Octets = std::array<char, 16>;
  static constexpr Octets all(char c) {
    Octets octets{};
    octets.fill(c);
    return octets;
  }
  // As memory: compilers else build each of them anew from a word.
  alignas(16) static const Octets zeros;
  alignas(16) static const Octets tens;
};
alignas(16) inline constexpr DigitBlock::Octets DigitBlock::zeros = all('0');
alignas(16) inline constexpr DigitBlock::Octets DigitBlock::tens = all(10);

// A shuffle by the 16 octets at [n] moves the first n octets to the end of the first eight, and
// zeros before them.
alignas(32) inline constexpr std::array<int8_t, 24> align_right = {
    -1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

inline bool Reader::number(size_t begin, size_t end, uint64_t maximum, uint64_t& value) const {
  const size_t length = end - begin;
  if (length - 5 > 3) {
    if (length - 1 > 3) [[unlikely]] {
      uint64_t number = 0;
      if (!long_number(begin, end, maximum, number)) return false;
      value = number;
      return true;
    }
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

inline bool Reader::are_digits(size_t begin, size_t end) const {
  const size_t length = end - begin;
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

inline bool Reader::number(size_t begin, size_t end, uint64_t maximum, uint64_t& value) const {
  return long_number(begin, end, maximum, value);
}

inline bool Reader::are_digits(size_t begin, size_t end) const {
  return begin != end && digits.covers(between(begin, end));
}

#endif

}  // namespace demarc::sdp
