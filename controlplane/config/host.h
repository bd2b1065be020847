// Host names as a configuration has them, by RFC 1123. Pure functions, used by value.cc and
// check_policy.cc.
#pragma once

#include <string_view>

namespace demarc::config {

// RFC 1123 section 2.1, with a letter in the last label, so that no mistyped address is one.
bool is_host_name(std::string_view host);

}  // namespace demarc::config
