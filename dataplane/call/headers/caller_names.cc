#include "dataplane/call/headers/caller_names.h"

#include "dataplane/number/rewrite.h"

namespace demarc::call::headers {

using number::DisplayName;
using number::NameResult;

bool CallerNames::has_rules() const {
  return number::numbers_of(snapshot, to).caller_names != contract::no_row;
}

ShownName CallerNames::show(std::string_view user, ShownName name, DisplayName& made) const {
  const uint32_t rules = number::numbers_of(snapshot, to).caller_names;
  switch (number::display_name(snapshot, worker, rules, user, made)) {
    case NameResult::unmatched:
    case NameResult::kept:
      return name;
    case NameResult::set:
      if (!is_private) return {made.view(), true};
      break;
    case NameResult::removed:
      break;
  }
  return {};
}

ShownName CalledName::show(const sip::Message& request, std::string_view datagram,
                           std::string_view user, DisplayName& made) const {
  const uint32_t rules = number::numbers_of(snapshot, to).called_names;
  const NameResult result = number::display_name(snapshot, worker, rules, user, made);
  if (result == NameResult::set) return {made.view(), true};
  if (result != NameResult::kept) return {};
  const auto written =
      sip::parse_address(request.value(sip::HeaderName::to), datagram, sip::AddressForm::any);
  if (!written) return {};
  return {text(written->name_addr.display_name, datagram), written->name_addr.has_quotes};
}

void show_name(const Crossing& crossing, const sip::NameAddr& name_addr, const sip::Uri& uri,
               DisplayName& made, AddressStyle& style) {
  if (crossing.names == nullptr) return;
  number::Number number;
  std::string_view user = style.number;
  if (user.empty() && number::read_number(uri, crossing.datagram, number)) user = number.view();
  if (user.empty()) user = text(uri.user, crossing.datagram);
  ShownName own;
  if (style.shows_name) {
    own = {text(name_addr.display_name, crossing.datagram), name_addr.has_quotes};
  }
  const ShownName shown = crossing.names->show(user, own, made);
  style.shows_name = !shown.text.empty();
  if (shown.text.data() != own.text.data()) style.name = shown.text;
}

}  // namespace demarc::call::headers
