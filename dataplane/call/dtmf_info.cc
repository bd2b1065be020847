#include "dataplane/call/dtmf_info.h"

#include <algorithm>

#include "dataplane/media/telephone_event.h"
#include "sip-parser/base/ascii.h"

namespace demarc::call {
namespace {

constexpr std::string_view relay_type = "application/dtmf-relay";
constexpr std::string_view plain_type = "application/dtmf";

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// "5", "*", or the event's number as some write it: "10" for '*', "11" for '#'.
uint8_t event_of_text(std::string_view text) {
  if (text.size() == 1) return media::event_of(text[0]);
  uint64_t number = 0;
  const bool is_number = text.size() == 2 && ascii::parse_decimal(text, 15, number);
  return is_number && number >= 10 ? static_cast<uint8_t>(number) : media::no_event;
}

}  // namespace

bool is_dtmf(std::string_view content_type) {
  const std::string_view type = trimmed(content_type.substr(0, content_type.find(';')));
  return ascii::iequals(type, relay_type) || ascii::iequals(type, plain_type);
}

bool parse_dtmf(std::string_view body, DtmfDigit& digit) {
  uint8_t event = media::no_event;
  digit.duration_ms = usual_digit_ms;
  while (!body.empty()) {
    const size_t end = std::min(body.find_first_of("\r\n"), body.size());
    const std::string_view line = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    const size_t equals = line.find('=');
    const std::string_view name = trimmed(line.substr(0, equals));
    if (equals == std::string_view::npos) {
      if (!name.empty() && event == media::no_event) event = event_of_text(name);
      continue;
    }
    const std::string_view value = trimmed(line.substr(equals + 1));
    uint64_t number = 0;
    if (ascii::iequals(name, "Signal")) event = event_of_text(value);
    if (ascii::iequals(name, "Duration") && ascii::parse_decimal(value, UINT32_MAX, number)) {
      digit.duration_ms = static_cast<uint16_t>(std::min<uint64_t>(number, max_digit_ms));
    }
  }
  digit.event = event;
  return event != media::no_event;
}

std::string_view dtmf_content_type(contract::Dtmf form) {
  return form == contract::Dtmf::info_relay ? relay_type : plain_type;
}

void write_dtmf(contract::Dtmf form, const DtmfDigit& digit, sip::Writer& writer) {
  const char name[1] = {media::digit_of(digit.event)};
  if (form != contract::Dtmf::info_relay) {
    writer.raw({name, 1});
    return;
  }
  writer.raw("Signal=").raw({name, 1}).raw("\r\nDuration=").number(digit.duration_ms).raw("\r\n");
}

}  // namespace demarc::call
