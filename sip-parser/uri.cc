#include "sip-parser/uri.h"

#include <algorithm>
#include <cstring>

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"
#include "sip-parser/host_port.h"
#include "sip-parser/lws.h"
#include "sip-parser/plain_uri.h"

namespace demarc::sip {
namespace {

using namespace uri_octets;

constexpr CharClass in_number = CharClass::where(ascii::is_hex) | CharClass::of("+-.()*#");
constexpr CharClass in_other = CharClass::visible().without("<>\"");
constexpr CharClass in_scheme = CharClass::where(ascii::is_alphanum) | CharClass::of("+-.");

constexpr ValueError no_error{};

// The first position in [position, end] that is neither in the class nor part of an escape of two
// hexadecimal digits.
inline uint32_t skip_part(std::string_view datagram, uint32_t position, uint32_t end,
                          const CharClass& part) {
  while ((position = find_outside(datagram, position, end, part)) < end &&
         datagram[position] == '%')
    [[unlikely]] {
      if (end - position < 3 || !ascii::is_hex(datagram[position + 1]) ||
          !ascii::is_hex(datagram[position + 2])) {
        break;
      }
      position += 3;
    }
  return position;
}

// Positions while a URI is read from left to right.
struct Reader {
  std::string_view datagram;
  uint32_t position;
  uint32_t end;

