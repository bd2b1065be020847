#include "dataplane/route/condition.h"

#include <algorithm>

#include "dataplane/number/patterns.h"
#include "sip-parser/base/ascii.h"

namespace demarc::route {
namespace {

using contract::HeaderCondition;
using contract::no_row;
using contract::RouteCondition;
using contract::RouteSection;

// The conditions of one route on one call.
class Test {
 public:
  Test(const contract::Snapshot& snapshot, const Candidate& candidate)
      : section_(*snapshot.routes), patterns_(snapshot.patterns), candidate_(candidate) {}

  bool run(const RouteCondition& condition) const {
    if (!candidate_.calling.starts_with(text(section_.header, condition.calling_prefix)))
      return false;
    if (condition.hours.count != 0 && !is_open(condition)) return false;
    if (condition.calling_pattern != no_row &&
        !has(condition.calling_pattern, candidate_.calling)) {
      return false;
    }
    if (has_any(condition.called_exceptions, candidate_.called)) return false;
    if (has_any(condition.calling_exceptions, candidate_.calling)) return false;
    const auto headers = elements(section_.header, condition.headers);
    return std::all_of(headers.begin(), headers.end(),
                       [this](const HeaderCondition& header) { return fits(header); });
  }

 private:
  bool has(uint32_t pattern, std::string_view value) const {
    number::Captures captures;
    return patterns_ != nullptr && candidate_.patterns != no_row &&
           patterns_->matches(candidate_.patterns, candidate_.worker, pattern, value, captures);
  }

  bool has_any(contract::Array<uint32_t> exceptions, std::string_view value) const {
    const auto ids = elements(section_.header, exceptions);
    return std::any_of(ids.begin(), ids.end(), [&](uint32_t id) { return has(id, value); });
  }

  bool is_open(const RouteCondition& condition) const {
    const auto zones = elements(section_.header, section_.zones);
    if (condition.zone >= zones.size()) return false;
    const auto steps = elements(section_.header, zones[condition.zone].steps);
    const uint16_t minute = minute_of_week(steps, candidate_.occasion.unix_s);
    const auto spans = elements(section_.header, condition.hours);
    return std::any_of(spans.begin(), spans.end(), [minute](const contract::WeekSpan& span) {
      return minute >= span.begin && minute < span.end;
    });
  }

  bool fits(const HeaderCondition& header) const {
    return is_there(header) == (header.is_negated == 0);
  }

  // Whether a field of the name, and with the pattern in its value, is there.
  bool is_there(const HeaderCondition& header) const {
    const Occasion& occasion = candidate_.occasion;
    if (occasion.invite == nullptr) return false;
    const std::string_view name = text(section_.header, header.name);
    const sip::HeaderName known = sip::header_name(name);
    if (known != sip::HeaderName::other) {
      const auto* field = occasion.invite->first(known);
      for (; field != nullptr; field = occasion.invite->next(*field)) {
        if (fits(header, *field)) return true;
      }
      return false;
    }
    for (unsigned i = 0; i < occasion.invite->field_count; ++i) {
      const sip::HeaderField& field = occasion.invite->fields[i];
      const bool is_it = ascii::iequals(text(field.name, occasion.datagram), name);
      if (is_it && fits(header, field)) return true;
    }
    return false;
  }

  bool fits(const HeaderCondition& header, const sip::HeaderField& field) const {
    if (header.pattern == no_row) return true;
    const std::string_view value = text(field.value, candidate_.occasion.datagram);
    return has(header.pattern, value.substr(0, contract::max_condition_octets));
  }

  const RouteSection& section_;
  const number::Patterns* patterns_;
  const Candidate& candidate_;
};

}  // namespace

uint16_t minute_of_week(std::span<const contract::ZoneStep> steps, uint64_t unix_s) {
  // 1970-01-01 was a Thursday.
  constexpr int64_t epoch_minute = 3 * 24 * 60;
  const auto now = static_cast<int64_t>(unix_s);
  const auto after = std::upper_bound(
      steps.begin(), steps.end(), now,
      [](int64_t time, const contract::ZoneStep& step) { return time < step.from_unix_s; });
  const contract::ZoneStep& step = after == steps.begin() ? *after : *(after - 1);
  const int64_t local_s = now + step.offset_s;
  // Whole minutes, also of a zone whose offset has seconds and of the first day.
  const int64_t minute = (local_s < 0 ? local_s - 59 : local_s) / 60 + epoch_minute;
  return static_cast<uint16_t>(minute % contract::minutes_per_week);
}

bool holds(const contract::Snapshot& snapshot, const RouteCondition& condition,
           const Candidate& candidate) {
  return Test(snapshot, candidate).run(condition);
}

}  // namespace demarc::route
