// FieldWalker: goes through the lines of a SIP message, from the start line to the empty line.
//
// parse() and peek() both walk with it, so they can not see different fields in one message
// (RFC 3261 sections 7 and 7.3.1). It knows lines, folds and names, not what a name means. A line
// ends with CRLF; a bare CR, a bare LF and NUL fail, see parse.h for the reason. What every line
// needs is inline here; what few lines have (folds, blanks, mistakes) is in the .cc.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"
#include "sip-parser/base/span.h"
#include "sip-parser/lws.h"
#include "sip-parser/parse.h"
#include "sip-parser/scan.h"

namespace demarc::sip {

class FieldWalker {
 public:
  enum class Step : uint8_t { found, end, failed };

  // Skips the CR and LF before the start line (RFC 3261 section 7.5). Borrows the datagram, which
  // is at most max_message_octets long and padded.
  explicit FieldWalker(std::string_view datagram)
      : datagram_(datagram), position_(skip_line_ends(datagram)), scanner_(datagram, position_) {}

  // The first line without its CRLF. Never `end`. To be called once, before next().
  Step start_line(Span& line);
  // The next field; `end` at the empty line.
  Step next(Span& name, Span& value) {
    uint32_t name_length = 0;
    uint32_t value_begin = 0;
    uint32_t line_end = 0;
    const Step step = next_line(name_length, value_begin, line_end);
    if (step != Step::found) return step;
    name = {static_cast<uint16_t>(line_), static_cast<uint16_t>(name_length)};
    value = trimmed(value_begin, line_end);
    return Step::found;
  }

  // The same without the value: for who wants but few of the fields. value() gives it.
  Step next_name(Span& name) {
    uint32_t name_length = 0;
    const Step step = next_line(name_length, value_begin_, line_end_);
    if (step != Step::found) return step;
    name = {static_cast<uint16_t>(line_), static_cast<uint16_t>(name_length)};
    return Step::found;
  }
  Span value() const { return trimmed(value_begin_, line_end_); }

  ParseError error() const { return error_; }
  // The first octet that was not walked yet: behind the empty line after `end`.
  uint32_t position() const { return position_; }

 private:
  static constexpr CharClass token = CharClass::where(ascii::is_token);

  static uint32_t skip_line_ends(std::string_view datagram) {
    uint32_t position = 0;
    while (position < datagram.size() &&
           (datagram[position] == '\r' || datagram[position] == '\n')) {
      ++position;
    }
    return position;
  }

  // One line with its folds: where it began (line_), how long its name is, what is behind the
  // colon, and where the CR of its end is.
  Step next_line(uint32_t& name_length, uint32_t& value_begin, uint32_t& line_end) {
    line_ = position_;
    const uint32_t end = scanner_.next();
    if (end == datagram_.size() || scanner_.is_forbidden_up_to(end)) [[unlikely]] {
      return fail_at_end(end);
    }
    line_end = end - 1;
    position_ = end + 1;
    const char* const data = datagram_.data();
    name_length = length_of_name(data + line_);
    // The empty line, a fold behind this line, a blank before the colon or no colon at all.
    if (data[line_ + name_length] != ':' || is_fold(position_)) [[unlikely]] {
      const Step step = next_odd_line(name_length, line_end);
      if (step != Step::found) return step;
      value_begin = colon_ + 1;
      return Step::found;
    }
    if (name_length == 0) [[unlikely]]
      return fail(ParseError::bad_header_line);
    value_begin = line_ + name_length + 1;
    return Step::found;
  }

  // Most values have one SP before them and nothing behind.
  Span trimmed(uint32_t begin, uint32_t end) const {
    const char* const data = datagram_.data();
    if (end - begin >= 2 && data[begin] == ' ' && is_visible(data[begin + 1]) &&
        is_visible(data[end - 1])) [[likely]] {
      return make_span(begin + 1, end);
    }
    return trim_lws(make_span(begin, end), datagram_);
  }
  static bool is_visible(char c) { return static_cast<uint8_t>(c) > ' '; }

  bool is_fold(uint32_t position) const {
    return ascii::is_wsp(datagram_.data()[position]) && position < datagram_.size();
  }

  // Stops at the CR of the line's end at the latest.
  static uint32_t length_of_name(const char* name) {
#ifdef __AVX2__
    const uint32_t mask = token.outside_mask(name);
    if (mask != 0) [[likely]]
      return static_cast<uint32_t>(std::countr_zero(mask));
#endif
    return length_of_long_name(name);
  }
  static uint32_t length_of_long_name(const char* name);
  Step next_odd_line(uint32_t& name_length, uint32_t& line_end);
  Step fail_at_end(uint32_t end);
  Step fail(ParseError error) {
    error_ = error;
    return Step::failed;
  }

  std::string_view datagram_;
  uint32_t position_;
  uint32_t line_ = 0;
  uint32_t colon_ = 0;
  uint32_t value_begin_ = 0;
  uint32_t line_end_ = 0;
  LineScanner scanner_;
  ParseError error_ = ParseError::empty;
};

}  // namespace demarc::sip
