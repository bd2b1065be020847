// parse_dtmf() on any body of INFO: a digit has an event and a duration within bounds, what stands
// beside the body does not matter, and a digit that is written reads the same.

#include "dataplane/call/dtmf_info.h"

#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

using call::DtmfDigit;
using contract::Dtmf;

void check_written(Dtmf form, const DtmfDigit& digit) {
  char room[64];
  sip::Writer writer(room);
  call::write_dtmf(form, digit, writer);
  DEMARC_CHECK(!writer.failed());
  DtmfDigit again;
  DEMARC_CHECK(call::parse_dtmf(writer.written(), again));
  DEMARC_CHECK(again.event == digit.event);
  // The other form has no place for it.
  DEMARC_CHECK(again.duration_ms ==
               (form == Dtmf::info_relay ? digit.duration_ms : call::usual_digit_ms));
}

void run(std::string_view input) {
  if (input.size() > max_value_octets) return;
  const Placed placed(input, 0, '\0');
  DtmfDigit digit;
  const bool is_digit = call::parse_dtmf(placed.view(), digit);
  DEMARC_CHECK(digit.duration_ms <= call::max_digit_ms);
  // Alone, and between octets that would go on with it.
  const Neighboured inside(input);
  DtmfDigit same;
  DEMARC_CHECK(call::parse_dtmf(text(inside.span(), inside.datagram()), same) == is_digit);
  DEMARC_CHECK(same.event == digit.event && same.duration_ms == digit.duration_ms);
  static_cast<void>(call::is_dtmf(placed.view()));
  if (!is_digit) return;
  DEMARC_CHECK(digit.event < 16);
  check_written(Dtmf::info_relay, digit);
  check_written(Dtmf::info_dtmf, digit);
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
