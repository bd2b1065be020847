// Routing tests as they are written: calls, and what is expected of them. Used by bind.cc and
// check.cc; whatif/ runs them.
#pragma once

#include <cstdint>
#include <string_view>

#include "controlplane/config/problem.h"
#include "controlplane/config/tree.h"

namespace demarc::config {

// A time that is wrong is told of.
RoutingTest bind_routing_test(const Block& block, Problems& problems);

void check_routing_tests(const Config& config, const Gaps& gaps, Problems& problems);

// RFC 3339: "2026-11-30T10:00:00+01:00" or with Z, seconds without fractions, since 1970. Throws
// ValueError.
uint64_t parse_date_time(std::string_view text);

}  // namespace demarc::config
