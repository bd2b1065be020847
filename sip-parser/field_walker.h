// FieldWalker: goes through the lines of a SIP message, from the start line to the empty line.
//
// parse() and peek() both walk with it, so they can not see different fields in one message
// (RFC 3261 sections 7 and 7.3.1). It knows lines, folds and names, not what a name means. A line
// ends with CRLF; a bare CR, a bare LF and NUL fail, see parse.h for the reason.
//
// What nearly every line needs is inline here and holds its state in registers; what few lines
// have (folds, odd blanks, mistakes, the end of a window) works on a copy of the walker, in the
// .cc.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "sip-parser/base/span.h"
#include "sip-parser/parse.h"
#include "sip-parser/scan.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace demarc::sip {

class FieldWalker {
 public:
  enum class Step : uint8_t { found, end, failed };

  // Skips the CR and LF before the start line (RFC 3261 section 7.5). Borrows the datagram, which
  // is at most max_message_octets long and padded, and the marks, which are its working memory.
  FieldWalker(std::string_view datagram, LineMarks& marks)
      : data_(datagram.data()),
        end_(data_ + datagram.size()),
        position_(skip_line_ends(data_, end_)),
        marks_(&marks) {
    mark(position_);
  }

  // The first line without its CRLF. Never `end`. To be called once, before next().
  Step start_line(Span& line) {
    if (position_ == end_) return fail(ParseError::empty);
    const char* const begin = position_;
    const char* const end = next_line_end();
    if (end == nullptr) return Step::failed;
    assign(line, begin, end);
    position_ = end + 2;
    return Step::found;
  }

  // The next field, its name not looked at: it may be anything without a colon, CR or LF. The
  // value is without white space at its ends; folds are inside. `end` at the empty line.
  Step next(Span& name, Span& value) {
    const char* const line = position_;
    const char* const end = next_line_end();
    if (end == nullptr) [[unlikely]]
      return Step::failed;
    position_ = end + 2;
    const std::size_t length = find_colon(line);
    // "Name: value" on one line, with another line or the empty one behind it.
    if (length - 1 < static_cast<std::size_t>(end - line) && is_plain(line + length) &&
        is_visible(end[-1]) && !is_fold_or_blank(end[2])) [[likely]] {
      assign(name, line, line + length);
      assign(value, line + length + 2, end);
      return Step::found;
    }
    FieldWalker slow = *this;
    const Step step = slow.next_odd_line(line, end, name, value);
    *this = slow;
    return step;
  }

  // Letters that lines may begin with, of either case.
  class Letters {
   public:
    constexpr explicit Letters(std::string_view lower_case) {
      for (const char c : lower_case) bits_ |= 1u << (c & 31);
    }
    constexpr Letters without(std::string_view lower_case) const {
      Letters rest = *this;
      rest.bits_ &= ~Letters(lower_case).bits_;
      return rest;
    }
    friend constexpr bool operator==(const Letters&, const Letters&) = default;
    bool has(char c) const { return (c & 0xc0) == 0x40 && (bits_ >> (c & 31) & 1) != 0; }

   private:
    uint32_t bits_ = 0;
  };

  // Goes to the next line that begins with one of the letters, or to the empty line, for next() to
  // read. The lines before it are not looked at; folds are never gone to. False: a line has no end.
  bool skip_to(Letters letters) {
    while (!letters.has(*position_) && *position_ != '\r') {
      const char* const end = next_line_end();
      if (end == nullptr) [[unlikely]]
        return false;
      position_ = end + 2;
    }
    return true;
  }

  ParseError error() const { return error_; }
  // The first octet that was not walked yet: behind the empty line after `end`.
  uint32_t position() const { return static_cast<uint32_t>(position_ - data_); }

 private:
  static const char* skip_line_ends(const char* position, const char* end) {
    while (position < end && (*position == '\r' || *position == '\n')) ++position;
    return position;
  }

