// telephone-subscriber (RFC 3966 section 3): a number and its parameters, of a tel URI or in the
// user part of a SIP URI with user=phone (RFC 3261 section 19.1.6).
//
// Called by route/ and call/ on the worker that holds the message. Spans are valid as long as the
// datagram. uri.h has telephone_number(), which is for what users dial; this is the grammar.
// Deviates from RFC 3966 section 5.1.5 as uri.h does: a local number needs no phone-context.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"
#include "sip-parser/uri.h"

namespace demarc::sip {

struct Telephone {
  bool is_global = false;  // begins with '+'
  Span number;             // with '+', visual separators and escapes, as it stands
  Span ext;                // extension; empty when absent, as the next two
  Span isub;               // ISDN subaddress
  Span phone_context;      // of a local number: a domain, or a global number
  Span params;             // all, from the first ';'
};

// The text of a telephone-subscriber.
Result<Telephone, ValueError> parse_telephone(Span subscriber, std::string_view datagram);
// That of a tel URI, or of a SIP or SIPS URI with user=phone; bad_syntax of any other.
Result<Telephone, ValueError> telephone_of(const Uri& uri, std::string_view datagram);

// Walks the digits of a number: separators are left out, escapes decoded, letters made small. A
// leading '+' is given too.
class PhoneDigits {
 public:
  explicit PhoneDigits(std::string_view number) : number_(number) {}
  // False at the end and at an octet that no number has; ask failed() for the difference.
  bool next(char& digit);
  bool failed() const { return failed_; }

 private:
  std::string_view number_;
  size_t position_ = 0;
  bool failed_ = false;
};

// Whether both are one number, visual separators aside. What is no number equals nothing.
struct NumberPair {
  std::string_view first;
  std::string_view second;
};
bool is_same_number(NumberPair numbers);

}  // namespace demarc::sip
