// RSeq and RAck: reliable provisional responses (RFC 3262 sections 7.1 and 7.2).
//
// Called by transaction/ and call/ on the worker that holds the message. Spans are valid as long
// as the datagram. RSeq 0 is no number of any response, so it is refused in both.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/cseq.h"
#include "sip-parser/method.h"
#include "sip-parser/params.h"

namespace demarc::sip {

inline constexpr uint32_t max_rseq = 0xffffffff;
// The first RSeq of a transaction leaves room to count, RFC 3262 section 3. We choose ours so; of
// a peer it is not demanded, as a response alone does not tell whether it was the first.
inline constexpr uint32_t max_first_rseq = 0x7fffffff;

struct RAck {
  uint32_t rseq = 0;
  CSeq cseq;
};

Result<uint32_t, ValueError> parse_rseq(Span value, std::string_view datagram);
Result<RAck, ValueError> parse_rack(Span value, std::string_view datagram);

}  // namespace demarc::sip
