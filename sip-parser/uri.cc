#include "sip-parser/uri.h"

#include <array>

#include "sip-parser/base/ascii.h"
#include "sip-parser/host_port.h"
#include "sip-parser/lws.h"

namespace demarc::sip {
namespace {

// Which octets may stand unescaped in which part of a SIP URI, RFC 3261 section 25.1.
enum Part : uint8_t { in_user = 1, in_password = 2, in_params = 4, in_headers = 8, in_number = 16 };

constexpr std::array<uint8_t, 256> parts = [] {
  std::array<uint8_t, 256> table{};
  const auto add = [&table](std::string_view characters, uint8_t part) {
    for (const char c : characters) {
      uint8_t& entry = table[static_cast<uint8_t>(c)];
      entry = static_cast<uint8_t>(entry | part);
    }
  };
  constexpr uint8_t all = in_user | in_password | in_params | in_headers;
  add("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()", all);
  add("&=+$,;?/#", in_user);
  add("&=+$,", in_password);
  add("[]/:&+$;=", in_params);
  add("[]/?:+$&=", in_headers);
  add("0123456789abcdefABCDEF*#-.()", in_number);
  return table;
}();

// Whether all of `piece` may stand in `part`, with escapes of two hexadecimal digits.
bool consists_of(std::string_view piece, Part part) {
  for (size_t i = 0; i < piece.size(); ++i) {
    const char c = piece[i];
    if (c == '%') {
      if (piece.size() - i < 3 || !ascii::is_hex(piece[i + 1]) || !ascii::is_hex(piece[i + 2])) {
        return false;
      }
      i += 2;
    } else if (!(parts[static_cast<uint8_t>(c)] & part)) {
      return false;
    }
  }
  return true;
}

// Positions while a sip or sips URI is read from left to right.
struct Reader {
  std::string_view datagram;
  uint32_t position;
  uint32_t end;