  // Marks the window that begins at `window`, which is at most end_.
  void mark(const char* window) {
    const std::size_t octets =
        std::min<std::size_t>(static_cast<std::size_t>(end_ - window), scan_window_octets);
    const std::size_t blocks = (octets + scan_block_octets - 1) / scan_block_octets;
    mark_lines(window, static_cast<uint32_t>(blocks), *marks_);
    base_ = window;
    word_ = marks_->data();
    words_end_ = word_ + blocks;
    mask_ = blocks == 0 ? 0 : *word_;
  }

  // Goes to the block in which the next mark is. False when there is none in the datagram.
  bool find_mark() {
    while (mask_ == 0) {
      base_ += scan_block_octets;
      if (++word_ < words_end_) [[likely]] {
        mask_ = *word_;
        continue;
      }
      if (base_ >= end_) return false;
      FieldWalker slow = *this;
      slow.mark(base_);
      *this = slow;
    }
    return true;
  }

  // The CR of the next CRLF; nullptr when something else is in its place, with the error set.
  const char* next_line_end() {
    if (!find_mark()) [[unlikely]]
      return fail_at(end_);
    const int bit = std::countr_zero(mask_);
    const char* const found = base_ + bit;
    if (found + 1 >= end_ || !is_crlf(found)) [[unlikely]]
      return fail_at(found);
    mask_ &= mask_ - 1;
    // The LF may be in the next block.
    if (bit == 63 && !find_mark()) [[unlikely]]
      return fail_at(end_);
    mask_ &= mask_ - 1;
    return found;
  }

  static bool is_crlf(const char* data) {
    uint16_t octets = 0;
    std::memcpy(&octets, data, sizeof octets);
    return octets == ('\r' | '\n' << 8);
  }
  static bool is_visible(char c) { return static_cast<uint8_t>(c) > ' '; }
  // A colon right behind the name, one SP, and something behind that.
  static bool is_plain(const char* colon) {
    uint16_t octets = 0;
    std::memcpy(&octets, colon, sizeof octets);
    return octets == (':' | ' ' << 8) && is_visible(colon[-1]) && is_visible(colon[2]);
  }
  // What a line begins with that is not a name and not the CR of the empty line.
  static bool is_fold_or_blank(char c) { return !is_visible(c) && c != '\r'; }
  // How many octets stand before the colon of a line; some wrong number when it is not among the
  // first 33.
  static std::size_t find_colon(const char* line) {
#ifdef __AVX2__
    const __m256i octets = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(line));
    const uint32_t mask = static_cast<uint32_t>(
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(octets, _mm256_set1_epi8(':'))));
    return static_cast<std::size_t>(std::countr_zero(mask));
#else
    std::size_t length = 0;
    while (length < 32 && line[length] != ':') ++length;
    return length;
#endif
  }

  void assign(Span& span, const char* begin, const char* end) const {
    span.assign(static_cast<uint32_t>(begin - data_), static_cast<uint32_t>(end - data_));
  }

  Step next_odd_line(const char* line, const char* end, Span& name, Span& value);
  // `found` is a mark that begins no CRLF, or is behind the last octet.
  const char* fail_at(const char* found) {
    const bool is_cut = found >= end_ || (found + 1 == end_ && *found == '\r');
    error_ = is_cut ? ParseError::no_end_of_header : ParseError::forbidden_octet;
    return nullptr;
  }
  Step fail(ParseError error) {
    error_ = error;
    return Step::failed;
  }

  const char* data_;
  const char* end_;
  const char* position_;
  const char* base_ = nullptr;      // the block whose marks are in mask_
  uint64_t mask_ = 0;               // those that were not walked yet
  const uint64_t* word_ = nullptr;  // where they came from
  const uint64_t* words_end_ = nullptr;
  LineMarks* marks_;
  ParseError error_ = ParseError::empty;
};

}  // namespace demarc::sip
