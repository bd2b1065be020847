#include "sip-parser/validate.h"

#include <array>
#include <bit>

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "sip-parser/address.h"
#include "sip-parser/call_id.h"
#include "sip-parser/cseq.h"
#include "sip-parser/field_rules.h"
#include "sip-parser/ipv6.h"
#include "sip-parser/name_addr.h"
#include "sip-parser/rack.h"
#include "sip-parser/uri.h"
#include "sip-parser/via.h"

namespace demarc::sip {
namespace {

struct DefectInfo {
  std::string_view name;
  uint16_t status_code;  // for a request
  std::string_view reason;
};

constexpr std::array<DefectInfo, static_cast<size_t>(Defect::count)> defects = {{
    {"none", 0, ""},
    {"keep_alive", 0, ""},
    {"message_too_large", 513, "Message Too Large"},
    {"bad_start_line", 400, "Bad Request-Line"},
    {"bad_version", 505, "Version Not Supported"},
    {"bad_header_line", 400, "Bad Header Field Line"},
    {"forbidden_octet", 400, "Forbidden Octet In Header Section"},
    {"too_many_fields", 400, "Too Many Header Fields"},
    {"no_end_of_header", 400, "Unterminated Header Section"},
    {"missing_content_length", 400, "Missing Content-Length Header Field"},
    {"bad_content_length", 400, "Bad Content-Length Header Field"},
    {"missing_mandatory_field", 400, "Missing Mandatory Header Field"},
    {"repeated_field", 400, "Repeated Header Field"},
    {"field_too_large", 513, "Header Field Too Large"},
    {"too_many_vias", 400, "Too Many Via Header Fields"},
    {"too_many_routes", 400, "Too Many Route Header Fields"},
    {"bad_via", 400, "Bad Via Header Field"},
    {"bad_branch", 400, "Bad Via Branch"},
    {"bad_from", 400, "Bad From Header Field"},
    {"bad_to", 400, "Bad To Header Field"},
    {"bad_cseq", 400, "Bad CSeq Header Field"},
    {"bad_call_id", 400, "Bad Call-ID Header Field"},
    {"bad_max_forwards", 400, "Bad Max-Forwards Header Field"},
    {"bad_request_uri", 400, "Bad Request-URI"},
    {"bad_contact", 400, "Bad Contact Header Field"},
    {"bad_rack", 400, "Bad RAck Header Field"},
    {"bad_rseq", 0, ""},
    {"method_mismatch", 400, "CSeq Method Mismatch"},
    {"unsupported_scheme", 416, "Unsupported URI Scheme"},
    {"bad_status_code", 0, ""},
    {"bad_route", 400, "Bad Route Header Field"},
    {"unknown_method", 501, "Not Implemented"},
    {"method_not_allowed", 405, "Method Not Allowed"},
    {"bad_require", 400, "Bad Require Header Field"},
    {"unsupported_extension", 420, "Bad Extension"},
    {"missing_content_type", 400, "Missing Content-Type Header Field"},
    {"bad_content_type", 400, "Bad Content-Type Header Field"},
    {"unsupported_media_type", 415, "Unsupported Media Type"},
    {"unsupported_encoding", 415, "Unsupported Content Encoding"},
    {"bad_multipart", 400, "Bad Multipart Body"},
    {"bad_accept", 400, "Bad Accept Header Field"},
    {"not_acceptable", 406, "Not Acceptable"},
    {"too_many_hops", 483, "Too Many Hops"},
    {"no_credentials", 401, "Unauthorized"},
    {"no_proxy_credentials", 407, "Proxy Authentication Required"},
    {"misrouted_response", 0, ""},
}};

bool has_mandatory_fields(const Message& message) {
  return message.has(HeaderName::via) && message.has(HeaderName::from) &&
         message.has(HeaderName::to) && message.has(HeaderName::call_id) &&
         message.has(HeaderName::cseq);
}

// What holds for each field, in one pass.
Defect check_each_field(const Message& message) {
  for (unsigned i = 0; i < message.field_count; ++i) {
    const HeaderField& field = message.fields[i];
    if (field.value.length > max_field_value_octets) return Defect::field_too_large;
    // Two of them, even two that are equal, could be read in two ways.
    if (field.next != Message::no_field && !field_rule(field.id).may_repeat) {
      return Defect::repeated_field;
    }
  }
  return Defect::none;
}

// Commas of a value, also those that are quoted.
uint32_t count_commas(Span value, std::string_view datagram) {
  uint32_t at = value.offset;
  const uint32_t end = value.end();
  uint32_t count = 0;
#ifdef __AVX2__
  constexpr uint32_t block = 32;
  for (; at < end && at + size_t{block} <= datagram.size(); at += block) {
    const __m256i octets =
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(datagram.data() + at));
    uint32_t mask = static_cast<uint32_t>(
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(octets, _mm256_set1_epi8(','))));
    if (end - at < block) mask &= (1u << (end - at)) - 1;
    count += static_cast<uint32_t>(std::popcount(mask));
  }
#endif
  for (; at < end; ++at) count += datagram[at] == ',' ? 1 : 0;
  return count;
}

