// A SIP URI that is written as nearly everybody does, read from separator to separator.
//
// Used by the parsers of URIs and of addresses before their general way, see plain_reader.h. The
// classes of octets are those of the general way, too (RFC 3261 section 25.1). Borrows the
// datagram; any thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"
#include "sip-parser/plain_reader.h"
#include "sip-parser/uri.h"

namespace demarc::sip {

// Which octets may stand unescaped in which part of a SIP URI.
namespace uri_octets {
inline constexpr CharClass unreserved =
    CharClass::where(ascii::is_alphanum) | CharClass::of("-_.!~*'()");
inline constexpr CharClass in_user = unreserved | CharClass::of("&=+$,;?/#");
inline constexpr CharClass in_password = unreserved | CharClass::of("&=+$,");
inline constexpr CharClass in_param_name = unreserved | CharClass::of("[]/:&+$");
inline constexpr CharClass in_param_value = in_param_name | CharClass::of("=");
inline constexpr CharClass in_headers = unreserved | CharClass::of("[]/?:+$&=");
}  // namespace uri_octets

inline constexpr uint32_t usual_scheme_octets = 4;
// "sip:" in one word, as most URIs begin.
inline bool has_usual_scheme(std::string_view datagram, uint32_t position, uint32_t end) {
  return end - position > usual_scheme_octets &&
         std::memcmp(datagram.data() + position, "sip:", usual_scheme_octets) == 0;
}

// user "@", without a password or an escape; the reader goes behind the '@'. Where there is none it
// stays where it is. False: the general way is to say which of both it is.
inline bool read_plain_user(PlainReader& reader, uint32_t begin, Uri& uri) {
  // What may be a user or host and parameters: only an '@' tells.
  PlainReader ahead = reader;
  do ahead.advance();
  while (ahead.octet() != '@' && uri_octets::in_user.contains(ahead.octet()));
  if (ahead.octet() == '@') [[likely]] {
    uri.user.assign(begin, ahead.position());
    reader = ahead;
    return begin != ahead.position();
  }
  if (ahead.octet() != ':') return ahead.octet() != '%';
  ahead.advance();
  return ahead.octet() != '@' && ahead.octet() != '%' &&
         !uri_octets::in_password.contains(ahead.octet());
}

// The URI whose "sip:" begins at `begin`, its user part or host at the reader's position; the
// reader goes to what its grammar does not take. False: it is to be read by the general way.
inline bool read_plain_uri(PlainReader& reader, uint32_t begin, std::string_view datagram,
                           Uri& uri) {
  uri = Uri{};
  uri.scheme = UriScheme::sip;
  uri.scheme_text.assign(begin, begin + usual_scheme_octets - 1);
  uint32_t host = begin + usual_scheme_octets;
  if (!read_plain_user(reader, host, uri)) return false;
  if (!uri.user.empty()) host = reader.position() + 1;

  reader.advance();
  if (reader.position() == host) return false;
  uri.host.assign(host, reader.position());
  if (reader.octet() == ':' && !reader.read_port(datagram, uri.port)) return false;

  const uint32_t params = reader.position();
  for (unsigned count = 0; reader.octet() == ';'; ++count) {
    if (count == max_params) return false;
    const uint32_t name = reader.position() + 1;
    reader.advance_past<'='>(uri_octets::in_param_name);
    if (reader.position() == name) return false;
    if (reader.octet() != '=') continue;
    const uint32_t value = reader.position() + 1;
    reader.advance_past<'>'>(uri_octets::in_param_value);
    if (reader.position() == value) return false;
  }
  if (reader.octet() == '%' || reader.octet() == '?') return false;
  if (params != reader.position()) uri.params.assign(params, reader.position());
  uri.whole.assign(begin, reader.position());
  return true;
}

}  // namespace demarc::sip
