#include "controlplane/config/host.h"

#include <algorithm>

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

}  // namespace demarc::config
