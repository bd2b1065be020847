#include "sip-parser/challenge.h"

#include "sip-parser/auth_param.h"
#include "sip-parser/base/ascii.h"
#include "sip-parser/lws.h"
#include "sip-parser/quoted.h"

namespace demarc::sip {
namespace {

constexpr uint32_t nc_digits = 8;
constexpr std::string_view ext_value_charset = "UTF-8'";

struct Scheme {
  AuthScheme scheme;
  Span name;
  Span params;
};

// What another scheme says is kept, not read; only what could end a line must not be in it.
bool is_harmless(Span span, std::string_view datagram) {
  for (uint32_t at = span.offset; at < span.end(); ++at) {
    const uint8_t octet = static_cast<uint8_t>(datagram[at]);
    if (octet >= 0x20 && octet != 0x7f) continue;
    const uint32_t behind = skip_lws(datagram, at, span.end());
    if (behind == at) return false;
    at = behind - 1;
  }
  return true;
}

// auth-scheme LWS auth-param
Result<Scheme, ValueError> read_scheme(Span value, std::string_view datagram) {
  const Span trimmed = trim_lws(value, datagram);
  uint32_t position = trimmed.offset;
  while (position < trimmed.end() && ascii::is_token(datagram[position])) ++position;
  const uint32_t params = skip_lws(datagram, position, trimmed.end());
  if (position == trimmed.offset || params == position || params == trimmed.end()) {
    return Fail{ValueError::bad_syntax};
  }
  Scheme result{AuthScheme::other, make_span(trimmed.offset, position),
                make_span(params, trimmed.end())};
  if (ascii::iequals(text(result.name, datagram), "Digest")) {
    result.scheme = AuthScheme::digest;
  } else if (!is_harmless(result.params, datagram)) {
    return Fail{ValueError::bad_syntax};
  }
  return result;
}

// The value of a parameter that the grammar quotes.
bool take_quoted(const AuthParam& param, Span& to) {
  to = param.value;
  return param.has_quotes;
}

// The value of a parameter that the grammar makes a token; quotes around one are let pass.
bool take_token(const AuthParam& param, std::string_view datagram, Span& to) {
  to = param.value;
  return ascii::is_token(text(param.value, datagram));
}

bool take_algorithm(const AuthParam& param, std::string_view datagram, Span& to,
                    DigestAlgorithm& algorithm) {
  if (!take_token(param, datagram, to)) return false;
  for (unsigned i = 0; i < static_cast<unsigned>(DigestAlgorithm::other); ++i) {
    algorithm = static_cast<DigestAlgorithm>(i);
    if (ascii::iequals(text(to, datagram), spelling(algorithm))) return true;
  }
  algorithm = DigestAlgorithm::other;
  return true;
}

// "true" or "false", the only values that RFC 7616 section 3.3 gives userhash.
bool take_bool(const AuthParam& param, std::string_view datagram, bool& to) {
  const std::string_view word = text(param.value, datagram);
  to = ascii::iequals(word, "true");
  return to || ascii::iequals(word, "false");
}

// Any token but "true" counts as false (RFC 7616 section 3.3).
bool take_stale(const AuthParam& param, std::string_view datagram, bool& to) {
  Span word;
  if (!take_token(param, datagram, word)) return false;
  to = ascii::iequals(text(word, datagram), "true");
  return true;
}

Qop qop_of(std::string_view token) {
  if (ascii::iequals(token, "auth")) return Qop::auth;
  return ascii::iequals(token, "auth-int") ? Qop::auth_int : Qop::other;
}

bool take_qop(const AuthParam& param, std::string_view datagram, Span& to, Qop& qop) {
  if (!take_token(param, datagram, to)) return false;
  qop = qop_of(text(to, datagram));
  return true;
}

// qop-options: one token at least; empty elements name nothing.
bool take_qop_list(const AuthParam& param, std::string_view datagram, Challenge& challenge) {
  challenge.qop = param.value;
  bool has_one = false;
  Span element;
  for (ListCursor cursor(param.value, datagram); cursor.next(element);) {
    if (element.empty()) continue;
    const std::string_view token = text(element, datagram);
    if (!ascii::is_token(token)) return false;
    const Qop qop = qop_of(token);
    challenge.offers_auth |= qop == Qop::auth;
    challenge.offers_auth_int |= qop == Qop::auth_int;
    has_one = true;
  }
  return has_one;
}

// nc-value = 8LHEX. Capital digits are read too: the text is what is hashed.
bool take_nc(const AuthParam& param, std::string_view datagram, Span& to, uint32_t& nc) {
  to = param.value;
  if (to.length != nc_digits) return false;
  nc = 0;
  for (const char c : text(to, datagram)) {
    if (!ascii::is_hex(c)) return false;
    const char lower = ascii::to_lower(c);
    nc = nc << 4 | static_cast<uint32_t>(ascii::is_digit(c) ? c - '0' : lower - 'a' + 10);
  }
  return true;
}

// The octet of the two hex digits behind a '%'; negative when they are none.
int unescaped(std::string_view text, size_t percent) {
  unsigned octet = 0;
  if (text.size() - percent < 3) return -1;
  for (const char c : text.substr(percent + 1, 2)) {
    if (!ascii::is_hex(c)) return -1;
    const char lower = ascii::to_lower(c);
    octet = octet << 4 | static_cast<unsigned>(ascii::is_digit(c) ? c - '0' : lower - 'a' + 10);
  }
  return static_cast<int>(octet);
}

// UTF-8'language'value-chars, the ext-value of RFC 8187 section 3.2.1, with UTF-8 as the only
// charset (RFC 7616 section 3.4). An escaped control is in nobody's name.
bool take_extended(const AuthParam& param, std::string_view datagram, Span& to) {
  const std::string_view all = text(param.value, datagram);
  if (param.has_quotes ||
      !ascii::iequals(all.substr(0, ext_value_charset.size()), ext_value_charset)) {
    return false;
  }
  const size_t quote = all.find('\'', ext_value_charset.size());
  if (quote == std::string_view::npos || quote + 1 == all.size()) return false;
  const std::string_view name = all.substr(quote + 1);
  for (size_t i = 0; i < name.size(); ++i) {
    // attr-char has neither '*' nor a quote.
    if (name[i] == '*' || name[i] == '\'') return false;
    if (name[i] != '%') continue;
    const int octet = unescaped(name, i);
    if (octet < 0x20 || octet == 0x7f) return false;
    i += 2;
  }
  to = make_span(param.value.offset + static_cast<uint32_t>(quote) + 1, param.value.end());
  return true;
}

bool take_challenge(const AuthParam& param, std::string_view datagram, Challenge& to) {
  switch (param.id) {
    case AuthParamName::realm:
      return take_quoted(param, to.realm);
    case AuthParamName::nonce:
      return take_quoted(param, to.nonce);
    case AuthParamName::opaque:
      return take_quoted(param, to.opaque);
    case AuthParamName::domain:
      return take_quoted(param, to.domain);
    case AuthParamName::stale:
      return take_stale(param, datagram, to.is_stale);
    case AuthParamName::algorithm:
      return take_algorithm(param, datagram, to.algorithm_text, to.algorithm);
    case AuthParamName::qop:
      return take_qop_list(param, datagram, to);
    case AuthParamName::charset:
      return take_token(param, datagram, to.charset);
    case AuthParamName::userhash:
      return take_bool(param, datagram, to.has_userhash);
    default:
      return true;
  }
}

bool take_credentials(const AuthParam& param, std::string_view datagram, Credentials& to) {
  switch (param.id) {
    case AuthParamName::username:
      return take_quoted(param, to.username);
    case AuthParamName::extended_username:
      return take_extended(param, datagram, to.extended_username);
    case AuthParamName::realm:
      return take_quoted(param, to.realm);
    case AuthParamName::nonce:
      return take_quoted(param, to.nonce);
    case AuthParamName::uri:
      return take_quoted(param, to.uri) && !to.uri.empty();
    case AuthParamName::response:
      return take_quoted(param, to.response);
    case AuthParamName::cnonce:
      return take_quoted(param, to.cnonce);
    case AuthParamName::opaque:
      return take_quoted(param, to.opaque);
    case AuthParamName::algorithm:
      return take_algorithm(param, datagram, to.algorithm_text, to.algorithm);
    case AuthParamName::qop:
      return take_qop(param, datagram, to.qop_text, to.qop);
    case AuthParamName::nc:
      return take_nc(param, datagram, to.nc_text, to.nc);
    case AuthParamName::userhash:
      return take_bool(param, datagram, to.has_userhash);
    default:
      return true;
  }
}

bool take_info(const AuthParam& param, std::string_view datagram, AuthenticationInfo& to) {
  switch (param.id) {
    case AuthParamName::nextnonce:
      return take_quoted(param, to.nextnonce);
    case AuthParamName::rspauth:
      return take_quoted(param, to.rspauth);
    case AuthParamName::cnonce:
      return take_quoted(param, to.cnonce);
    case AuthParamName::qop:
      return take_qop(param, datagram, to.qop_text, to.qop);
    case AuthParamName::nc:
      return take_nc(param, datagram, to.nc_text, to.nc);
    default:
      return true;
  }
}

bool has_all(const Credentials& credentials) {
  const bool has_plain = is_present(credentials.username);
  const bool has_extended = is_present(credentials.extended_username);
  // A hash has nothing that would need the extended form (RFC 7616 section 3.4).
  if (has_plain == has_extended || (has_extended && credentials.has_userhash)) return false;
  if (!is_present(credentials.realm) || !is_present(credentials.nonce) ||
      !is_present(credentials.uri) || !is_present(credentials.response)) {
    return false;
  }
  return credentials.qop == Qop::absent ||
         (is_present(credentials.cnonce) && is_present(credentials.nc_text));
}

}  // namespace

std::string_view spelling(DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::md5:
      return "MD5";
    case DigestAlgorithm::md5_sess:
      return "MD5-sess";
    case DigestAlgorithm::sha_256:
      return "SHA-256";
    case DigestAlgorithm::sha_256_sess:
      return "SHA-256-sess";
    case DigestAlgorithm::sha_512_256:
      return "SHA-512-256";
    case DigestAlgorithm::sha_512_256_sess:
      return "SHA-512-256-sess";
    case DigestAlgorithm::other:
      break;
  }
  return "";
}