  bool is_at(char c) const { return position < end && datagram[position] == c; }
};

// userinfo = ( user / telephone-subscriber ) [ ":" password ] "@"; left unread when there is none.
ValueError read_userinfo(Reader& reader, Uri& uri) {
  const std::string_view datagram = reader.datagram;
  const uint32_t user_end = skip_part(datagram, reader.position, reader.end, in_user);
  if (user_end == reader.end) return no_error;
  uint32_t at = user_end;
  if (datagram[at] == ':') at = skip_part(datagram, at + 1, reader.end, in_password);
  if (at == reader.end || datagram[at] != '@') return no_error;
  if (user_end == reader.position) return ValueError::bad_syntax;
  uri.user.assign(reader.position, user_end);
  if (at != user_end) uri.password.assign(user_end + 1, at);
  reader.position = at + 1;
  return no_error;
}

// *( ";" pname [ "=" pvalue ] )
ValueError read_params(Reader& reader, Uri& uri) {
  if (!reader.is_at(';')) return no_error;
  const std::string_view datagram = reader.datagram;
  const uint32_t begin = reader.position;
  for (unsigned count = 1; reader.is_at(';'); ++count) {
    if (count > max_params) return ValueError::too_many;
    const uint32_t name = reader.position + 1;
    reader.position = skip_part(datagram, name, reader.end, in_param_name);
    if (reader.position == name) return ValueError::bad_syntax;
    if (!reader.is_at('=')) continue;
    const uint32_t value = reader.position + 1;
    reader.position = skip_part(datagram, value, reader.end, in_param_value);
    if (reader.position == value) return ValueError::bad_syntax;
  }
  uri.params.assign(begin, reader.position);
  return no_error;
}

// uri-parameters and headers, both of which may be absent.
ValueError read_tail(Reader& reader, Uri& uri) {
  const ValueError error = read_params(reader, uri);
  if (error != no_error) return error;
  if (reader.is_at('?')) {
    const uint32_t begin = reader.position + 1;
    reader.position = skip_part(reader.datagram, begin, reader.end, in_headers);
    if (reader.position == begin) return ValueError::bad_syntax;
    uri.headers.assign(begin, reader.position);
  }
  return no_error;
}

ValueError read_sip(Reader& reader, Uri& uri) {
  ValueError error = read_userinfo(reader, uri);
  if (error != no_error) return error;
  HostPort host_port;
  error = read_host_port<Blanks::refused>(reader.datagram, reader.position, reader.end, host_port);
  if (error != no_error) return error;
  uri.host = host_port.host;
  uri.port = host_port.port;
  return read_tail(reader, uri);
}

// phonedigit, or phonedigit-hex where no '+' stands first, and visual separators: RFC 3966
// section 3.
bool is_number(std::string_view number) {
  const bool is_global = !number.empty() && number[0] == '+';
  if (is_global) number.remove_prefix(1);
  bool has_digit = false;
  for (const char c : number) {
    const bool is_separator = c == '-' || c == '.' || c == '(' || c == ')';
    const bool is_phone_digit =
        is_global ? ascii::is_digit(c) : ascii::is_hex(c) || c == '*' || c == '#';
    if (!is_separator && !is_phone_digit) return false;
    has_digit |= is_phone_digit;
  }
  return has_digit;
}

// RFC 3966 section 3, with the telephone-subscriber in `user`.
ValueError read_tel(Reader& reader, Uri& uri) {
  const uint32_t begin = reader.position;
  reader.position = find_outside(reader.datagram, begin, reader.end, in_number);
  uri.user.assign(begin, reader.position);
  if (!is_number(text(uri.user, reader.datagram))) return ValueError::bad_syntax;
  return read_params(reader, uri);
}

UriScheme scheme_of(std::string_view scheme) {
  if (ascii::is_word(scheme, "sip")) return UriScheme::sip;
  if (ascii::is_word(scheme, "sips")) return UriScheme::sips;
  return ascii::is_word(scheme, "tel") ? UriScheme::tel : UriScheme::other;
}

[[gnu::noinline]] ValueError read_any_uri_at(std::string_view datagram, uint32_t& position,
                                             uint32_t end, Uri& uri) {
  const uint32_t begin = position;
  uri = Uri{};
  const uint32_t colon = find_outside(datagram, begin, end, in_scheme);
  if (colon == end || datagram[colon] != ':' || !ascii::is_alpha(datagram[begin])) {
    return ValueError::bad_syntax;
  }
  uri.scheme = scheme_of(datagram.substr(begin, colon - begin));
  uri.scheme_text.assign(begin, colon);
  Reader reader{datagram, colon + 1, end};
  ValueError error{};
  if (uri.scheme == UriScheme::other) {
    // absoluteURI: kept whole, and something follows the colon.
    reader.position = find_outside(datagram, reader.position, end, in_other);
    if (reader.position == colon + 1) error = ValueError::bad_syntax;
  } else {
    error = uri.scheme == UriScheme::tel ? read_tel(reader, uri) : read_sip(reader, uri);
  }
  position = reader.position;
  uri.whole.assign(begin, position);
  return error;
}

}  // namespace

// Flat: its steps are short, and calls between them would cost more than they do.
[[gnu::flatten]] ValueError read_uri_at(std::string_view datagram, uint32_t& position, uint32_t end,
                                        Uri& uri) {
  if (has_usual_scheme(datagram, position, end)) [[likely]] {
    PlainReader reader(datagram, position + usual_scheme_octets, end);
    if (read_plain_uri(reader, position, datagram, uri)) [[likely]] {
      position = reader.position();
      return no_error;
    }
  }
  return read_any_uri_at(datagram, position, end, uri);
}

ValueError read_uri(Span span, std::string_view datagram, Uri& uri) {
  uint32_t position = span.offset;
  const ValueError error = read_uri_at(datagram, position, span.end(), uri);
  if (error != no_error) return error;
  return position == span.end() ? no_error : ValueError::bad_syntax;
}

Result<Uri, ValueError> parse_uri(Span span, std::string_view datagram) {
  Uri uri;
  const ValueError error = read_uri(span, datagram, uri);
  if (error != no_error) return Fail{error};
  return uri;
}

uint16_t telephone_number(std::string_view user, char* out, uint16_t capacity) {
  uint16_t count = 0;
  // Most numbers are digits alone, behind a plus or not.
  if (!user.empty() && user.front() == '+' && capacity != 0) out[count++] = '+';
  const uint16_t sign = count;
  const size_t most = std::min(user.size(), size_t{capacity});
  while (count < most && ascii::is_digit(user[count])) {
    out[count] = user[count];
    ++count;
  }
  bool has_digit = count > sign;
  for (size_t i = count; i < user.size(); ++i) {
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
