// Hosts as a configuration names them: RFC 1123 names, and addresses as they stand in URIs. Pure
// functions, used by value.cc, bind.cc and check_policy.cc.
#pragma once

#include <string>
#include <string_view>

namespace demarc::config {

// RFC 1123 section 2.1, with a letter in the last label, so that no mistyped address is one.
bool is_host_name(std::string_view host);
// A name, or an address with or without brackets; no port.
bool is_host(std::string_view host);
// As in a URI: IPv6 in brackets. What is no address stays as it is, also what is no host at all.
std::string uri_host(const std::string& host);

}  // namespace demarc::config
