#include "sip-parser/sdp/fmtp.h"

#include <charconv>

namespace demarc::sdp {
namespace {

// An event or a range of them.
bool read_range(std::string_view text, TelephoneEvents& events) {
  const bool is_range = text.find('-') != std::string_view::npos;
  const std::string_view first_text = ascii::trim(take_until(text, '-'));
  unsigned first = 0;
  constexpr Range range{0, telephone_event_count - 1};
  if (!read_number(first_text, range, first)) return false;
  unsigned last = first;
  if (is_range && !read_number(ascii::trim(text), range, last)) return false;
  if (last < first) return false;
  for (unsigned event = first; event <= last; ++event) events.add(static_cast<uint8_t>(event));
  return true;
}

}  // namespace

bool take_parameter(std::string_view& rest, FmtpParameter& parameter) {
  while (!rest.empty()) {
    std::string_view piece = ascii::trim(take_until(rest, ';'));
    if (piece.empty()) continue;
    parameter.name = ascii::trim(take_until(piece, '='));
    parameter.value = ascii::trim(piece);
    return true;
  }
  return false;
}

bool find_parameter(std::string_view fmtp, std::string_view name, std::string_view& value) {
  for (FmtpParameter parameter; take_parameter(fmtp, parameter);) {
    if (!ascii::iequals(parameter.name, name)) continue;
    value = parameter.value;
    return true;
  }
  return false;
}

TelephoneEvents TelephoneEvents::common_with(const TelephoneEvents& other) const {
  TelephoneEvents common;
  for (size_t i = 0; i < bits_.size(); ++i) common.bits_[i] = bits_[i] & other.bits_[i];
  return common;
}

TelephoneEvents dtmf_events() {
  TelephoneEvents events;
  for (uint8_t event = 0; event < 16; ++event) events.add(event);
  return events;
}

Result<TelephoneEvents, ValueError> parse_telephone_events(Span value, std::string_view body) {
  std::string_view rest = text(value, body);
  if (rest.empty() || rest.back() == ',') return Fail{ValueError::bad_syntax};
  TelephoneEvents events;
  while (!rest.empty()) {
    if (!read_range(take_until(rest, ','), events)) return Fail{ValueError::bad_syntax};
  }
  return events;
}

std::string_view print_telephone_events(const TelephoneEvents& events, TelephoneEventsText& text) {
  char* end = text.data();
  char* const limit = text.data() + text.size();
  for (unsigned event = 0; event < telephone_event_count; ++event) {
    if (!events.has(static_cast<uint8_t>(event))) continue;
    unsigned last = event;
    while (last + 1 < telephone_event_count && events.has(static_cast<uint8_t>(last + 1))) ++last;
    if (end != text.data()) *end++ = ',';
    end = std::to_chars(end, limit, event).ptr;
    if (last != event) *end++ = '-';
    if (last != event) end = std::to_chars(end, limit, last).ptr;
    event = last;
  }
  return {text.data(), static_cast<size_t>(end - text.data())};
}

}  // namespace demarc::sdp