std::string_view spelling(Qop qop) {
  if (qop == Qop::auth) return "auth";
  return qop == Qop::auth_int ? "auth-int" : "";
}

Result<Challenge, ValueError> parse_challenge(Span value, std::string_view datagram) {
  const Result<Scheme, ValueError> scheme = read_scheme(value, datagram);
  if (!scheme) return Fail{scheme.error()};
  Challenge result;
  result.scheme = scheme->scheme;
  result.scheme_text = scheme->name;
  result.params = scheme->params;
  if (result.scheme == AuthScheme::other) return result;
  AuthParam param;
  AuthParamCursor cursor(result.params, datagram);
  while (cursor.next(param)) {
    if (!take_challenge(param, datagram, result)) return Fail{ValueError::bad_syntax};
  }
  if (cursor.failed()) return Fail{cursor.error()};
  if (!is_present(result.realm) || !is_present(result.nonce)) return Fail{ValueError::bad_syntax};
  return result;
}

Result<Credentials, ValueError> parse_credentials(Span value, std::string_view datagram) {
  const Result<Scheme, ValueError> scheme = read_scheme(value, datagram);
  if (!scheme) return Fail{scheme.error()};
  Credentials result;
  result.scheme = scheme->scheme;
  result.scheme_text = scheme->name;
  result.params = scheme->params;
  if (result.scheme == AuthScheme::other) return result;
  AuthParam param;
  AuthParamCursor cursor(result.params, datagram);
  while (cursor.next(param)) {
    if (!take_credentials(param, datagram, result)) return Fail{ValueError::bad_syntax};
  }
  if (cursor.failed()) return Fail{cursor.error()};
  if (!has_all(result)) return Fail{ValueError::bad_syntax};
  return result;
}

Result<AuthenticationInfo, ValueError> parse_authentication_info(Span value,
                                                                 std::string_view datagram) {
  AuthenticationInfo result;
  AuthParam param;
  bool has_one = false;
  AuthParamCursor cursor(value, datagram);
  while (cursor.next(param)) {
    if (!take_info(param, datagram, result)) return Fail{ValueError::bad_syntax};
    has_one = true;
  }
  if (cursor.failed()) return Fail{cursor.error()};
  if (!has_one) return Fail{ValueError::bad_syntax};
  return result;
}

bool is_username(const Credentials& credentials, std::string_view username,
                 std::string_view datagram) {
  if (!is_present(credentials.extended_username)) {
    return is_quoted_equal(text(credentials.username, datagram), username);
  }
  const std::string_view escaped = text(credentials.extended_username, datagram);
  size_t at = 0;
  for (const char expected : username) {
    if (at == escaped.size()) return false;
    char c = escaped[at++];
    if (c == '%') {
      const int octet = unescaped(escaped, at - 1);
      if (octet < 0) return false;
      c = static_cast<char>(octet);
      at += 2;
    }
    if (c != expected) return false;
  }
  return at == escaped.size();
}

}  // namespace demarc::sip
