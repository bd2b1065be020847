#include "sip-parser/contact.h"

#include "sip-parser/cseq.h"
#include "sip-parser/known_params.h"

namespace demarc::sip {
namespace {

constexpr KnownParam known[] = {{"q", ParamForm::token}, {"expires", ParamForm::token}};

}  // namespace

Result<Contact, ValueError> parse_contact(Span element, std::string_view datagram) {
  Contact contact;
  contact.is_star = text(element, datagram) == "*";
  if (contact.is_star) return contact;
  const Result<Address, ValueError> address = parse_address(element, datagram, AddressForm::any);
  if (!address) return Fail{address.error()};
  contact.address = *address;
  const auto found = read_known_params(address->name_addr.params, datagram, known);
  if (!found) return Fail{found.error()};
  const auto& [q_param, expires_param] = *found;
  if (is_present(q_param)) {
    const Result<uint16_t, ValueError> q = parse_q(q_param.value, datagram);
    if (!q) return Fail{q.error()};
    contact.q = *q;
  }
  contact.has_expires = is_present(expires_param);
  if (!contact.has_expires) return contact;
  const Result<uint32_t, ValueError> expires =
      parse_number(expires_param.value, datagram, UINT32_MAX);
  if (!expires) return Fail{expires.error()};
  contact.expires_s = *expires;
  return contact;
}

}  // namespace demarc::sip
