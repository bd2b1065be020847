#include "sip-parser/address.h"

namespace demarc::sip {

Result<Address, ValueError> parse_address(Span element, std::string_view datagram,
                                          AddressForm form) {
  const Result<NameAddr, ValueError> name_addr = parse_name_addr(element, datagram);
  if (!name_addr) return Fail{name_addr.error()};
  const Span uri_span = name_addr->uri;
  const bool has_brackets =
      uri_span.offset > element.offset && datagram[uri_span.offset - 1u] == '<';
  if (form == AddressForm::name_addr && !has_brackets) return Fail{ValueError::bad_syntax};
  const Result<Uri, ValueError> uri = parse_uri(uri_span, datagram);
  if (!uri) return Fail{uri.error()};
  return Address{*name_addr, *uri};
}

}  // namespace demarc::sip
