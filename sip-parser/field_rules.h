// What is known of every header field that has a name here: the form of its value, whether it is a
// list, whether it may stand more than once, and which RFC says so. The one place for all three.
//
// Used by validate() for fields that may not repeat, and by whoever wants a field checked without a
// typed reading of it. For the reading there is a parser per concept (reason.h, event.h, ...),
// which check_field() calls too, so that both agree. No state, any thread. RFC 3261 section 20.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/header_name.h"
#include "sip-parser/params.h"

namespace demarc::sip {

// The few forms that the values, or the elements of lists, have.
enum class Shape : uint8_t {
  opaque,         // a field that is not known: anything
  text,           // TEXT-UTF8
  number,         // digits
  token,          // a token, also with a form of its own inside (a language, an event type)
  token_params,   // a token, number or text with parameters
  address,        // name-addr or addr-spec, with parameters: holds a URI
  bracketed_uri,  // <URI> with parameters
  call_id,        // a Call-ID
  dialog_id,      // a Call-ID with tags
  media_type,     // type "/" subtype, with parameters
  credentials,    // a scheme and its parameters
  own,            // a grammar that no other field has
};

struct FieldRule {
  HeaderName name = HeaderName::other;
  Shape shape = Shape::opaque;
  bool is_list = false;       // elements with commas between, RFC 3261 section 7.3.1
  bool may_repeat = false;    // more than one field of the name in a message
  bool may_be_empty = false;  // a value of nothing is good
  uint16_t rfc = 0;           // that defines the field; 0: none does (a draft)
};

const FieldRule& field_rule(HeaderName name);

// The largest number of a field of Shape::number.
uint32_t max_number_of(HeaderName name);

// Whether a whole field value fits the grammar of its field; gives it back when it does. A list is
// checked element by element. `other` is always good.
Result<Span, ValueError> check_field(HeaderName name, Span value, std::string_view datagram);

}  // namespace demarc::sip
