// One digit in the body of INFO: application/dtmf-relay and application/dtmf, as gateways write
// them. Neither has an RFC; the forms are those of many years' use.
//
// Called by digits.cc. Pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "dataplane/contract/codec_policy.h"
#include "sip-parser/write.h"

namespace demarc::call {

inline constexpr uint16_t usual_digit_ms = 160;  // where nobody says
inline constexpr uint16_t max_digit_ms = 10000;

struct DtmfDigit {
  uint8_t event = 0;  // of RFC 4733, below 16
  uint16_t duration_ms = usual_digit_ms;
};

// Whether an INFO with that Content-Type carries a digit.
bool is_dtmf(std::string_view content_type);
// "Signal=5", "Duration=160" in lines of any order and blanks; or the digit alone. False when there
// is no digit that has an event.
bool parse_dtmf(std::string_view body, DtmfDigit& digit);

// Of info_relay and info_dtmf.
std::string_view dtmf_content_type(contract::Dtmf form);
void write_dtmf(contract::Dtmf form, const DtmfDigit& digit, sip::Writer& writer);

}  // namespace demarc::call
