#include "dataplane/call/headers/location.h"

#include "sip-parser/base/ascii.h"

namespace demarc::call::headers {
namespace {

constexpr int hex_value(char c) {
  if (!ascii::is_hex(c)) return -1;
  return ascii::is_digit(c) ? c - '0' : ascii::to_lower(c) - 'a' + 10;
}

// The next octet of a URI, an escaped one as what it stands for; -1 at the end and at a mistake.
int next_octet(std::string_view uri, size_t& at) {
  if (at == uri.size()) return -1;
  if (uri[at] != '%') return static_cast<unsigned char>(uri[at++]);
  if (uri.size() - at < 3) return -1;
  const int high = hex_value(uri[at + 1]);
  const int low = hex_value(uri[at + 2]);
  at += 3;
  return high < 0 || low < 0 ? -1 : high << 4 | low;
}

bool is_same(std::string_view cid, std::string_view content_id) {
  size_t at = 0;
  for (const char c : content_id) {
    if (next_octet(cid, at) != static_cast<unsigned char>(c)) return false;
  }
  return at == cid.size();
}

}  // namespace

bool Locations::has(std::string_view cid, std::string_view datagram) const {
  for (unsigned i = 0; i < count; ++i) {
    const std::string_view id = text(parts[i].content_id, datagram);
    const bool is_bracketed = id.size() > 2 && id.front() == '<' && id.back() == '>';
    if (is_bracketed && is_same(cid, id.substr(1, id.size() - 2))) return true;
  }
  return false;
}

}  // namespace demarc::call::headers
