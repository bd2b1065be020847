// Parameters: *( SEMI name [ EQUAL value ] ) of RFC 3261 section 25.1, in header fields and URIs,
// and the elements of comma-separated lists.
//
// Cursors borrow the datagram and hold no memory of their own; the worker that holds the message
// uses them. They never look behind the end of their span.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/parse.h"

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
  ParamCursor(Span params, std::string_view datagram);
  // False at the end and at a mistake; ask failed() for the difference.
  bool next(Param& param);
  bool failed() const { return failed_; }
  // Why it failed; to be asked only then.
  ValueError error() const { return error_; }

 private:
  bool fail(ValueError error);
  bool read_value(Param& param);
  bool read_quoted(Param& param);

  std::string_view datagram_;
  uint32_t position_;
  uint32_t end_;
  unsigned count_ = 0;
  bool failed_ = false;
  ValueError error_ = ValueError::bad_syntax;
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

}  // namespace demarc::sip
