#include "controlplane/config/route_text.h"

#include <algorithm>
#include <array>

#include "controlplane/config/value.h"
#include "sip-parser/base/ascii.h"
#include "sip-parser/header_name.h"

namespace demarc::config {
namespace {

using contract::WeekSpan;

constexpr unsigned minutes_per_day = 24 * 60;
constexpr std::array<std::string_view, 7> day_names = {"mon", "tue", "wed", "thu",
                                                       "fri", "sat", "sun"};

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

unsigned day_of(std::string_view text) {
  for (unsigned day = 0; day < day_names.size(); ++day) {
    if (ascii::iequals(text, day_names[day])) return day;
  }
  throw ValueError(quoted(text) + " is not a day, mon to sun");
}

// A bit for each day, of "mon-fri,sun". A range may go over the end of the week.
unsigned days_of(std::string_view text) {
  unsigned days = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view part = rest.substr(0, comma);
    const size_t dash = std::min(part.find('-'), part.size());
    const unsigned last = dash == part.size() ? day_of(part) : day_of(part.substr(dash + 1));
    for (unsigned day = day_of(part.substr(0, dash));; day = (day + 1) % 7) {
      days |= 1u << day;
      if (day == last) break;
    }
    if (comma + 1 == rest.size()) throw ValueError(quoted(text) + " ends with a comma");
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return days;
}

// "08:30", up to "24:00".
unsigned minute_of(std::string_view text) {
  uint64_t hour = 0;
  uint64_t minute = 0;
  const size_t colon = text.find(':');
  const bool is_good = colon != std::string_view::npos && colon >= 1 && colon <= 2 &&
                       text.size() == colon + 3 &&
                       ascii::parse_decimal(text.substr(0, colon), 24, hour) &&
                       ascii::parse_decimal(text.substr(colon + 1), 59, minute) &&
                       hour * 60 + minute <= minutes_per_day;
  if (!is_good) throw ValueError(quoted(text) + " is not a time, 00:00 to 24:00");
  return static_cast<unsigned>(hour * 60 + minute);
}

void add(unsigned begin, unsigned end, std::vector<WeekSpan>& spans) {
  constexpr unsigned week = contract::minutes_per_week;
  if (begin < week) {
    spans.push_back({static_cast<uint16_t>(begin), static_cast<uint16_t>(std::min(end, week))});
  }
  if (end > week) add(0, end - week, spans);
}

std::string long_form(std::string_view name) {
  const std::string_view known = sip::spelling(sip::header_name(name));
  return std::string(known.empty() ? name : known);
}

}  // namespace

void parse_hours(std::string_view text, std::vector<WeekSpan>& spans) {
  std::string_view rest = ascii::trim(text);
  if (rest.empty()) throw ValueError("hours such as \"mon-fri 08:00-18:00\" are empty");
  unsigned days = (1u << day_names.size()) - 1;
  if (!ascii::is_digit(rest.front())) {
    const size_t end = std::min(rest.find_first_of(" \t"), rest.size());
    days = days_of(rest.substr(0, end));
    rest = ascii::trim(rest.substr(end));
  }
  unsigned begin = 0;
  unsigned end = minutes_per_day;
  if (!rest.empty()) {
    const size_t dash = rest.find('-');
    if (dash == std::string_view::npos) {
      throw ValueError(quoted(text) + " is not hours such as \"mon-fri 08:00-18:00\"");
    }
    begin = minute_of(ascii::trim(rest.substr(0, dash)));
    end = minute_of(ascii::trim(rest.substr(dash + 1)));
    if (begin == end || begin == minutes_per_day)
      throw ValueError(quoted(text) + " has no time in it");
    if (end < begin) end += minutes_per_day;
  }
  for (unsigned day = 0; day < day_names.size(); ++day) {
    if ((days >> day & 1) == 0) continue;
    add(day * minutes_per_day + begin, day * minutes_per_day + end, spans);
  }
}

std::vector<WeekSpan> merged(std::vector<WeekSpan> spans) {
  std::sort(spans.begin(), spans.end(), [](const WeekSpan& a, const WeekSpan& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  std::vector<WeekSpan> all;
  for (const WeekSpan& span : spans) {
    if (!all.empty() && span.begin <= all.back().end) {
      all.back().end = std::max(all.back().end, span.end);
    } else {
      all.push_back(span);
    }
  }
  return all;
}

RouteHeader parse_route_header(std::string_view text) {
  RouteHeader header;
  std::string_view name = ascii::trim(text);
  const size_t equals = name.find('=');
  if (equals != std::string_view::npos) {
    header.pattern = ascii::trim(name.substr(equals + 1));
    header.is_negated = equals != 0 && name[equals - 1] == '!';
    name = ascii::trim(name.substr(0, header.is_negated ? equals - 1 : equals));
    if (header.pattern.empty()) throw ValueError(quoted(text) + " has no pattern behind '='");
  } else if (name.starts_with('!')) {
    header.is_negated = true;
    name = ascii::trim(name.substr(1));
  }
  if (!ascii::is_token(name) || name.find('!') != std::string_view::npos) {
    throw ValueError(quoted(text) +
                     " is not a condition such as \"X-Site = ^berlin\", \"X-Site\" "
                     "or \"!X-Site\"");
  }
  header.name = long_form(name);
  if (header.pattern.empty()) return header;
  try {
    numbers::check_pattern(header.pattern);
  } catch (const numbers::RuleError& mistake) {
    throw ValueError(mistake.what());
  }
  return header;
}

}  // namespace demarc::config
