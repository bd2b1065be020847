#include "sip-parser/uri_compare.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "sip-parser/base/ascii.h"
#include "sip-parser/escape.h"
#include "sip-parser/lws.h"
#include "sip-parser/params.h"
#include "sip-parser/tel.h"
#include "sip-parser/uri_headers.h"
#include "sip-parser/urn.h"

namespace demarc::sip {
namespace {

// Which escapes equal their character.
enum class Escapes : uint8_t {
  but_reserved,     // all but those of RFC 3261's reserved
  only_unreserved,  // RFC 3986 section 6.2.2.2
  none,             // RFC 8141 section 3.1
};
enum class Case : uint8_t { sensitive, insensitive };

struct Rule {
  Escapes escapes;
  Case letter_case;
};
constexpr Rule exact = {Escapes::but_reserved, Case::sensitive};
constexpr Rule caseless = {Escapes::but_reserved, Case::insensitive};

bool is_decoded(char c, Escapes escapes) {
  switch (escapes) {
    case Escapes::but_reserved:
      return std::string_view(";/?:@&=+$,").find(c) == std::string_view::npos;
    case Escapes::only_unreserved:
      return ascii::is_alphanum(c) || c == '-' || c == '.' || c == '_' || c == '~';
    case Escapes::none:
      break;
  }
  return false;
}

// One character of a URI, whichever way it was written.
struct Unit {
  char octet;
  bool is_escape;  // an escape that differs from its character
  bool operator==(const Unit&) const = default;
};

// Takes the first unit off `text`, which is not empty. A '%' that begins no escape is itself.
Unit take_unit(std::string_view& text, Rule rule) {
  Unit unit{text[0], false};
  size_t length = 1;
  if (text[0] == '%' && text.size() >= 3 && ascii::is_hex(text[1]) && ascii::is_hex(text[2])) {
    unit.octet = static_cast<char>(hex_value(text[1]) << 4 | hex_value(text[2]));
    unit.is_escape = !is_decoded(unit.octet, rule.escapes);
    length = 3;
  }
  text.remove_prefix(length);
  if (rule.letter_case == Case::insensitive && !unit.is_escape) {
    unit.octet = ascii::to_lower(unit.octet);
  }
  return unit;
}

bool equal(std::string_view a, std::string_view b, Rule rule) {
  while (!a.empty() && !b.empty()) {
    if (take_unit(a, rule) != take_unit(b, rule)) return false;
  }
  return a.empty() && b.empty();
}

// The two texts of one part.
struct Sides {
  std::string_view a;
  std::string_view b;
};

// A host in brackets as an address; false when it is none.
bool read_ipv6(std::string_view host, in6_addr& address) {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if (host.size() < 2 || host.front() != '[' || host.size() - 2 >= buffer.size()) return false;
  std::copy(host.begin() + 1, host.end() - 1, buffer.begin());
  return inet_pton(AF_INET6, buffer.data(), &address) == 1;
}

bool is_equal_host(Sides hosts) {
  in6_addr a{};
  in6_addr b{};
  if (read_ipv6(hosts.a, a) && read_ipv6(hosts.b, b)) return std::memcmp(&a, &b, sizeof a) == 0;
  return ascii::iequals(hosts.a, hosts.b);
}

// Parameters that one URI may not have alone. transport is not in the sentence of section 19.1.4
// that names the others but in the one before it, and in an example.
bool must_be_in_both(std::string_view name) {
  for (const std::string_view known : {"user", "ttl", "method", "maddr", "transport"}) {
    if (equal(name, known, caseless)) return true;
  }
  return false;
}

bool is_equal_sip_param(std::string_view name, Sides values) {
  // Methods have a case (section 7.1); all else has none.
  return equal(values.a, values.b, equal(name, "method", caseless) ? exact : caseless);
}

// RFC 3966 section 4.
bool is_equal_tel_param(std::string_view name, Sides values) {
  const bool is_context = equal(name, "phone-context", caseless);
  if (equal(name, "ext", caseless) || (is_context && values.a.starts_with('+'))) {
    return is_same_number({values.a, values.b});
  }
  return equal(values.a, values.b, caseless);
}

using IsEqualValue = bool (*)(std::string_view name, Sides values);
using IsNeeded = bool (*)(std::string_view name);

// Every parameter of `a` against all of `b` that share its name. A name that `b` lacks is a
// difference when it is needed.
bool has_params_of(const UriView& a, const UriView& b, IsEqualValue is_equal_value,
                   IsNeeded is_needed) {
  Param param;
  ParamCursor cursor(a.uri.params, a.datagram);
  while (cursor.next(param)) {
    const std::string_view name = text(param.name, a.datagram);
    bool is_found = false;
    Param other;
    ParamCursor others(b.uri.params, b.datagram);
    while (others.next(other)) {
      if (!equal(name, text(other.name, b.datagram), caseless)) continue;
      is_found = true;
      if (param.has_value != other.has_value ||
          !is_equal_value(name, {text(param.value, a.datagram), text(other.value, b.datagram)})) {
        return false;
      }
    }
    if (others.failed() || (!is_found && is_needed(name))) return false;
  }
  return !cursor.failed();
}

bool has_equal_params(const UriView& a, const UriView& b, IsEqualValue is_equal_value,
                      IsNeeded is_needed) {
  return has_params_of(a, b, is_equal_value, is_needed) &&
         has_params_of(b, a, is_equal_value, is_needed);
}

// Headers as a bag: each of `a` takes one of `b` that no other took.
bool has_equal_headers(const UriView& a, const UriView& b) {
  static_assert(max_uri_headers <= 64, "one bit for each");
  uint64_t taken = 0;
  uint64_t all = 0;
  UriHeader header;
  UriHeaderCursor counter(b.uri.headers, b.datagram);
  while (counter.next(header)) all = all << 1 | 1;
  UriHeaderCursor cursor(a.uri.headers, a.datagram);
  while (cursor.next(header)) {
    UriHeader other;
    uint64_t bit = 1;
    bool is_found = false;
    for (UriHeaderCursor others(b.uri.headers, b.datagram); !is_found && others.next(other);
         bit <<= 1) {
      is_found = !(taken & bit) &&
                 equal(text(header.name, a.datagram), text(other.name, b.datagram), caseless) &&
                 equal(text(header.value, a.datagram), text(other.value, b.datagram), exact);
      if (is_found) taken |= bit;
    }
    if (!is_found) return false;
  }
  return !counter.failed() && !cursor.failed() && taken == all;
}

bool is_equivalent_sip(const UriView& a, const UriView& b) {
  // A password that is there and empty is another one than none: only the offset tells.
  const bool has_same_parts = a.uri.port == b.uri.port &&
                              a.uri.user.empty() == b.uri.user.empty() &&
                              (a.uri.password.offset == 0) == (b.uri.password.offset == 0);
  return has_same_parts &&
         equal(text(a.uri.user, a.datagram), text(b.uri.user, b.datagram), exact) &&
         equal(text(a.uri.password, a.datagram), text(b.uri.password, b.datagram), exact) &&
         is_equal_host({text(a.uri.host, a.datagram), text(b.uri.host, b.datagram)}) &&
         has_equal_params(a, b, is_equal_sip_param, must_be_in_both) && has_equal_headers(a, b);
}

bool is_equivalent_tel(const UriView& a, const UriView& b) {
  return is_same_number({text(a.uri.user, a.datagram), text(b.uri.user, b.datagram)}) &&
         has_equal_params(a, b, is_equal_tel_param, [](std::string_view) { return true; });
}

bool is_equivalent_urn(const UriView& a, const UriView& b) {
  const Result<Urn, ValueError> urn_a = parse_urn(a.uri, a.datagram);
  if (!urn_a) return false;
  const Result<Urn, ValueError> urn_b = parse_urn(b.uri, b.datagram);
  if (!urn_b) return false;
  const std::string_view nid = text(urn_a->nid, a.datagram);
  const bool is_service = ascii::iequals(nid, "service");
  return ascii::iequals(nid, text(urn_b->nid, b.datagram)) &&
         equal(text(urn_a->nss, a.datagram), text(urn_b->nss, b.datagram),
               {Escapes::none, is_service ? Case::insensitive : Case::sensitive});
}

bool is_equivalent_other(const UriView& a, const UriView& b) {
  const std::string_view scheme = text(a.uri.scheme_text, a.datagram);
  if (!ascii::iequals(scheme, text(b.uri.scheme_text, b.datagram))) return false;
  if (ascii::iequals(scheme, "urn")) return is_equivalent_urn(a, b);
  const auto rest = [](const UriView& view) {
    return text(view.uri.whole, view.datagram).substr(view.uri.scheme_text.length);
  };
  return equal(rest(a), rest(b), {Escapes::only_unreserved, Case::sensitive});
}

}  // namespace

bool is_equivalent(const UriView& a, const UriView& b) {
  if (a.uri.scheme != b.uri.scheme) return false;
  switch (a.uri.scheme) {
    case UriScheme::sip:
    case UriScheme::sips:
      return is_equivalent_sip(a, b);
    case UriScheme::tel:
      return is_equivalent_tel(a, b);
    case UriScheme::other:
      break;
  }
  return is_equivalent_other(a, b);
}

}  // namespace demarc::sip