  std::string_view rest() const { return datagram.substr(position, end - position); }
  bool is_at(char c) const { return position < end && datagram[position] == c; }
};

// userinfo = ( user / telephone-subscriber ) [ ":" password ] "@"
bool read_userinfo(Reader& reader, Uri& uri) {
  const size_t at = reader.rest().find('@');
  if (at == std::string_view::npos) return true;
  const uint32_t userinfo_end = reader.position + static_cast<uint32_t>(at);
  const size_t colon = reader.rest().substr(0, at).find(':');
  uint32_t user_end = userinfo_end;
  if (colon != std::string_view::npos) {
    user_end = reader.position + static_cast<uint32_t>(colon);
    uri.password = make_span(user_end + 1, userinfo_end);
    if (!consists_of(text(uri.password, reader.datagram), in_password)) return false;
  }
  uri.user = make_span(reader.position, user_end);
  reader.position = userinfo_end + 1;
  return !uri.user.empty() && consists_of(text(uri.user, reader.datagram), in_user);
}

// uri-parameters and headers, both of which may be absent.
Result<Uri, ValueError> read_tail(Reader& reader, Uri& uri) {
  if (reader.is_at(';')) {
    const uint32_t begin = reader.position;
    const size_t mark = reader.rest().find('?');
    reader.position =
        mark == std::string_view::npos ? reader.end : begin + static_cast<uint32_t>(mark);
    uri.params = make_span(begin, reader.position);
    if (!consists_of(text(uri.params, reader.datagram), in_params)) {
      return Fail{ValueError::bad_syntax};
    }
    Param param;
    ParamCursor cursor(uri.params, reader.datagram);
    while (cursor.next(param)) {
    }
    if (cursor.failed()) return Fail{cursor.error()};
  }
  if (reader.is_at('?')) {
    uri.headers = make_span(reader.position + 1, reader.end);
    if (uri.headers.empty() || !consists_of(text(uri.headers, reader.datagram), in_headers)) {
      return Fail{ValueError::bad_syntax};
    }
    reader.position = reader.end;
  }
  if (reader.position != reader.end) return Fail{ValueError::bad_syntax};
  return uri;
}

Result<Uri, ValueError> read_sip(Reader reader, Uri uri) {
  if (!read_userinfo(reader, uri)) return Fail{ValueError::bad_syntax};
  const Result<HostPort, ValueError> host_port =
      read_host_port(make_span(reader.position, reader.end), reader.datagram);
  if (!host_port) return Fail{host_port.error()};
  uri.host = host_port->host;
  uri.port = host_port->port;
  reader.position = host_port->end;
  return read_tail(reader, uri);
}

// RFC 3966 section 3, with the telephone-subscriber in `user`.
Result<Uri, ValueError> read_tel(Reader reader, Uri uri) {
  const size_t semicolon = reader.rest().find(';');
  const uint32_t number_end = semicolon == std::string_view::npos
                                  ? reader.end
                                  : reader.position + static_cast<uint32_t>(semicolon);
  uri.user = make_span(reader.position, number_end);
  std::string_view number = text(uri.user, reader.datagram);
  const bool is_global = !number.empty() && number[0] == '+';
  if (is_global) number.remove_prefix(1);
  bool has_digit = false;
  for (const char c : number) {
    if (!(parts[static_cast<uint8_t>(c)] & in_number)) return Fail{ValueError::bad_syntax};
    const bool is_phone_digit = is_global ? ascii::is_digit(c) : ascii::is_hex(c);
    if (is_global && !is_phone_digit && (ascii::is_hex(c) || c == '*' || c == '#')) {
      return Fail{ValueError::bad_syntax};
    }
    has_digit |= is_phone_digit || c == '*' || c == '#';
  }
  if (!has_digit) return Fail{ValueError::bad_syntax};
  reader.position = number_end;
  return read_tail(reader, uri);
}

}  // namespace

Result<Uri, ValueError> parse_uri(Span span, std::string_view datagram) {
  const std::string_view whole = text(span, datagram);
  for (const char c : whole) {
    if (static_cast<uint8_t>(c) <= 0x20 || static_cast<uint8_t>(c) >= 0x7f) {
      return Fail{ValueError::bad_syntax};
    }
  }
  const size_t colon = whole.find(':');
  if (colon == std::string_view::npos || colon == 0 || !ascii::is_alpha(whole[0]) ||
      colon + 1 == whole.size()) {
    return Fail{ValueError::bad_syntax};
  }
  const std::string_view scheme = whole.substr(0, colon);
  for (const char c : scheme) {
    if (!ascii::is_alphanum(c) && c != '+' && c != '-' && c != '.') {
      return Fail{ValueError::bad_syntax};
    }
  }

  Uri uri;
  uri.whole = span;
  uri.scheme_text = span_of(scheme, datagram);
  const Reader reader{datagram, uri.scheme_text.end() + 1, span.end()};
  if (ascii::iequals(scheme, "sip")) {
    uri.scheme = UriScheme::sip;
    return read_sip(reader, uri);
  }
  if (ascii::iequals(scheme, "sips")) {
    uri.scheme = UriScheme::sips;
    return read_sip(reader, uri);
  }
  if (ascii::iequals(scheme, "tel")) {
    uri.scheme = UriScheme::tel;
    return read_tel(reader, uri);
  }
  return uri;
}

uint16_t telephone_number(std::string_view user, char* out, uint16_t capacity) {
  uint16_t count = 0;
  bool has_digit = false;
  for (size_t i = 0; i < user.size(); ++i) {
    char c = user[i];
    if (c == ';') break;
    if (c == '%') {
      if (user.size() - i < 3 || !ascii::is_hex(user[i + 1]) || !ascii::is_hex(user[i + 2])) {
        return 0;
      }
      const auto digit = [](char hex) {
        return ascii::is_digit(hex) ? hex - '0' : ascii::to_lower(hex) - 'a' + 10;
      };
      c = static_cast<char>(digit(user[i + 1]) * 16 + digit(user[i + 2]));
      i += 2;
    }
    if (c == '-' || c == '.' || c == '(' || c == ')' || c == ' ') continue;
    const bool is_number = ascii::is_digit(c) || c == '*' || c == '#';
    if (!is_number && !(c == '+' && count == 0)) return 0;
    if (count == capacity) return 0;
    out[count++] = c;
    has_digit |= is_number;
  }
  return has_digit ? count : 0;
}

}  // namespace demarc::sip
