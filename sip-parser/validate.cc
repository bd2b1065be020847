#include "sip-parser/validate.h"

#include <array>

#include "sip-parser/base/ascii.h"
#include "sip-parser/cseq.h"
#include "sip-parser/name_addr.h"
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
    {"missing_mandatory_field", 400, "Missing Mandatory Header Field"},
    {"repeated_field", 400, "Repeated Header Field"},
    {"bad_via", 400, "Bad Via Header Field"},
    {"bad_from", 400, "Bad From Header Field"},
    {"bad_to", 400, "Bad To Header Field"},
    {"bad_cseq", 400, "Bad CSeq Header Field"},
    {"bad_call_id", 400, "Bad Call-ID Header Field"},
    {"bad_max_forwards", 400, "Bad Max-Forwards Header Field"},
    {"bad_request_uri", 400, "Bad Request-URI"},
    {"bad_contact", 400, "Bad Contact Header Field"},
    {"method_mismatch", 400, "CSeq Method Mismatch"},
    {"unsupported_scheme", 416, "Unsupported URI Scheme"},
    {"bad_content_length", 400, "Bad Content-Length Header Field"},
    {"bad_status_code", 0, ""},
}};

constexpr uint32_t max_max_forwards = 255;  // RFC 3261 section 20.22

// Header fields of RFC 3261 section 20 and its extensions that are no lists and on which a
// decision hangs: two of them, even two that are equal, could be read in two ways.
constexpr HeaderName single_fields[] = {
    HeaderName::call_id,
    HeaderName::content_disposition,
    HeaderName::content_length,
    HeaderName::content_type,
    HeaderName::cseq,
    HeaderName::date,
    HeaderName::event,
    HeaderName::expires,
    HeaderName::from,
    HeaderName::max_forwards,
    HeaderName::mime_version,
    HeaderName::min_expires,
    HeaderName::min_se,
    HeaderName::priority,
    HeaderName::rack,
    HeaderName::refer_to,
    HeaderName::referred_by,
    HeaderName::replaces,
    HeaderName::join,
    HeaderName::target_dialog,
    HeaderName::reply_to,
    HeaderName::retry_after,
    HeaderName::rseq,
    HeaderName::session_expires,
    HeaderName::session_id,
    HeaderName::subject,
    HeaderName::subscription_state,
    HeaderName::timestamp,
    HeaderName::to,
};

bool has_mandatory_fields(const Message& message) {
  return message.has(HeaderName::via) && message.has(HeaderName::from) &&
         message.has(HeaderName::to) && message.has(HeaderName::call_id) &&
         message.has(HeaderName::cseq);
}

bool has_repeated_field(const Message& message) {
  for (const HeaderName name : single_fields) {
    const HeaderField* field = message.first(name);
    if (field != nullptr && message.next(*field) != nullptr) return true;
  }
  return false;
}

// callid = word [ "@" word ]: no blanks; the characters of word are nearly all of visible ASCII.
bool is_call_id(std::string_view text) {
  size_t at_signs = 0;
  for (const char c : text) {
    if (c == '@') {
      ++at_signs;
    } else if (!ascii::is_token(c) &&
               std::string_view("()<>:\\\"/[]?{}").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return !text.empty() && at_signs <= 1 && text.front() != '@' && text.back() != '@';
}

bool is_contact(const Message& message, std::string_view datagram) {
  for (const HeaderField* field = message.first(HeaderName::contact); field != nullptr;
       field = message.next(*field)) {
    // "*" removes all bindings, RFC 3261 section 10.2.2.
    if (message.method == Method::register_ && text(field->value, datagram) == "*") continue;
    Span element;
    for (ListCursor cursor(field->value, datagram); cursor.next(element);) {
      if (!parse_name_addr(element, datagram).has_value()) return false;
    }
    if (field->value.empty()) return false;
  }
  return true;
}

Defect check_cseq(const Message& message, std::string_view datagram) {
  const Result<CSeq, ValueError> cseq = parse_cseq(message.value(HeaderName::cseq), datagram);
  if (!cseq) return Defect::bad_cseq;
  if (message.is_request &&
      text(cseq->method_text, datagram) != text(message.method_text, datagram)) {
    return Defect::method_mismatch;
  }
  return Defect::none;
}

// What requests and responses have in common.
Defect check_fields(const Message& message, std::string_view datagram) {
  if (!has_mandatory_fields(message)) return Defect::missing_mandatory_field;
  if (has_repeated_field(message)) return Defect::repeated_field;
  if (!parse_top_via(message.value(HeaderName::via), datagram)) return Defect::bad_via;
  if (!parse_name_addr(message.value(HeaderName::from), datagram)) return Defect::bad_from;
  if (!parse_name_addr(message.value(HeaderName::to), datagram)) return Defect::bad_to;
  if (!is_call_id(text(message.value(HeaderName::call_id), datagram))) return Defect::bad_call_id;
  const Defect cseq = check_cseq(message, datagram);
  if (cseq != Defect::none) return cseq;
  if (!is_contact(message, datagram)) return Defect::bad_contact;
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
  const Result<Uri, ValueError> uri = parse_uri(message.request_uri, datagram);
  if (!uri) return Defect::bad_request_uri;
  if (uri->scheme == UriScheme::other) return Defect::unsupported_scheme;
  // Table 1 of RFC 3261 section 19.1.1: headers are not allowed in a Request-URI.
  if (!uri->headers.empty()) return Defect::bad_request_uri;
  return Defect::none;
}

Defect find_defect(const Message& message, std::string_view datagram) {
  if (!message.is_request && (message.status_code < 100 || message.status_code > 699)) {
    return Defect::bad_status_code;
  }
  const Defect defect = check_fields(message, datagram);
  if (defect != Defect::none || !message.is_request) return defect;
  return check_request(message, datagram);
}

}  // namespace

std::string_view spelling(Defect defect) {
  const size_t index = static_cast<size_t>(defect);
  return index < defects.size() ? defects[index].name : std::string_view{};
}

Verdict validate(const Message& message, std::string_view datagram) {
  const Defect defect = find_defect(message, datagram);
  const DefectInfo& info = defects[static_cast<size_t>(defect)];
  // RFC 3261 section 17.1.1.3: an ACK is never answered; nor is a response.
  const bool is_answered = message.is_request && message.method != Method::ack;
  return {defect, is_answered ? info.status_code : uint16_t{0}, info.reason};
}

}  // namespace demarc::sip
