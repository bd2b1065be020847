// Transfer: Refer-To (RFC 3515 section 2.1), Referred-By (RFC 3892) and Refer-Sub (RFC 4488).
//
// Called by call/ on the worker that holds the message. An attended transfer names the call to be
// replaced as a header of the Refer-To URI (RFC 3891 section 6), escaped; embedded_replaces()
// decodes it once, into the caller's buffer. Spans are valid as long as the datagram.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sip-parser/address.h"
#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/dialog_id.h"
#include "sip-parser/method.h"

namespace demarc::sip {

struct ReferTo {
  Address address;
  Method method = Method::invite;  // the method parameter of the URI
  Span method_text;                // empty when absent
  Span escaped_replaces;           // with its escapes; empty when absent
};

struct ReferredBy {
  Address address;
  Span cid;  // of the body part with the referrer's token, without quotes; empty when absent
};

struct ReferSub {
  bool wants_subscription = true;
};

Result<ReferTo, ValueError> parse_refer_to(Span value, std::string_view datagram);
Result<ReferredBy, ValueError> parse_referred_by(Span value, std::string_view datagram);
Result<ReferSub, ValueError> parse_refer_sub(Span value, std::string_view datagram);

struct EmbeddedReplaces {
  std::string_view text;  // the Replaces value, in the caller's buffer
  DialogId id;            // Spans over `text`
};

// To be called when escaped_replaces is not empty. too_many: it does not fit the buffer; a buffer
// as long as escaped_replaces always does. What decodes to a NUL, CR or LF is bad_syntax.
Result<EmbeddedReplaces, ValueError> embedded_replaces(const ReferTo& refer_to,
                                                       std::string_view datagram,
                                                       std::span<char> buffer);

}  // namespace demarc::sip
