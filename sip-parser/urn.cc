#include "sip-parser/urn.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/lws.h"

namespace demarc::sip {
namespace {

constexpr size_t min_nid_octets = 2;
constexpr size_t max_nid_octets = 32;
constexpr size_t max_top_level_octets = 27;  // let-dig [ *25let-dig-hyp let-dig ]

bool is_let_dig_hyp(std::string_view text) {
  for (const char c : text) {
    if (!ascii::is_alphanum(c) && c != '-') return false;
  }
  return !text.empty() && text.front() != '-' && text.back() != '-';
}

// pchar *( pchar / "/" ) of RFC 8141 section 2.
bool is_nss(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3 || !ascii::is_hex(text[i + 1]) || !ascii::is_hex(text[i + 2])) {
        return false;
      }
      i += 2;
    } else if (!ascii::is_alphanum(c) &&
               std::string_view("-._~!$&'()*+,;=:@/").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return !text.empty() && text.front() != '/';
}

// top-level *( "." sub-service ) of RFC 5031 section 3.
bool is_service(std::string_view text) {
  for (size_t limit = max_top_level_octets;; limit = SIZE_MAX) {
    const size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (label.size() > limit || !is_let_dig_hyp(label)) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace

Result<Urn, ValueError> parse_urn(const Uri& uri, std::string_view datagram) {
  if (!ascii::iequals(text(uri.scheme_text, datagram), "urn")) return Fail{ValueError::bad_syntax};
  const uint32_t begin = uri.scheme_text.end() + 1;
  const std::string_view rest = text(make_span(begin, uri.whole.end()), datagram);
  const size_t colon = rest.find(':');
  if (colon == std::string_view::npos) return Fail{ValueError::bad_syntax};
  size_t name_end = rest.find_first_of("?#");
  if (name_end == std::string_view::npos) name_end = rest.size();
  if (name_end <= colon) return Fail{ValueError::bad_syntax};

  const std::string_view nid = rest.substr(0, colon);
  const std::string_view nss = rest.substr(colon + 1, name_end - colon - 1);
  if (nid.size() < min_nid_octets || nid.size() > max_nid_octets || !is_let_dig_hyp(nid) ||
      !is_nss(nss)) {
    return Fail{ValueError::bad_syntax};
  }
  return Urn{span_of(nid, datagram), span_of(nss, datagram),
             span_of(rest.substr(name_end), datagram)};
}

Span service_of(const Uri& uri, std::string_view datagram) {
  const Result<Urn, ValueError> urn = parse_urn(uri, datagram);
  if (!urn || !ascii::iequals(text(urn->nid, datagram), "service")) return Span{};
  return is_service(text(urn->nss, datagram)) ? urn->nss : Span{};
}

bool is_emergency(const Uri& uri, std::string_view datagram) {
  const std::string_view service = text(service_of(uri, datagram), datagram);
  return ascii::iequals(service.substr(0, service.find('.')), "sos");
}

}  // namespace demarc::sip
