// CSeq (RFC 3261 section 20.16) and the other fields that are plain numbers.
//
// Called by parse() (the method of a response), validate() and call/ on the worker that holds the
// message. Leading zeros are legal; a sign, a blank inside and an empty value are not.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/method.h"
#include "sip-parser/params.h"

namespace demarc::sip {

inline constexpr uint32_t max_cseq = 0x7fffffff;  // "less than 2**31", RFC 3261 section 8.1.1.5

struct CSeq {
  uint32_t number = 0;
  Method method = Method::other;
  Span method_text;
};

Result<CSeq, ValueError> parse_cseq(Span value, std::string_view datagram);
// The same into a caller's object, complete on success. ValueError{} is success.
[[nodiscard]] ValueError read_cseq(Span value, std::string_view datagram, CSeq& cseq);

// Max-Forwards, Expires, Min-Expires, RSeq, Content-Length: digits only, at most `maximum`.
Result<uint32_t, ValueError> parse_number(Span value, std::string_view datagram, uint32_t maximum);

}  // namespace demarc::sip