// Whether all fields of a name that is a list, of which that is the first, have more than `maximum`
// elements. Elements are walked only where there are commas enough for it.
[[gnu::noinline]] bool has_many_elements(const Message& message, const HeaderField* first,
                                         std::string_view datagram, uint32_t maximum) {
  uint32_t bound = 0;
  for (const HeaderField* field = first; field != nullptr; field = message.next(*field)) {
    bound += 1 + count_commas(field->value, datagram);
  }
  if (bound <= maximum) return false;
  uint32_t count = 0;
  for (const HeaderField* field = first; field != nullptr; field = message.next(*field)) {
    Span element;
    for (ListCursor cursor(field->value, datagram); cursor.next(element);) ++count;
  }
  return count > maximum;
}

inline bool has_more_elements(const Message& message, HeaderName name, std::string_view datagram,
                              uint32_t maximum) {
  const HeaderField* const first = message.first(name);
  // An element and its comma are two octets at least.
  if (first == nullptr || (first->next == Message::no_field && first->value.length < maximum)) {
    return false;
  }
  return has_many_elements(message, first, datagram, maximum);
}

Defect check_lists(const Message& message, std::string_view datagram) {
  if (has_more_elements(message, HeaderName::via, datagram, max_vias)) {
    return Defect::too_many_vias;
  }
  if (has_more_elements(message, HeaderName::route, datagram, max_routes) ||
      has_more_elements(message, HeaderName::record_route, datagram, max_routes)) {
    return Defect::too_many_routes;
  }
  return Defect::none;
}

// A host that begins like an IPv6 reference is one.
bool is_sound_host(std::string_view host) {
  return host.empty() || host.front() != '[' || is_ipv6_reference(host);
}

Defect check_top_via(const Message& message, std::string_view datagram, Essentials& essentials) {
  Via& via = essentials.top_via;
  if (read_top_via(message.value(HeaderName::via), datagram, via) != ValueError{} ||
      !is_sound_host(text(via.host, datagram))) {
    return Defect::bad_via;
  }
  essentials.has_via = true;
  // RFC 4475 section 3.2.1: it would name the transactions of all who make this mistake.
  return text(via.branch, datagram) == magic_cookie ? Defect::bad_branch : Defect::none;
}

// One address, of any scheme.
bool read_one(Span value, std::string_view datagram, NameAddr& name_addr, Uri& uri) {
  NameAddrCursor cursor(value, datagram);
  return cursor.next(name_addr, uri) && cursor.is_at_end();
}

// All of them can be read; the first one is kept.
bool check_contacts(const Message& message, std::string_view datagram, Uri& first) {
  bool has_first = false;
  for (const HeaderField* field = message.first(HeaderName::contact); field != nullptr;
       field = message.next(*field)) {
    // "*" removes all bindings, RFC 3261 section 10.2.2.
    if (message.method == Method::register_ && text(field->value, datagram) == "*") continue;
    NameAddr contact;
    Uri further;
    NameAddrCursor cursor(field->value, datagram);
    while (cursor.next(contact, has_first ? further : first)) has_first = true;
    if (cursor.failed()) return false;
  }
  return true;
}

Defect check_cseq(const Message& message, std::string_view datagram, Essentials& essentials) {
  CSeq cseq;
  if (read_cseq(message.value(HeaderName::cseq), datagram, cseq) != ValueError{}) {
    return Defect::bad_cseq;
  }
  essentials.cseq = cseq.number;
  if (!message.is_request || (cseq.method == message.method && cseq.method != Method::other)) {
    return Defect::none;
  }
  return text(cseq.method_text, datagram) == text(message.method_text, datagram)
             ? Defect::none
             : Defect::method_mismatch;
}

// What requests and responses have in common.
Defect check_fields(const Message& message, std::string_view datagram, Essentials& essentials) {
  if (!has_mandatory_fields(message)) return Defect::missing_mandatory_field;
  Defect defect = check_each_field(message);
  if (defect == Defect::none) defect = check_lists(message, datagram);
  if (defect == Defect::none) defect = check_top_via(message, datagram, essentials);
  if (defect != Defect::none) return defect;
  Address& from = essentials.from;
  if (!read_one(message.value(HeaderName::from), datagram, from.name_addr, from.uri)) {
    return Defect::bad_from;
  }
  essentials.from_tag = from.name_addr.tag;
  Address to;
  if (!read_one(message.value(HeaderName::to), datagram, to.name_addr, to.uri)) {
    return Defect::bad_to;
  }
  essentials.to_tag = to.name_addr.tag;
  if (!parse_call_id(message.value(HeaderName::call_id), datagram)) return Defect::bad_call_id;
  defect = check_cseq(message, datagram, essentials);
  if (defect != Defect::none) return defect;
  if (!check_contacts(message, datagram, essentials.contact)) return Defect::bad_contact;
  // parse() frames by Content-Length, so this speaks only after a parse() that failed on it.
  const HeaderField* length = message.first(HeaderName::content_length);
  if (length != nullptr && !parse_number(length->value, datagram, message.body.length)) {
    return Defect::bad_content_length;
  }
  return Defect::none;
}

