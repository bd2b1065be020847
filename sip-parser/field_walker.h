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

// Name and value of a field, in the layout of two Spans one after the other, written at once.
class FieldSpans {
 public:
  constexpr FieldSpans() = default;
  constexpr FieldSpans(Span name, Span value)
      : word_(name.offset | static_cast<uint64_t>(name.length) << 16 |
              static_cast<uint64_t>(value.offset) << 32 |
              static_cast<uint64_t>(value.length) << 48) {}
  // Of "Name: value" from `line` to `end`. Sums of products: no part of the word runs over, so that
  // they need not be put in their places one by one.
  static constexpr FieldSpans plain(uint32_t line, uint32_t colon, uint32_t end) {
    FieldSpans spans;
    spans.word_ = line * (1 - (uint64_t{1} << 16)) +
                  colon * ((uint64_t{1} << 16) + (uint64_t{1} << 32) - (uint64_t{1} << 48)) +
                  (static_cast<uint64_t>(end) << 48) + (uint64_t{2} << 32) - (uint64_t{2} << 48);
    return spans;
  }
  constexpr Span name() const { return part(0); }
  constexpr Span value() const { return part(32); }
  // Where a Span for the name stands, and behind it one for the value.
  void store(void* spans) const { std::memcpy(spans, &word_, sizeof word_); }

 private:
  constexpr Span part(unsigned shift) const {
    return {static_cast<uint16_t>(word_ >> shift), static_cast<uint16_t>(word_ >> (shift + 16))};
  }

  uint64_t word_ = 0;
};

class FieldWalker {
 public:
  enum class Step : uint8_t { found, end, failed };

  // Skips the CR and LF before the start line (RFC 3261 section 7.5). Borrows the datagram, which
  // is at most max_message_octets long and padded, and the marks, which are its working memory.
  FieldWalker(std::string_view datagram, LineMarks& marks)
      : data_(datagram.data()), end_(static_cast<uint32_t>(datagram.size())), marks_(&marks) {
    while (position_ < end_ && (data_[position_] == '\r' || data_[position_] == '\n')) ++position_;
    mark(position_);
  }

  // The first line without its CRLF. Never `end`. To be called once, before next().
  Step start_line(Span& line) {
    if (position_ == end_) return fail(ParseError::empty);
    const uint32_t begin = position_;
    uint32_t end = 0;
    if (!next_line_end(end)) return Step::failed;
    line.assign(begin, end);
    position_ = end + 2;
    return Step::found;
  }

  // The next field, its name not looked at: it may be anything without a colon, CR or LF. The
  // value is without white space at its ends; folds are inside. `end` at the empty line.
  Step next(FieldSpans& field) {
    const uint32_t line = position_;
    uint32_t end = 0;
    if (!next_line_end(end)) [[unlikely]]
      return Step::failed;
    position_ = end + 2;
    const uint32_t colon = line + find_colon(data_ + line);
    // "Name: value" on one line, with another line or the empty one behind it.
    if (colon < end && is_plain(data_ + colon) && is_visible(data_[end - 1]) &&
        !is_fold_or_blank(data_[end + 2])) [[likely]] {
      field = FieldSpans::plain(line, colon, end);
      return Step::found;
    }
    FieldWalker slow = *this;
    FieldSpans odd;
    const Step step = slow.next_odd_line(line, end, odd);
    *this = slow;
    field = odd;
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
    while (!letters.has(data_[position_]) && data_[position_] != '\r') {
      uint32_t end = 0;
      if (!next_line_end(end)) [[unlikely]]
        return false;
      position_ = end + 2;
    }
    return true;
  }

  ParseError error() const { return error_; }
  // The first octet that was not walked yet: behind the empty line after `end`.
  uint32_t position() const { return position_; }

 private:
  // Marks the window that begins at `window`, which is at most end_. What is marked behind the
  // datagram is no mark, nor is a CR that is the last octet: as the header ends nowhere then, it
  // is as good as none.
  void mark(uint32_t window) {
    base_ = window;
    word_ = words_end_ = marks_->data();
    mask_ = 0;
    if (window == end_) return;
    const uint32_t octets = std::min(end_ - window, scan_window_octets);
    const uint32_t blocks = (octets + scan_block_octets - 1) / scan_block_octets;
    mark_lines(data_ + window, blocks, *marks_);
    if (octets == end_ - window) {
      const uint32_t last = (octets - 1) % scan_block_octets;
      uint64_t& mask = (*marks_)[blocks - 1];
      mask &= ~uint64_t{0} >> (scan_block_octets - 1 - last);
      if (data_[end_ - 1] == '\r') mask &= ~(uint64_t{1} << last);
    }
    words_end_ += blocks;
    mask_ = *word_;
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

  // The CR of the next CRLF. False when something else is in its place, with the error set.
  bool next_line_end(uint32_t& end) {
    if (!find_mark()) [[unlikely]]
      return refuse(ParseError::no_end_of_header);
    end = base_ + static_cast<uint32_t>(std::countr_zero(mask_));
    if (!is_crlf(data_ + end)) [[unlikely]]
      return refuse(ParseError::forbidden_octet);
    mask_ &= mask_ - 1;
    // The LF may be in the next block.
    if (mask_ == 0) [[unlikely]]
      find_mark();
    mask_ &= mask_ - 1;
    return true;
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
  static uint32_t find_colon(const char* line) {
#ifdef __AVX2__
    const __m256i octets = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(line));
    const uint32_t mask = static_cast<uint32_t>(
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(octets, _mm256_set1_epi8(':'))));
    return static_cast<uint32_t>(std::countr_zero(mask));
#else
    uint32_t length = 0;
    while (length < 32 && line[length] != ':') ++length;
    return length;
#endif
  }

  Step next_odd_line(uint32_t line, uint32_t end, FieldSpans& field);
  Step fail(ParseError error) {
    error_ = error;
    return Step::failed;
  }
  bool refuse(ParseError error) {
    error_ = error;
    return false;
  }

  const char* data_;
  uint32_t end_;
  uint32_t position_ = 0;
  uint32_t base_ = 0;               // the block whose marks are in mask_
  uint64_t mask_ = 0;               // those that were not walked yet
  const uint64_t* word_ = nullptr;  // where they came from
  const uint64_t* words_end_ = nullptr;
  LineMarks* marks_;
  ParseError error_ = ParseError::empty;
};

}  // namespace demarc::sip
