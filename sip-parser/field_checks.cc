#include "sip-parser/field_checks.h"

#include "sip-parser/address.h"
#include "sip-parser/call_id.h"
#include "sip-parser/contact.h"
#include "sip-parser/token_params.h"
#include "sip-parser/value_reader.h"

namespace demarc::sip {
namespace {

// How many octets the UTF-8 character at `text` has; 0 when there is no well-formed one. The four
// ranges leave out overlong forms, surrogates and what is above U+10FFFF (RFC 3629 section 4).
size_t utf8_octets(std::string_view text) {
  const auto at = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = at(0);
  if (first < 0x80) return 1;
  const size_t length = first < 0xc2   ? 0
                        : first < 0xe0 ? 2
                        : first < 0xf0 ? 3
                        : first < 0xf5 ? 4
                                       : 0;
  if (length == 0 || text.size() < length) return 0;
  const uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (at(1) < low || at(1) > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if ((at(i) & 0xc0) != 0x80) return 0;
  }
  return length;
}

// auth-param = name EQUAL ( token / quoted-string ). A value without quotes is taken as wide
// as ParamCursor takes one, for a URI or base64.
bool read_auth_param(ValueReader& reader) {
  if (reader.token().empty() || !reader.take('=')) return false;
  Span value;
  if (reader.is_at('"')) return reader.quoted(value);
  value = reader.plain_value();
  return !value.empty();
}

// token68 of RFC 7235 section 2.1.
constexpr CharClass token68_class = CharClass::where(ascii::is_alphanum) | CharClass::of("-._~+/");

bool read_token68(ValueReader& reader) {
  const Span body = reader.run(token68_class);
  reader.run(CharClass::of("="));
  return !body.empty();
}

Result<Span, ValueError> accept_if(bool is_good, Span value) {
  if (!is_good) return Fail{ValueError::bad_syntax};
  return value;
}

}  // namespace

Result<Span, ValueError> check_text(Span value, std::string_view datagram) {
  uint32_t position = value.offset;
  while (position < value.end()) {
    position = skip_lws(datagram, position, value.end());
    if (position == value.end()) break;
    const uint8_t octet = static_cast<uint8_t>(datagram[position]);
    if (octet < 0x20 || octet == 0x7f) return Fail{ValueError::bad_syntax};
    const size_t length = utf8_octets(datagram.substr(position, value.end() - position));
    if (length == 0) return Fail{ValueError::bad_syntax};
    position += static_cast<uint32_t>(length);
  }
  return value;
}

Result<Span, ValueError> check_token(Span value, std::string_view datagram) {
  return accept_if(ascii::is_token(text(value, datagram)), value);
}

Result<Span, ValueError> check_version(Span value, std::string_view datagram) {
  ValueReader reader(value, datagram);
  const bool is_good = !reader.digits().empty() && reader.take_octet('.') &&
                       !reader.digits().empty() && reader.at_end();
  return accept_if(is_good, value);
}

Result<Span, ValueError> check_media_type(Span element, std::string_view datagram) {
  ValueReader reader(element, datagram);
  Span params;
  if (reader.token().empty() || !reader.take('/') || reader.token().empty() ||
      !reader.params(params)) {
    return Fail{ValueError::bad_syntax};
  }
  const Result<Span, ValueError> checked = check_params(params, datagram);
  if (!checked) return Fail{checked.error()};
  return element;
}

Result<Span, ValueError> check_auth_param(Span element, std::string_view datagram) {
  ValueReader reader(element, datagram);
  return accept_if(read_auth_param(reader) && reader.at_end(), element);
}

Result<Span, ValueError> check_credentials(Span value, std::string_view datagram) {
  ValueReader reader(value, datagram);
  const std::string_view scheme = text(reader.token(), datagram);
  if (scheme.empty() || !reader.is_at_space()) return Fail{ValueError::bad_syntax};
  reader.skip_space();
  if (ascii::iequals(scheme, "Bearer")) {
    ValueReader bearer = reader;
    if (read_token68(bearer) && bearer.at_end()) return value;
  }
  do {
    if (!read_auth_param(reader)) return Fail{ValueError::bad_syntax};
  } while (reader.take(','));
  return accept_if(reader.at_end(), value);
}

Result<Span, ValueError> check_bare_address(Span element, std::string_view datagram) {
  const Result<Address, ValueError> address = parse_address(element, datagram, AddressForm::any);
  if (!address) return Fail{address.error()};
  return accept_if(address->name_addr.params.empty(), element);
}

Result<Span, ValueError> check_contacts(Span value, std::string_view datagram) {
  unsigned count = 0;
  bool has_star = false;
  Span element;
  for (ListCursor cursor(value, datagram); cursor.next(element); ++count) {
    const Result<Contact, ValueError> contact = parse_contact(element, datagram);
    if (!contact) return Fail{contact.error()};
    has_star |= contact->is_star;
  }
  return accept_if(count > 0 && (!has_star || count == 1), value);
}

Result<Span, ValueError> check_call_ids(Span value, std::string_view datagram) {
  Span call_id;
  CallIdCursor cursor(value, datagram);
  while (cursor.next(call_id)) {
  }
  return accept_if(!cursor.failed(), value);
}

}  // namespace demarc::sip
