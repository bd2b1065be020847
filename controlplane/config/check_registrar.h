// What is wrong with trunks whose peers register with us, and with the accounts of those. Used by
// check.cc.
#pragma once

#include <string_view>

#include "controlplane/config/problem.h"

namespace demarc::config {

// What stands in the user part of a URI without escapes (RFC 3261 section 25.1).
bool is_uri_user(std::string_view user);

void check_registrars(const Config& config, const Gaps& gaps, Problems& problems);

}  // namespace demarc::config
