// Call-ID (RFC 3261 section 20.8) and lists of them (In-Reply-To, section 20.21).
//
// callid = word [ "@" word ]: compared octet by octet, so nothing is decoded. A word may hold '"',
// '<' and '(' as plain octets, which is why a list of Call-IDs is no matter for ListCursor. Spans
// are valid as long as the datagram; any thread.
#pragma once

#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"
#include "sip-parser/value_reader.h"

namespace demarc::sip {

bool is_call_id(std::string_view text);

Result<Span, ValueError> parse_call_id(Span value, std::string_view datagram);

// The callid that stands at the reader; empty when there is none.
Span read_call_id(ValueReader& reader);

// Walks the Call-IDs of an In-Reply-To value; a list without any fails.
class CallIdCursor {
 public:
  CallIdCursor(Span value, std::string_view datagram) : reader_(value, datagram) {}
  // False at the end and at a mistake; ask failed() for the difference.
  bool next(Span& call_id);
  bool failed() const { return failed_; }

 private:
  ValueReader reader_;
  bool is_done_ = false;
  bool failed_ = false;
};

}  // namespace demarc::sip
