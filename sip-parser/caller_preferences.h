// What a caller wishes: Request-Disposition, Accept-Contact and Reject-Contact (RFC 3841 section
// 9), and Feature-Caps of the same form (RFC 6809).
//
// Called by call/ on the worker that holds the message. Request-Disposition is read as one set;
// the others are comma-separated lists of which these read one element.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/enum_set.h"
#include "sip-parser/params.h"

namespace demarc::sip {

enum class RequestDirective : uint8_t {
  proxy,
  redirect,
  cancel,
  no_cancel,
  fork,
  no_fork,
  recurse,
  no_recurse,
  parallel,
  sequential,
  queue,
  no_queue,
  other,
};
// "no-fork"; empty for `other`.
std::string_view spelling(RequestDirective disposition);

struct RequestDisposition {
  EnumSet<RequestDirective> directives;  // never has `other`
};

// RFC 3841 section 10 has no room for other directives, and of a pair only one may stand.
Result<RequestDisposition, ValueError> parse_request_disposition(Span value,
                                                                 std::string_view datagram);

// "*" and feature parameters.
struct FeatureSet {
  Span params;
  bool is_required = false;  // "require" of Accept-Contact
  bool is_explicit = false;  // "explicit" of Accept-Contact
};

Result<FeatureSet, ValueError> parse_feature_set(Span element, std::string_view datagram);

}  // namespace demarc::sip
