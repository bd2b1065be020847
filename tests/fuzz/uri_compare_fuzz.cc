// Two URIs with a NUL between them: equivalence is symmetric, and reflexive for what can be
// compared at all; and escaped text is decoded to what it was.

#include "sip-parser/uri_compare.h"

#include <vector>

#include "sip-parser/base/ascii.h"
#include "sip-parser/escape.h"
#include "sip-parser/tel.h"
#include "sip-parser/uri_headers.h"
#include "sip-parser/urn.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

using sip::Uri;
using sip::UriScheme;
using sip::UriView;

constexpr size_t max_uri_octets = 4096;

bool is_sip(const Uri& uri) {
  return uri.scheme == UriScheme::sip || uri.scheme == UriScheme::sips;
}

// A parameter that stands twice may differ from itself, and one that is escaped may be another one.
bool has_plain_params(const UriView& view) {
  std::vector<std::string_view> names;
  sip::Param param;
  sip::ParamCursor cursor(view.uri.params, view.datagram);
  while (cursor.next(param)) {
    const std::string_view name = text(param.name, view.datagram);
    if (name.find('%') != std::string_view::npos) return false;
    for (const std::string_view other : names) {
      if (ascii::iequals(name, other)) return false;
    }
    names.push_back(name);
  }
  return !cursor.failed();
}

// What is malformed (headers, a number, a URN) equals nothing, not even itself.
bool is_comparable(const UriView& view) {
  switch (view.uri.scheme) {
    case UriScheme::tel:
      return has_plain_params(view) && sip::telephone_of(view.uri, view.datagram).has_value();
    case UriScheme::other:
      return !ascii::iequals(text(view.uri.scheme_text, view.datagram), "urn") ||
             sip::parse_urn(view.uri, view.datagram).has_value();
    default:
      break;
  }
  sip::UriHeaderCursor cursor(view.uri.headers, view.datagram);
  sip::UriHeader header;
  while (cursor.next(header)) {
  }
  return has_plain_params(view) && !cursor.failed();
}

// Host and scheme compare without case.
void check_upper_case(const UriView& view) {
  std::string upper(view.datagram);
  const auto raise = [&upper](Span span) {
    for (uint32_t i = span.offset; i < span.end(); ++i) {
      if (upper[i] >= 'a' && upper[i] <= 'z') upper[i] = static_cast<char>(upper[i] - 'a' + 'A');
    }
  };
  raise(view.uri.scheme_text);
  raise(view.uri.host);
  const auto uri = sip::parse_uri({0, static_cast<uint16_t>(upper.size())}, upper);
  DEMARC_CHECK(uri.has_value());
  DEMARC_CHECK(sip::is_equivalent(view, {*uri, upper}));
}

void check_pair(std::string_view first, std::string_view second) {
  const Placed a_placed(first, 0, '\0');
  const Placed b_placed(second, 0, '\0');
  const auto a = sip::parse_uri({0, static_cast<uint16_t>(first.size())}, a_placed.view());
  const auto b = sip::parse_uri({0, static_cast<uint16_t>(second.size())}, b_placed.view());
  if (!a) return;
  const UriView a_view{*a, a_placed.view()};
  if (is_comparable(a_view)) {
    DEMARC_CHECK(sip::is_equivalent(a_view, a_view));
    if (is_sip(*a)) check_upper_case(a_view);
  }
  if (!b) return;
  const UriView b_view{*b, b_placed.view()};
  const bool is_equivalent = sip::is_equivalent(a_view, b_view);
  DEMARC_CHECK(sip::is_equivalent(b_view, a_view) == is_equivalent);
  if (!is_equivalent) return;
  DEMARC_CHECK(a->scheme == b->scheme && a->port == b->port);
  DEMARC_CHECK(!is_sip(*a) || a->user.empty() == b->user.empty());
}

void check_escapes(std::string_view octets) {
  static char escaped[3 * max_uri_octets];
  static char plain[3 * max_uri_octets];
  for (const sip::UriPart part :
       {sip::UriPart::user, sip::UriPart::password, sip::UriPart::param, sip::UriPart::header}) {
    const auto made = sip::escape(octets, part, escaped);
    DEMARC_CHECK(made.has_value());
    for (const char c : *made) DEMARC_CHECK(c > ' ' && c < 0x7f);
    const auto back = sip::unescape_any(*made, plain);
    DEMARC_CHECK(back.has_value() && *back == octets);
    DEMARC_CHECK(sip::is_escaped_name(*made, octets));
  }
  const auto decoded = sip::unescape(octets, plain);
  if (decoded.has_value()) {
    DEMARC_CHECK(decoded->find_first_of(std::string_view("\0\r\n", 3)) == std::string_view::npos);
    // One octet of room less is no room, and never a cut text.
    const size_t size = decoded->size();
    if (size == 0) return;
    const auto tight = sip::unescape(octets, std::span<char>(escaped).first(size - 1));
    DEMARC_CHECK(!tight && tight.error() == sip::DecodeError::no_room);
  }
}

void run(std::string_view input) {
  if (input.size() > max_uri_octets) return;
  const Scripted pair = split_script(input);
  check_pair(pair.text, pair.script);
  check_escapes(pair.text);
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
