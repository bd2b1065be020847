#include "sip-parser/identity.h"

#include <utility>

#include "sip-parser/value_reader.h"

namespace demarc::sip {
namespace {

constexpr CharClass base64url_class = CharClass::where(ascii::is_alphanum) | CharClass::of("-_");

// signed-identity-digest: header "." payload "." signature, the first two both there or not.
bool read_token(ValueReader& reader, Identity& identity) {
  const uint32_t begin = reader.position();
  identity.header = reader.run(base64url_class);
  if (!reader.take_octet('.')) return false;
  identity.payload = reader.run(base64url_class);
  if (!reader.take_octet('.')) return false;
  identity.signature = reader.run(base64url_class);
  identity.token = make_span(begin, reader.position());
  return !identity.signature.empty() && identity.header.empty() == identity.payload.empty();
}

// The value behind '=': a token, a quoted-string or, for info alone, a URI in <>. The grammar has
// ppt and alg as tokens; they are taken in quotes too, as many signers write them.
bool read_value(ValueReader& reader, bool is_uri, Span& value) {
  if (is_uri) return reader.bracketed(value);
  if (reader.is_at('"')) return reader.quoted(value);
  value = reader.plain_value();
  return !value.empty();
}

struct Found {
  bool info = false;
  bool alg = false;
  bool ppt = false;
};

// One parameter behind its ';'. Neither of the three may stand twice.
bool read_param(ValueReader& reader, Identity& identity, Span& info, Found& found) {
  const std::string_view name = reader.text_of(reader.token());
  const bool is_info = ascii::iequals(name, "info");
  Span value;
  const bool has_value = reader.take('=');
  if (name.empty() || (has_value && !read_value(reader, is_info, value))) return false;
  const auto keep = [&](Span& target, bool& is_found) {
    target = value;
    return has_value && !std::exchange(is_found, true);
  };
  if (is_info) return keep(info, found.info);
  if (ascii::iequals(name, "alg")) return keep(identity.alg, found.alg);
  if (ascii::iequals(name, "ppt")) return keep(identity.ppt, found.ppt);
  return true;
}

}  // namespace

Result<Identity, ValueError> parse_identity(Span value, std::string_view datagram) {
  ValueReader reader(value, datagram);
  Identity identity;
  if (!read_token(reader, identity)) return Fail{ValueError::bad_syntax};
  Span info;
  Found found;
  unsigned count = 0;
  while (reader.take(';')) {
    if (++count > max_params) return Fail{ValueError::too_many};
    if (!read_param(reader, identity, info, found)) return Fail{ValueError::bad_syntax};
  }
  if (!reader.at_end() || !found.info) return Fail{ValueError::bad_syntax};
  const Result<Uri, ValueError> uri = parse_uri(info, datagram);
  if (!uri) return Fail{uri.error()};
  identity.info = *uri;
  return identity;
}

}  // namespace demarc::sip
