#include "sip-parser/diversion.h"

#include <utility>

#include "sip-parser/cseq.h"
#include "sip-parser/known_params.h"
#include "sip-parser/words.h"

namespace demarc::sip {
namespace {

constexpr std::string_view reasons[] = {
    "unknown",        "user-busy",  "no-answer", "unavailable",    "unconditional", "time-of-day",
    "do-not-disturb", "deflection", "follow-me", "out-of-service", "away"};
static_assert(std::size(reasons) == static_cast<size_t>(DiversionReason::other));

constexpr std::string_view privacies[] = {"full", "name", "uri", "off"};
static_assert(std::size(privacies) == static_cast<size_t>(DiversionPrivacy::other));

constexpr KnownParam known[] = {{"reason", ParamForm::any},
                                {"privacy", ParamForm::any},
                                {"screen", ParamForm::any},
                                {"counter", ParamForm::token},
                                {"limit", ParamForm::token}};

}  // namespace

std::string_view spelling(DiversionReason reason) {
  return word_of(reason, reasons);
}
std::string_view spelling(DiversionPrivacy privacy) {
  return word_of(privacy, privacies);
}

Result<Diversion, ValueError> parse_diversion(Span element, std::string_view datagram) {
  const Result<Address, ValueError> address =
      parse_address(element, datagram, AddressForm::name_addr);
  if (!address) return Fail{address.error()};
  const auto found = read_known_params(address->name_addr.params, datagram, known);
  if (!found) return Fail{found.error()};
  const auto& [reason, privacy, screen, counter, limit] = *found;

  Diversion result;
  result.address = *address;
  result.reason_text = reason.value;
  result.reason = enum_of<DiversionReason>(text(reason.value, datagram), reasons);
  result.privacy_text = privacy.value;
  result.privacy = enum_of<DiversionPrivacy>(text(privacy.value, datagram), privacies);
  result.screen_text = screen.value;
  result.has_counter = is_present(counter);
  result.has_limit = is_present(limit);
  for (const auto& [param, number] :
       {std::pair{&counter, &result.counter}, std::pair{&limit, &result.limit}}) {
    if (!is_present(*param)) continue;
    const Result<uint32_t, ValueError> value =
        parse_number(param->value, datagram, max_diversion_count);
    if (!value) return Fail{value.error()};
    *number = static_cast<uint8_t>(*value);
  }
  return result;
}

}  // namespace demarc::sip
