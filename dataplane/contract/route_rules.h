// Rows of the routes section about which of a trunk's routes a call takes, and in which order the
// trunks of a route are tried.
//
// The routes of one trunk stand in their order: emergency numbers, then by the trunk's usages, by
// priority, by the length of the called prefix, as in the file. A route's index is its rank, and
// the first one that matches counts. A trunk whose routes are told apart by their prefixes alone
// has them by the longest one instead (TrunkRoutes). Built by the control plane, checked once by
// check_section(), read by route/ on any worker.
#pragma once

#include <cstdint>

#include "dataplane/contract/number_rules.h"

namespace demarc::contract {

inline constexpr unsigned max_usages = 16;             // of one trunk or route
inline constexpr unsigned max_route_exceptions = 16;   // of one number of a route
inline constexpr unsigned max_header_conditions = 8;   // of one route
inline constexpr unsigned max_condition_octets = 512;  // of a header value that is looked at
inline constexpr unsigned max_route_hours = 64;        // spans of one route in a week
inline constexpr unsigned max_zone_steps = 512;        // changes of the clock of one time zone
inline constexpr uint16_t minutes_per_week = 7 * 24 * 60;

// How the trunks of one route, or of one group within it, follow each other.
enum class HuntOrder : uint8_t {
  ordered,      // as they are written
  round_robin,  // each call begins with the next one
  weighted,     // the first one by chance, in the proportion of their weights
  least_busy,   // by calls in progress for each unit of weight
  lowest_cost,  // by what their tables say that the called number costs; without a cost last
  shuffled,     // each call in an order of its own, all orders alike
};
inline constexpr unsigned hunt_order_count = 6;

// Trunks of a route that stand together, all of them tried before those of the next stage.
struct RouteStage {
  uint8_t trunk_count = 0;
  HuntOrder order = HuntOrder::ordered;
};

// What the INVITE must have among its header fields: one of that name, with that pattern in its
// value where there is one; or, negated, none such. Of a value the first max_condition_octets are
// looked at.
struct HeaderCondition {
  Text name;
  uint32_t pattern = no_row;  // its id in the trunk's condition patterns; no_row: any value
  uint8_t is_negated = 0;
  uint8_t reserved[3] = {};
};

// Minutes of a week by a clock on the wall, from Monday 00:00; begin < end <= minutes_per_week.
struct WeekSpan {
  uint16_t begin = 0;
  uint16_t end = 0;  // the first minute behind it
};

// From that time on the clock of a zone is so far ahead of UTC.
struct ZoneStep {
  int64_t from_unix_s = 0;
  int32_t offset_s = 0;  // within a day
  uint32_t reserved = 0;
};

// A time zone as a table, so that a worker needs no system for it. The first step holds from the
// beginning, the last one for ever.
struct TimeZone {
  Text name;
  Array<ZoneStep> steps;  // by from_unix_s; at least one
};

// What a call must be beside its called number. Nothing is asked where a field is empty.
struct RouteCondition {
  Text calling_prefix;
  uint32_t calling_pattern = no_row;   // this and all further ones by id in condition_patterns
  uint32_t zone = no_row;              // of `hours`
  Array<uint32_t> called_exceptions;   // the called number has none of them
  Array<uint32_t> calling_exceptions;  // nor the calling one of these
  Array<HeaderCondition> headers;      // all of them hold
  Array<WeekSpan> hours;               // it is within one of them
};

// The routes of one trunk, where they are of this kind: then its root in TrunkRoutes is none.
struct TrunkRouteRules {
  uint32_t root = no_row;                // of called prefixes; ranks are indexes of routes
  uint32_t called_patterns = no_row;     // a PatternSet; its ranks are indexes of routes
  uint32_t condition_patterns = no_row;  // a PatternSet
  uint8_t is_used = 0;
  uint8_t reserved[3] = {};
};

}  // namespace demarc::contract
