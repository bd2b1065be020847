// FieldWalker: goes through the lines of a SIP message, from the start line to the empty line.
//
// parse() and peek() both walk with it, so they can not see different fields in one message
// (RFC 3261 sections 7 and 7.3.1). It knows lines, folds and names, not what a name means. A line
// ends with CRLF; a bare CR, a bare LF and NUL fail, see parse.h for the reason.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/span.h"
#include "sip-parser/parse.h"
#include "sip-parser/scan.h"

namespace demarc::sip {

class FieldWalker {
 public:
  enum class Step : uint8_t { found, end, failed };

  // Skips the CR and LF before the start line (RFC 3261 section 7.5). Borrows the datagram, which
  // is at most max_message_octets long and padded.
  explicit FieldWalker(std::string_view datagram);

  // The first line without its CRLF. Never `end`. To be called once, before next().
  Step start_line(Span& line);
  // The next field; `end` at the empty line.
  Step next(Span& name, Span& value);

  ParseError error() const { return error_; }
  // The first octet that was not walked yet: behind the empty line after `end`.
  uint32_t position() const { return position_; }

 private:
  // Finds the CRLF that ends the line at position_. False: error_ is set.
  bool find_line_end(uint32_t& line_end);
  Step fail(ParseError error) {
    error_ = error;
    return Step::failed;
  }

  std::string_view datagram_;
  uint32_t position_;
  LineScanner scanner_;
  ParseError error_ = ParseError::empty;
};

}  // namespace demarc::sip
