// Alert-Info, Call-Info and Error-Info (RFC 3261 sections 20.4, 20.9 and 20.18): <URI> with
// parameters.
//
// Called by call/ on the worker that holds the message, which keeps or removes them as a trunk is
// trusted: they make a phone fetch something. Values are comma-separated lists; these read one
// element. Spans are valid as long as the datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"
#include "sip-parser/uri.h"

namespace demarc::sip {

struct BracketedUri {
  Uri uri;
  Span params;
};

enum class CallInfoPurpose : uint8_t { icon, info, card, other };
// "icon"; empty for `other`.
std::string_view spelling(CallInfoPurpose purpose);

struct CallInfo {
  BracketedUri info;
  CallInfoPurpose purpose = CallInfoPurpose::other;
  Span purpose_text;  // empty when absent
};

// An element of Alert-Info, Error-Info and Geolocation.
Result<BracketedUri, ValueError> parse_bracketed_uri(Span element, std::string_view datagram);
Result<CallInfo, ValueError> parse_call_info(Span element, std::string_view datagram);

}  // namespace demarc::sip
