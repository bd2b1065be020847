// token *( SEMI generic-param ): the commonest form of a header field value.
//
// Content-Disposition, Info-Package, Recv-Info, Event's kind, Accept-Contact and many more; called
// for fields that need no more than this, and by the typed parsers of those that do. Spans are
// valid as long as the datagram. RFC 3261 section 25.1.
#pragma once

#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

struct TokenParams {
  Span token;
  Span params;  // from the first ';'; well-formed
};

Result<TokenParams, ValueError> parse_token_params(Span element, std::string_view datagram);

// Walks `params` to its end: whether all of it is well-formed.
Result<Span, ValueError> check_params(Span params, std::string_view datagram);

}  // namespace demarc::sip
