// An address field with its URI read as well: what name_addr.h leaves out.
//
// Used by the typed parsers of fields that hold an address (contact.h, diversion.h, refer_to.h,
// ...) and by field_rules.h. Spans are valid as long as the datagram. RFC 3261 section 20.10 and
// RFC 8217.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/name_addr.h"
#include "sip-parser/uri.h"

namespace demarc::sip {

enum class AddressForm : uint8_t {
  name_addr,  // with <>
  any,        // name-addr / addr-spec
};

struct Address {
  NameAddr name_addr;
  Uri uri;
};

// One element, no list.
Result<Address, ValueError> parse_address(Span element, std::string_view datagram,
                                          AddressForm form);

}  // namespace demarc::sip
