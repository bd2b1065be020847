// Message: one SIP message as spans over the octets it was received in.
//
// Made by parse(); a caller owns it and uses it again for the next message. It holds offsets only,
// so it stays true while the datagram's octets do, wherever they are moved; every accessor that
// gives text takes the datagram. One message is used by one thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sip-parser/base/span.h"
#include "sip-parser/header_name.h"
#include "sip-parser/method.h"

namespace demarc::sip {

inline constexpr uint32_t max_message_octets = 65535;
inline constexpr uint16_t max_header_fields = 255;

// One header field. `value` is without leading and trailing white space; a folded value (RFC 3261
// section 7.3.1) keeps its folds inside.
struct HeaderField {
  Span name;
  Span value;
  HeaderName id = HeaderName::other;
  uint8_t next = 0;  // index of the next field of the same known name; no_field at the end
};

struct Message {
  static constexpr uint8_t no_field = 255;

  bool is_request = false;
  Method method = Method::other;  // of a request; of a response, that of its CSeq
  uint16_t status_code = 0;       // three digits in a response (validate: 100..699), else 0
  Span method_text;               // in a request
  Span request_uri;               // in a request
  Span reason_phrase;             // in a response; may be empty
  Span start_line;
  Span header;  // from behind the start line to before the empty line, with its last CRLF
  Span body;
  uint16_t field_count = 0;
  std::array<uint8_t, header_name_count> first_of;  // no_field when absent
  std::array<HeaderField, max_header_fields> fields;

  bool has(HeaderName name) const { return first_of[static_cast<uint8_t>(name)] != no_field; }
  // The first field of that name, or nullptr. Walk on with next().
  const HeaderField* first(HeaderName name) const {
    const uint8_t index = first_of[static_cast<uint8_t>(name)];
    return index == no_field ? nullptr : &fields[index];
  }
  const HeaderField* next(const HeaderField& field) const {
    return field.next == no_field ? nullptr : &fields[field.next];
  }
  // Value of the first field of that name; an empty Span when there is none.
  Span value(HeaderName name) const {
    const HeaderField* field = first(name);
    return field == nullptr ? Span{} : field->value;
  }
};

}  // namespace demarc::sip
