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

bool is_control(uint8_t octet) {
  return octet < 0x20 || octet == 0x7f;
}

bool is_text(Span value, std::string_view datagram, bool has_quoted_pairs) {
  uint32_t position = value.offset;
  while ((position = skip_lws(datagram, position, value.end())) < value.end()) {
    if (has_quoted_pairs && datagram[position] == '\\' && position + 1 < value.end()) {
      const char quoted = datagram[position + 1];
      if (quoted == '\0' || quoted == '\r' || quoted == '\n') return false;
      // An octet above 0x7f is no quoted-pair; it is looked at as what it is.
      position += static_cast<uint8_t>(quoted) < 0x80 ? 2 : 1;
      continue;
    }
    const size_t length = utf8_octets(datagram.substr(position, value.end() - position));
    if (length == 0 || is_control(static_cast<uint8_t>(datagram[position]))) return false;
    position += static_cast<uint32_t>(length);
  }
  return true;
}

Result<Span, ValueError> accept_if(bool is_good, Span value) {
  if (!is_good) return Fail{ValueError::bad_syntax};
  return value;
}

}  // namespace

Result<Span, ValueError> check_octets(Span value, std::string_view datagram) {
  return accept_if(is_text(value, datagram, true), value);
}

Result<Span, ValueError> check_text(Span value, std::string_view datagram) {
  return accept_if(is_text(value, datagram, false), value);
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
