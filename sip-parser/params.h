// Parameters: *( SEMI name [ EQUAL value ] ) of RFC 3261 section 25.1, in header fields and URIs,
// and the elements of comma-separated lists.
//
// Cursors borrow the datagram and hold no memory of their own; the worker that holds the message
// uses them. They never look behind the end of their span.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"
#include "sip-parser/base/result.h"
#include "sip-parser/base/separators.h"
#include "sip-parser/base/span.h"
#include "sip-parser/lws.h"

namespace demarc::sip {

enum class ValueError : uint8_t {
  bad_syntax = 1,  // does not match its grammar rule
  out_of_range,    // a number above its range
  too_many,        // more parameters than max_params
};

inline constexpr unsigned max_params = 64;

struct Param {
  Span name;
  Span value;  // without quotes when has_quotes
  bool has_value = false;
  bool has_quotes = false;
};

// Walks the parameters of `span`, which begins with ';' or is empty. White space and folds may
// stand around ';' and '='. A name is a token or made of the paramchar of a URI; a value without
// quotes is anything visible in ASCII but ; , " < > (wider than gen-value, as '=' and '@' do stand
// in the branches and tags of the field); neither may be empty.
//   for (ParamCursor cursor(params, datagram); cursor.next(param);) ...
class ParamCursor {
 public:
  enum class Ends : uint8_t {
    with_span,
    at_comma,  // or with the span: position() says where
  };

  ParamCursor(Span params, std::string_view datagram, Ends ends = Ends::with_span)
      : datagram_(datagram),
        runs_(datagram, name_class),
        position_(params.offset),
        end_(params.end()),
        ends_(ends) {}

  // False at the end and at a mistake; ask failed() for the difference.
  bool next(Param& param) {
    if (position_ == end_) return false;
    // ";name" and ";name=value" without white space are read here, all else by next_odd().
    if (datagram_[position_] == ';' && count_ < max_params) [[likely]] {
      const uint32_t name = position_ + 1;
      const uint32_t name_end = runs_.find_end(name, end_);
      const char behind = name_end < end_ ? datagram_[name_end] : ';';
      if (name_end != name && behind == '=') {
        const uint32_t value_end = find_value_end(name_end + 1);
        if (value_end != name_end + 1) [[likely]] {
          param.name.assign(name, name_end);
          param.value.assign(name_end + 1, value_end);
          return took(param, true, value_end);
        }
      } else if (name_end != name && behind == ';') {
        param.name.assign(name, name_end);
        param.value = Span{};
        return took(param, false, name_end);
      }
    }
    ParamCursor slow = *this;
    const bool is_found = slow.next_odd(param);
    *this = slow;
    return is_found;
  }
  bool failed() const { return failed_; }
  // Why it failed; to be asked only then.
  ValueError error() const { return error_; }
  // What was not walked yet.
  uint32_t position() const { return position_; }

  // What a value without quotes is made of.
  static constexpr CharClass value_class = CharClass::visible().without(";,\"<>");

 private:
  // token of a header field, or paramchar of a URI.
  static constexpr CharClass name_class =
      CharClass::where(ascii::is_token) | CharClass::of("[]/:&+$()%");

  // Most values are of the characters of names.
  uint32_t find_value_end(uint32_t position) {
    position = runs_.find_end(position, end_);
    while (position < end_ && value_class.contains(datagram_[position])) {
      position = runs_.find_end(position + 1, end_);
    }
    return position;
  }
  bool took(Param& param, bool has_value, uint32_t position) {
    ++count_;
    position_ = position;
    param.has_value = has_value;
    param.has_quotes = false;
    return true;
  }
  bool next_odd(Param& param);
  bool read_value(Param& param);
  bool fail(ValueError error) {
    failed_ = true;
    error_ = error;
    position_ = end_;
    return false;
  }

  std::string_view datagram_;
  RunScanner runs_;
  uint32_t position_;
  uint32_t end_;
  Ends ends_;
  bool failed_ = false;
  ValueError error_ = ValueError::bad_syntax;
  unsigned count_ = 0;
};

// The value of one parameter, name compared without case; has_value false and an empty name when
// it is absent.
Param find_param(Span params, std::string_view name, std::string_view datagram);

// Walks the elements of a field value that is a comma-separated list (RFC 3261 section 7.3.1);
// commas in quotes and in <> do not separate. Elements come without white space around them. An
// element may be empty where the list has nothing between two commas: no grammar accepts that, and
// the parser that it is given to refuses it. A value of white space only has no elements.
class ListCursor {
 public:
  ListCursor(Span value, std::string_view datagram);
  bool next(Span& element);

 private:
  std::string_view datagram_;
  uint32_t position_;
  uint32_t end_;
  bool is_done_;
};

inline constexpr CharClass token_class = CharClass::where(ascii::is_token);

// Walks a list of which every element is one token: Allow, Supported, Require (RFC 3261 section
// 20.5). An empty value has no elements.
class TokenCursor {
 public:
  TokenCursor(Span value, std::string_view datagram)
      : datagram_(datagram),
        position_(skip_lws(datagram, value.offset, value.end())),
        end_(value.end()),
        is_done_(position_ == end_),
        separators_(datagram, position_, end_) {}
  // False at the end and where something else than a token stands; ask failed() for the difference.
  bool next(Span& element) {
    if (is_done_) return false;
    const uint32_t token_end = separators_.next();
    if (token_end == position_) [[unlikely]]
      return fail();
    element.assign(position_, token_end);
    // ", " and another token, as nearly everybody writes it.
    if (end_ - token_end > 2 && datagram_[token_end] == ',' && datagram_[token_end + 1] == ' ' &&
        static_cast<uint8_t>(datagram_[token_end + 2]) > ' ') [[likely]] {
      position_ = token_end + 2;
      separators_.next();  // the SP
      return true;
    }
    is_done_ = token_end == end_;
    if (is_done_) return true;
    TokenCursor slow = *this;
    const bool is_good = slow.skip_comma(token_end);
    *this = slow;
    return is_good;
  }
  bool failed() const { return failed_; }

 private:
  // Goes to the element behind the comma at `position` or behind the white space there.
  bool skip_comma(uint32_t position);
  bool fail() {
    failed_ = is_done_ = true;
    return false;
  }

  std::string_view datagram_;
  uint32_t position_;
  uint32_t end_;
  bool is_done_;
  bool failed_ = false;
  Separators<token_class> separators_;  // of [position_, end_)
};

}  // namespace demarc::sip
