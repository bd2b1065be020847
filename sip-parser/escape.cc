#include "sip-parser/escape.h"

#include <array>

#include "sip-parser/base/ascii.h"

namespace demarc::sip {
namespace {

// A bit per UriPart: which octets stand there unescaped, RFC 3261 section 25.1. '#' is always
// escaped although parse_uri() takes it in a user: what we make is strict.
constexpr std::array<uint8_t, 256> plain_in = [] {
  std::array<uint8_t, 256> table{};
  const auto add = [&table](std::string_view characters, uint8_t parts) {
    for (const char c : characters) {
      uint8_t& entry = table[static_cast<uint8_t>(c)];
      entry = static_cast<uint8_t>(entry | parts);
    }
  };
  const auto bit = [](UriPart part) {
    return static_cast<uint8_t>(1u << static_cast<unsigned>(part));
  };
  add("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()", 0xf);
  add("&=+$,;?/", bit(UriPart::user));
  add("&=+$,", bit(UriPart::password));
  add("[]/:&+$", bit(UriPart::param));
  add("[]/?:+$", bit(UriPart::header));
  return table;
}();

constexpr bool is_forbidden(char c) {
  return c == '\0' || c == '\r' || c == '\n';
}

Result<std::string_view, DecodeError> decode(std::string_view text, std::span<char> out,
                                             bool is_any_allowed) {
  size_t size = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3 || !ascii::is_hex(text[i + 1]) || !ascii::is_hex(text[i + 2])) {
        return Fail{DecodeError::bad_escape};
      }
      c = static_cast<char>(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]));
      i += 2;
    }
    if (!is_any_allowed && is_forbidden(c)) return Fail{DecodeError::forbidden_octet};
    if (size == out.size()) return Fail{DecodeError::no_room};
    out[size++] = c;
  }
  return std::string_view{out.data(), size};
}

}  // namespace

bool is_escaped_name(std::string_view escaped, std::string_view unescaped) {
  for (const char wanted : unescaped) {
    if (escaped.empty()) return false;
    char c = escaped[0];
    size_t length = 1;
    if (c == '%') {
      if (escaped.size() < 3 || !ascii::is_hex(escaped[1]) || !ascii::is_hex(escaped[2])) {
        return false;
      }
      c = static_cast<char>(hex_value(escaped[1]) << 4 | hex_value(escaped[2]));
      length = 3;
    }
    if (ascii::to_lower(c) != ascii::to_lower(wanted)) return false;
    escaped.remove_prefix(length);
  }
  return escaped.empty();
}

Result<std::string_view, DecodeError> unescape(std::string_view text, std::span<char> out) {
  return decode(text, out, false);
}

Result<std::string_view, DecodeError> unescape_any(std::string_view text, std::span<char> out) {
  return decode(text, out, true);
}

Result<std::string_view, DecodeError> escape(std::string_view octets, UriPart part,
                                             std::span<char> out) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  size_t size = 0;
  for (const char c : octets) {
    const uint8_t octet = static_cast<uint8_t>(c);
    const bool is_plain = plain_in[octet] >> static_cast<unsigned>(part) & 1;
    if (out.size() - size < (is_plain ? 1u : 3u)) return Fail{DecodeError::no_room};
    if (is_plain) {
      out[size++] = c;
    } else {
      out[size++] = '%';
      out[size++] = digits[octet >> 4];
      out[size++] = digits[octet & 15];
    }
  }
  return std::string_view{out.data(), size};
}

}  // namespace demarc::sip