Defect check_request(const Message& message, std::string_view datagram) {
  const HeaderField* max_forwards = message.first(HeaderName::max_forwards);
  if (max_forwards != nullptr && !parse_number(max_forwards->value, datagram, max_max_forwards)) {
    return Defect::bad_max_forwards;
  }
  const HeaderField* rack = message.first(HeaderName::rack);
  if (rack != nullptr ? !parse_rack(rack->value, datagram) : message.method == Method::prack) {
    return Defect::bad_rack;
  }
  Uri uri;
  if (read_uri(message.request_uri, datagram, uri) != ValueError{} ||
      !is_sound_host(text(uri.host, datagram))) {
    return Defect::bad_request_uri;
  }
  if (uri.scheme == UriScheme::other) return Defect::unsupported_scheme;
  // Table 1 of RFC 3261 section 19.1.1: headers are not allowed in a Request-URI.
  if (!uri.headers.empty()) return Defect::bad_request_uri;
  return Defect::none;
}

Defect check_response(const Message& message, std::string_view datagram) {
  const HeaderField* rseq = message.first(HeaderName::rseq);
  return rseq == nullptr || parse_rseq(rseq->value, datagram) ? Defect::none : Defect::bad_rseq;
}

Span tag_in(Span value, std::string_view datagram) {
  const Result<NameAddr, ValueError> name_addr = parse_name_addr(value, datagram);
  return name_addr ? name_addr->tag : Span{};
}

Defect find_defect(const Message& message, std::string_view datagram, Essentials& essentials) {
  if (!message.is_request && (message.status_code < 100 || message.status_code > 699)) {
    return Defect::bad_status_code;
  }
  const Defect defect = check_fields(message, datagram, essentials);
  if (defect != Defect::none) return defect;
  return message.is_request ? check_request(message, datagram) : check_response(message, datagram);
}

}  // namespace

std::string_view spelling(Defect defect) {
  const size_t index = static_cast<size_t>(defect);
  return index < defects.size() ? defects[index].name : std::string_view{};
}

Verdict verdict_of(Defect defect, const Message& message) {
  const DefectInfo& info = defects[static_cast<size_t>(defect)];
  // RFC 3261 section 17.1.1.3: an ACK is never answered; nor is a response.
  const bool is_answered = message.is_request && message.method != Method::ack;
  return {defect, is_answered ? info.status_code : uint16_t{0}, info.reason};
}

Defect defect_of(ParseError error) {
  switch (error) {
    case ParseError::empty:
      return Defect::keep_alive;
    case ParseError::too_long:
      return Defect::message_too_large;
    case ParseError::bad_start_line:
      return Defect::bad_start_line;
    case ParseError::bad_version:
      return Defect::bad_version;
    case ParseError::bad_header_line:
      return Defect::bad_header_line;
    case ParseError::forbidden_octet:
      return Defect::forbidden_octet;
    case ParseError::too_many_fields:
      return Defect::too_many_fields;
    case ParseError::no_end_of_header:
      return Defect::no_end_of_header;
    case ParseError::bad_content_length:
      return Defect::bad_content_length;
    case ParseError::missing_call_id:
      return Defect::missing_mandatory_field;
    case ParseError::count:
      break;
  }
  return Defect::none;
}

Verdict validate(const Message& message, std::string_view datagram, Essentials& essentials) {
  const Defect defect = find_defect(message, datagram, essentials);
  if (defect != Defect::none) essentials = read_essentials(message, datagram);
  return verdict_of(defect, message);
}

Verdict validate(const Message& message, std::string_view datagram) {
  Essentials essentials;
  return verdict_of(find_defect(message, datagram, essentials), message);
}

Essentials read_essentials(const Message& message, std::string_view datagram) {
  Essentials essentials;
  const Result<Via, ValueError> via = parse_top_via(message.value(HeaderName::via), datagram);
  essentials.has_via = via.has_value();
  if (via) essentials.top_via = *via;
  const auto from = parse_address(message.value(HeaderName::from), datagram, AddressForm::any);
  if (from) essentials.from = *from;
  essentials.from_tag = tag_in(message.value(HeaderName::from), datagram);
  if (!check_contacts(message, datagram, essentials.contact)) essentials.contact = {};
  essentials.to_tag = tag_in(message.value(HeaderName::to), datagram);
  const Result<CSeq, ValueError> cseq = parse_cseq(message.value(HeaderName::cseq), datagram);
  if (cseq) essentials.cseq = cseq->number;
  return essentials;
}

}  // namespace demarc::sip
