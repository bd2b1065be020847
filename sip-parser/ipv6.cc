#include "sip-parser/ipv6.h"

#include "sip-parser/base/ascii.h"

namespace demarc::sip {
namespace {

constexpr unsigned groups = 8;

// Four decimal numbers up to 255, no more than three digits each.
bool is_ipv4_address(std::string_view text) {
  for (unsigned i = 0; i < 4; ++i) {
    const size_t end = i == 3 ? text.size() : text.find('.');
    uint64_t ignored = 0;
    if (end == std::string_view::npos || end > 3 ||
        !ascii::parse_decimal(text.substr(0, end), 255, ignored)) {
      return false;
    }
    text.remove_prefix(i == 3 ? end : end + 1);
  }
  return true;
}

bool is_group(std::string_view text) {
  for (const char c : text) {
    if (!ascii::is_hex(c)) return false;
  }
  return !text.empty() && text.size() <= 4;
}

}  // namespace

bool is_ipv6_address(std::string_view text) {
  unsigned count = 0;
  bool has_gap = false;
  if (text.substr(0, 2) == "::") {
    has_gap = true;
    text.remove_prefix(2);
    if (text.empty()) return true;
  }
  for (;;) {
    const size_t end = text.find(':');
    if (end == std::string_view::npos) {
      const bool is_ipv4 = is_ipv4_address(text);
      if (!is_ipv4 && !is_group(text)) return false;
      count += is_ipv4 ? 2 : 1;
      break;
    }
    if (!is_group(text.substr(0, end)) || ++count > groups) return false;
    text.remove_prefix(end + 1);
    if (text.empty()) return false;
    if (text.front() != ':') continue;
    if (has_gap) return false;
    has_gap = true;
    text.remove_prefix(1);
    if (text.empty()) break;
  }
  // A gap stands for one group or more.
  return has_gap ? count < groups : count == groups;
}

bool is_ipv6_reference(std::string_view text) {
  return text.size() > 2 && text.front() == '[' && text.back() == ']' &&
         is_ipv6_address(text.substr(1, text.size() - 2));
}

}  // namespace demarc::sip
