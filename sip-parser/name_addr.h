// name-addr / addr-spec with header parameters: From, To, Contact, Route, Record-Route, Diversion,
// P-Asserted-Identity, Refer-To (RFC 3261 sections 20.10, 20.20, 20.31, 20.39).
//
// Called by validate() for the fields that every message has and by call/ for the others, on the
// worker that holds the message. Spans are valid as long as the datagram.
#pragma once

#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"
#include "sip-parser/uri.h"

namespace demarc::sip {

struct NameAddr {
  Span display_name;  // without quotes, escapes as they stand; empty when absent
  bool has_quotes = false;
  Span uri;     // without <>
  Span params;  // header parameters, from the first ';' behind the URI
  Span tag;     // the value of the tag parameter; empty when absent
};

// One element, no comma-separated list. Without <> every ';' parameter is the header field's, and a
// '?' or ',' is an error (RFC 3261 section 20). Of the URI only the scheme is looked at; the
// parameters are walked once, so a mistake in them fails here. tag may stand once.
Result<NameAddr, ValueError> parse_name_addr(Span span, std::string_view datagram);

// Walks the elements of one field value that is a list of such: Contact, Route, Record-Route. Reads
// each element once.
class NameAddrCursor {
 public:
  NameAddrCursor(Span value, std::string_view datagram)
      : datagram_(datagram), position_(value.offset), end_(value.end()) {}
  // False at the end and at a mistake; ask failed() for the difference. An empty value is one.
  bool next(NameAddr& name_addr) { return !is_done_ && read_next(name_addr); }
  // The same and the URI itself, in one reading: a mistake in it fails here.
  bool next(NameAddr& name_addr, Uri& uri) { return !is_done_ && read_next(name_addr, uri); }
  // Whether the element that next() gave was the last one.
  bool is_at_end() const { return is_done_; }
  bool failed() const { return error_ != ValueError{}; }
  ValueError error() const { return error_; }

 private:
  bool read_next(NameAddr& name_addr);
  bool read_next(NameAddr& name_addr, Uri& uri);

  std::string_view datagram_;
  uint32_t position_;
  uint32_t end_;
  bool is_done_ = false;
  ValueError error_{};
};

}  // namespace demarc::sip
