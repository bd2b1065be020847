// Any octets as the value of every known header field: check_field(), and through it each parser of
// a concept, gives the value back or refuses it, whatever stands beside the value.

#include "sip-parser/field_rules.h"

#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

void run(std::string_view input) {
  if (input.size() > max_value_octets) return;
  const Placed placed(input, 0, '\0');
  const Span value{0, static_cast<uint16_t>(input.size())};
  const Neighboured inside(input);
  for (unsigned i = 0; i < sip::header_name_count; ++i) {
    const auto name = static_cast<sip::HeaderName>(i);
    const auto checked = sip::check_field(name, value, placed.view());
    const auto twin = sip::check_field(name, inside.span(), inside.datagram());
    DEMARC_CHECK(checked.has_value() == twin.has_value());
    if (checked.has_value()) {
      check_inside(*checked, placed.view());
      DEMARC_CHECK(inside.is_same(*checked, *twin));
    } else {
      DEMARC_CHECK(checked.error() == twin.error());
    }
    if (input.empty()) {
      DEMARC_CHECK(checked.has_value() == (sip::field_rule(name).may_be_empty || i == 0));
    }
  }
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
