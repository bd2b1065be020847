// Grammars that are checked but have no typed reading: text, versions, lists of Contacts and the
// like.
//
// Used by field_rules.cc only, in whose table each stands as a function of one shape. They give
// back the value that they accepted. RFC 3261 section 25.1.
#pragma once

#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

using FieldCheck = Result<Span, ValueError> (*)(Span value, std::string_view datagram);

// What no grammar lets into a value: a control octet that is neither in white space nor behind a
// '\', a CR, LF or NUL even there (parse.h says why), and what is not well-formed UTF-8.
Result<Span, ValueError> check_octets(Span value, std::string_view datagram);

// TEXT-UTF8: no control octets but HTAB and folds, and well-formed UTF-8.
Result<Span, ValueError> check_text(Span value, std::string_view datagram);
Result<Span, ValueError> check_token(Span value, std::string_view datagram);
// 1*DIGIT "." 1*DIGIT
Result<Span, ValueError> check_version(Span value, std::string_view datagram);
// name-addr / addr-spec without parameters of the field, as RFC 3325 section 9.1 has it.
Result<Span, ValueError> check_bare_address(Span element, std::string_view datagram);
// Elements of Contact, or "*" alone.
Result<Span, ValueError> check_contacts(Span value, std::string_view datagram);
// callid *( COMMA callid )
Result<Span, ValueError> check_call_ids(Span value, std::string_view datagram);

}  // namespace demarc::sip
