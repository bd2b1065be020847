// Time zones as tables: the steps of a zone's clock, from the files of tzdata (RFC 8536), so that a
// worker needs no system to know the hour. Read when a configuration is loaded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/problem.h"
#include "dataplane/contract/route_rules.h"

namespace demarc::config {

// Steps since 2020; `octets` is a file of tzdata, version 2 or later. Throws ValueError, also when
// the file leaves the changes of the years to come to a rule.
std::vector<contract::ZoneStep> parse_zone(std::string_view octets);

// Reads the zones that routes with hours name, "" being that of the box.
void read_zones(Config& config, Problems& problems);

}  // namespace demarc::config
