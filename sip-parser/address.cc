#include "sip-parser/address.h"

namespace demarc::sip {

Result<Address, ValueError> parse_address(Span element, std::string_view datagram,
                                          AddressForm form) {
  Address address;
  NameAddrCursor cursor(element, datagram);
  if (!cursor.next(address.name_addr, address.uri)) return Fail{cursor.error()};
  if (!cursor.is_at_end()) return Fail{ValueError::bad_syntax};
  const uint16_t uri = address.name_addr.uri.offset;
  const bool has_brackets = uri > element.offset && datagram[uri - 1u] == '<';
  if (form == AddressForm::name_addr && !has_brackets) return Fail{ValueError::bad_syntax};
  return address;
}

}  // namespace demarc::sip
