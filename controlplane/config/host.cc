#include "controlplane/config/host.h"

#include <algorithm>

#include "dataplane/contract/address.h"
#include "sip-parser/base/ascii.h"

namespace demarc::config {

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  bool has_letter = false;
  while (!host.empty()) {
    const std::string_view label = host.substr(0, std::min(host.find('.'), host.size()));
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') {
      return false;
    }
    has_letter = false;
    for (const char c : label) {
      if (!ascii::is_alphanum(c) && c != '-') return false;
      has_letter = has_letter || ascii::is_alpha(c);
    }
    if (label.size() + 1 == host.size()) return false;  // a dot at the end
    host.remove_prefix(std::min(label.size() + 1, host.size()));
  }
  return has_letter;
}

bool is_host(std::string_view host) {
  return is_host_name(host) || contract::parse_address(host);
}

std::string uri_host(const std::string& host) {
  const auto address = contract::parse_address(host);
  return address ? std::string(contract::print_host(*address).view()) : host;
}

}  // namespace demarc::config
