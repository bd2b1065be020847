// The headers of a SIP URI: hname "=" hvalue, separated by '&' (RFC 3261 section 19.1.1).
//
// Used for Refer-To (an embedded Replaces), History-Info (an embedded Reason) and the comparison of
// URIs. Names and values come as they stand, with their escapes. Borrows the datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

inline constexpr unsigned max_uri_headers = 64;

struct UriHeader {
  Span name;
  Span value;  // may be empty
};

class UriHeaderCursor {
 public:
  // `headers` as in Uri: behind the '?'.
  UriHeaderCursor(Span headers, std::string_view datagram)
      : datagram_(datagram), position_(headers.offset), end_(headers.end()) {}
  // False at the end and at a mistake; ask failed() for the difference.
  bool next(UriHeader& header);
  bool failed() const { return failed_; }
  // Why it failed; to be asked only then.
  ValueError error() const { return error_; }

 private:
  bool fail(ValueError error);

  std::string_view datagram_;
  uint32_t position_;
  uint32_t end_;
  unsigned count_ = 0;
  bool is_behind_ampersand_ = false;
  bool failed_ = false;
  ValueError error_ = ValueError::bad_syntax;
};

// The one header of that name, compared without case and with its escapes decoded; its Spans are
// empty when there is none. Two of them, or a mistake anywhere, fail.
Result<UriHeader, ValueError> find_uri_header(Span headers, std::string_view name,
                                              std::string_view datagram);

}  // namespace demarc::sip
