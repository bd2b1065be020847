#include "sip-parser/sdp/line.h"

#include "sip-parser/base/ascii.h"

namespace demarc::sdp {
namespace {

// The longest text of a host name, RFC 1123 section 2.1.
constexpr size_t max_address_octets = 255;

bool is_address(std::string_view text, AddressType type) {
  if (text.empty() || text.size() > max_address_octets) return false;
  for (const char c : text) {
    const bool fits =
        ascii::is_alphanum(c) || c == '.' || c == '-' || (type == AddressType::ip6 && c == ':');
    if (!fits) return false;
  }
  return true;
}

}  // namespace

LineReader::LineReader(std::string_view body) : rest_(body) {
  while (!rest_.empty() && rest_.back() == '\n') {
    rest_.remove_suffix(1);
    if (!rest_.empty() && rest_.back() == '\r') rest_.remove_suffix(1);
  }
}

bool LineReader::next(std::string_view& line) {
  if (rest_.empty()) return false;
  const size_t end = rest_.find('\n');
  const bool is_last = end == std::string_view::npos;
  line = is_last ? rest_ : rest_.substr(0, end);
  rest_ = is_last ? std::string_view{} : rest_.substr(end + 1);
  if (!is_last && !line.empty() && line.back() == '\r') line.remove_suffix(1);
  has_forbidden_octet_ =
      line.find('\0') != std::string_view::npos || line.find('\r') != std::string_view::npos;
  return !has_forbidden_octet_;
}

std::string_view take_word(std::string_view& text) {
  size_t begin = 0;
  while (begin < text.size() && text[begin] == ' ') ++begin;
  size_t end = begin;
  while (end < text.size() && text[end] != ' ') ++end;
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

bool is_protocol(std::string_view text) {
  for (;;) {
    const size_t slash = text.find('/');
    if (!ascii::is_token(text.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
  }
}

bool read_connection(std::string_view value, std::string_view body, Connection& connection) {
  if (take_word(value) != "IN") return false;
  const std::string_view type = take_word(value);
  if (type == "IP4") {
    connection.type = AddressType::ip4;
  } else if (type == "IP6") {
    connection.type = AddressType::ip6;
  } else {
    return false;
  }
  std::string_view address = take_word(value);
  if (!take_word(value).empty()) return false;
  const size_t slash = address.find('/');
  if (slash != std::string_view::npos) {
    // ttl, number of addresses: multicast only, checked for form and left out.
    for (const char c : address.substr(slash + 1)) {
      if (!ascii::is_digit(c) && c != '/') return false;
    }
    address = address.substr(0, slash);
  }
  if (!is_address(address, connection.type)) return false;
  connection.address = span_of(address, body);
  return true;
}

}  // namespace demarc::sdp
