// ValueReader: reads one header field value from left to right, by the terminals of RFC 3261
// section 25.1. What all typed parsers of this folder are made of (reason.h, event.h, ...).
//
// A reader borrows the datagram and never looks behind the end of its span. A step that does not
// find its terminal gives an empty Span or false and the caller fails with bad_syntax. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"
#include "sip-parser/base/span.h"
#include "sip-parser/lws.h"

namespace demarc::sip {

class ValueReader {
 public:
  ValueReader(Span value, std::string_view datagram)
      : datagram_(datagram), position_(value.offset), end_(value.end()) {
    skip_space();
  }

  void skip_space() { position_ = skip_lws(datagram_, position_, end_); }
  // Whether nothing but white space is left.
  bool at_end() {
    skip_space();
    return position_ == end_;
  }
  bool is_at(char c) const { return position_ < end_ && datagram_[position_] == c; }
  // Whether white space stands here.
  bool is_at_space() const { return skip_lws(datagram_, position_, end_) != position_; }
  uint32_t position() const { return position_; }
  std::string_view text_of(Span span) const { return text(span, datagram_); }

  // SEMI, EQUAL, SLASH, COMMA: the octet, and white space around it.
  bool take(char c) {
    const uint32_t at = skip_lws(datagram_, position_, end_);
    if (at == end_ || datagram_[at] != c) return false;
    position_ = skip_lws(datagram_, at + 1, end_);
    return true;
  }

  // The octet `c` and nothing around it.
  bool take_octet(char c) {
    if (!is_at(c)) return false;
    ++position_;
    return true;
  }

  // The longest run of octets of a set; may be empty.
  Span run(const CharClass& set) {
    const uint32_t begin = position_;
    position_ = find_outside(datagram_, begin, end_, set);
    return make_span(begin, position_);
  }
  Span token() { return run(token_class); }
  // token-nodot of RFC 6665 section 8.4 and RFC 4412.
  Span token_without_dot() { return run(token_class.without(".")); }
  Span digits() { return run(digit_class); }
  // A value without quotes, as wide as ParamCursor takes one.
  Span plain_value() { return run(plain_class); }

  // quoted-string: its text without the quotes, escapes as they stand.
  bool quoted(Span& inside) {
    if (!is_at('"')) return false;
    const uint32_t quote = find_quote_end(datagram_, position_ + 1, end_);
    if (quote == end_) return false;
    inside = make_span(position_ + 1, quote);
    position_ = quote + 1;
    return true;
  }
  // LAQUOT ... RAQUOT: what stands between '<' and the next '>'.
  bool bracketed(Span& inside) {
    if (!is_at('<')) return false;
    const uint32_t begin = ++position_;
    while (position_ < end_ && datagram_[position_] != '>') ++position_;
    if (position_ == end_) return false;
    inside = make_span(begin, position_++);
    return true;
  }
  // comment, which nests: counted, not recursed into. Its text is without the outer parentheses.
  bool comment(Span& inside) {
    if (!is_at('(')) return false;
    const uint32_t begin = position_ + 1;
    uint32_t depth = 0;
    for (; position_ < end_; ++position_) {
      const char c = datagram_[position_];
      if (c == '\\') {
        if (++position_ == end_) return false;
      } else if (c == '(') {
        ++depth;
      } else if (c == ')' && --depth == 0) {
        inside = make_span(begin, position_++);
        return true;
      }
    }
    return false;
  }
  // All that is left, which is to be parameters: empty, or from the ';' on. False otherwise.
  bool params(Span& left) {
    if (at_end()) {
      left = Span{};
      return true;
    }
    left = make_span(position_, end_);
    return is_at(';');
  }

 private:
  static constexpr CharClass token_class = CharClass::where(ascii::is_token);
  static constexpr CharClass digit_class = CharClass::where(ascii::is_digit);
  static constexpr CharClass plain_class = CharClass::visible().without(";,\"<>");

  std::string_view datagram_;
  uint32_t position_;
  uint32_t end_;
};

}  // namespace demarc::sip
