// What a route says of hours and of header fields, in the words of the configuration file:
// "mon-fri 08:00-18:00", "X-Site = ^berlin". Used by bind.cc; no state.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/model.h"

namespace demarc::config {

// "[DAYS] [HH:MM-HH:MM]": days are mon to sun, with commas and ranges; all days and all hours where
// they are left out. Hours that end before they begin end on the next day. Adds to `spans`, which
// may overlap. Throws ValueError.
void parse_hours(std::string_view text, std::vector<contract::WeekSpan>& spans);

// Sorted, and those that overlap or touch made one.
std::vector<contract::WeekSpan> merged(std::vector<contract::WeekSpan> spans);

// "NAME": the field is there; "!NAME": it is not; "NAME = PATTERN": one of that name has the
// pattern; "NAME != PATTERN": none has. The name becomes the long form. Throws ValueError.
RouteHeader parse_route_header(std::string_view text);

}  // namespace demarc::config
