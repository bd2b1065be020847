#include "sip-parser/capabilities.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/cseq.h"
#include "sip-parser/field_rules.h"
#include "sip-parser/media_type.h"
#include "sip-parser/multipart.h"
#include "sip-parser/name_addr.h"
#include "sip-parser/params.h"
#include "sip-parser/preference.h"
#include "sip-parser/uri.h"

namespace demarc::sip {
namespace {

using Role = Capabilities::Role;
using Challenge = Capabilities::Challenge;

// Tokens compare without case (RFC 3261 section 7.3.1).
bool is_listed(std::string_view name, NameList names) {
  for (const std::string_view listed : names) {
    if (ascii::iequals(name, listed)) return true;
  }
  return false;
}

bool is_user_agent(const Capabilities& capabilities) {
  return capabilities.role == Role::user_agent;
}

// Calls take(element) for each element of each field of a name, until it says false.
template <class Take>
bool for_each_element(const Message& message, HeaderName name, std::string_view datagram,
                      Take take) {
  for (const HeaderField* field = message.first(name); field != nullptr;
       field = message.next(*field)) {
    Span element;
    for (ListCursor cursor(field->value, datagram); cursor.next(element);) {
      if (!take(element)) return false;
    }
  }
  return true;
}

Defect check_method(const Message& message, std::string_view datagram,
                    const Capabilities& capabilities) {
  if (serves_method(text(message.method_text, datagram), capabilities)) return Defect::none;
  return message.method == Method::other ? Defect::unknown_method : Defect::method_not_allowed;
}

// Route and Record-Route are followed, so each of their URIs must be one.
Defect check_routes(const Message& message, std::string_view datagram) {
  for (const HeaderName name : {HeaderName::route, HeaderName::record_route}) {
    const bool is_sound = for_each_element(message, name, datagram, [datagram](Span element) {
      const Result<NameAddr, ValueError> route = parse_name_addr(element, datagram);
      return route.has_value() && parse_uri(route->uri, datagram).has_value();
    });
    if (!is_sound) return Defect::bad_route;
  }
  return Defect::none;
}

// The scheme of a URI that was parsed or not: what stands before its first colon.
std::string_view scheme_of(std::string_view uri) {
  return uri.substr(0, uri.find(':'));
}

// A registrar sorts by q, so it must be one. A malformed expires counts as 3600 instead (RFC 3261
// section 10.2.1.1).
Defect check_bindings(const Message& message, std::string_view datagram) {
  const bool is_sound =
      for_each_element(message, HeaderName::contact, datagram, [datagram](Span element) {
        const Result<NameAddr, ValueError> contact = parse_name_addr(element, datagram);
        if (!contact) return true;  // "*"
        const Param q = find_param(contact->params, "q", datagram);
        return q.name.empty() || parse_q(q.value, datagram).has_value();
      });
  return is_sound ? Defect::none : Defect::bad_contact;
}

Defect check_uris(const Message& message, std::string_view datagram,
                  const Capabilities& capabilities) {
  if (!is_listed(scheme_of(text(message.request_uri, datagram)), capabilities.schemes)) {
    return Defect::unsupported_scheme;
  }
  if (message.method != Method::register_ || !is_user_agent(capabilities)) return Defect::none;
  // The address of record is a SIP URI for a registrar (RFC 3261 section 10.2).
  const Result<NameAddr, ValueError> to = parse_name_addr(message.value(HeaderName::to), datagram);
  if (!to || !is_listed(scheme_of(text(to->uri, datagram)), capabilities.schemes)) {
    return Defect::bad_to;
  }
  return check_bindings(message, datagram);
}

// RFC 3261 section 8.2.2.3: not in ACK and CANCEL, which repeat what the INVITE had.
Defect check_extensions(const Message& message, std::string_view datagram,
                        const Capabilities& capabilities) {
  if (message.method == Method::ack || message.method == Method::cancel) return Defect::none;
  const HeaderName name =
      is_user_agent(capabilities) ? HeaderName::require : HeaderName::proxy_require;
  Defect defect = Defect::none;
  for_each_element(message, name, datagram, [&](Span element) {
    const std::string_view tag = text(element, datagram);
    if (!ascii::is_token(tag)) {
      defect = Defect::bad_require;
      return false;
    }
    if (!is_listed(tag, capabilities.option_tags)) defect = Defect::unsupported_extension;
    return true;
  });
  return defect;
}

bool is_type_listed(const MediaType& media, std::string_view datagram, NameList types) {
  const std::string_view type = text(media.type, datagram);
  const std::string_view subtype = text(media.subtype, datagram);
  for (const std::string_view listed : types) {
    const size_t slash = listed.find('/');
    if (slash != std::string_view::npos && ascii::iequals(type, listed.substr(0, slash)) &&
        ascii::iequals(subtype, listed.substr(slash + 1))) {
      return true;
    }
  }
  return false;
}

// RFC 3261 section 8.2.3: a body that the sender calls optional may be passed over.
bool is_body_optional(const Message& message, std::string_view datagram) {
  const HeaderField* field = message.first(HeaderName::content_disposition);
  if (field == nullptr) return false;
  const Result<Disposition, ValueError> disposition = parse_disposition(field->value, datagram);
  return disposition.has_value() && !disposition->is_required;
}

bool is_decodable(const Message& message, std::string_view datagram,
                  const Capabilities& capabilities) {
  return for_each_element(message, HeaderName::content_encoding, datagram, [&](Span element) {
    const std::string_view encoding = text(element, datagram);
    return ascii::iequals(encoding, "identity") || is_listed(encoding, capabilities.encodings);
  });
}

bool is_multipart(Span body, const MediaType& type, std::string_view datagram) {
  Part part;
  PartCursor cursor(body, type, datagram);
  while (cursor.next(part)) {
  }
  return !cursor.failed();
}

Defect check_body(const Message& message, std::string_view datagram,
                  const Capabilities& capabilities) {
  if (!is_user_agent(capabilities)) return Defect::none;
  const HeaderField* field = message.first(HeaderName::content_type);
  // RFC 3261 section 20.15.
  if (field == nullptr) {
    return message.body.empty() ? Defect::none : Defect::missing_content_type;
  }
  const Result<MediaType, ValueError> type = parse_media_type(field->value, datagram);
  if (!type) return Defect::bad_content_type;
  if (message.body.empty() || is_body_optional(message, datagram)) return Defect::none;
  if (!is_type_listed(*type, datagram, capabilities.body_types)) {
    return Defect::unsupported_media_type;
  }
  if (!is_decodable(message, datagram, capabilities)) return Defect::unsupported_encoding;
  // What is encoded has its parts inside.
  const bool is_plain = !message.has(HeaderName::content_encoding);
  return type->is_multipart && is_plain && !is_multipart(message.body, *type, datagram)
             ? Defect::bad_multipart
             : Defect::none;
}

Defect check_accept(const Message& message, std::string_view datagram,
                    const Capabilities& capabilities) {
  const std::string_view answer = capabilities.answer_type;
  const size_t slash = answer.find('/');
  if (message.method != Method::invite || !is_user_agent(capabilities) ||
      slash == std::string_view::npos || !message.has(HeaderName::accept)) {
    return Defect::none;
  }
  const Result<bool, ValueError> is_accepted =
      accepts(message, datagram, {answer.substr(0, slash), answer.substr(slash + 1)});
  if (!is_accepted) return Defect::bad_accept;
  return *is_accepted ? Defect::none : Defect::not_acceptable;
}

Defect check_credentials(const Message& message, std::string_view datagram,
                         const Capabilities& capabilities) {
  if (capabilities.challenge == Challenge::none || message.method == Method::ack ||
      message.method == Method::cancel) {
    return Defect::none;
  }
  const bool is_proxy = capabilities.challenge == Challenge::proxy_authentication_required;
  const HeaderName name = is_proxy ? HeaderName::proxy_authorization : HeaderName::authorization;
  for (const HeaderField* field = message.first(name); field != nullptr;
       field = message.next(*field)) {
    const std::string_view value = text(field->value, datagram);
    const std::string_view scheme = value.substr(0, value.find_first_of(" \t\r"));
    if (ascii::iequals(scheme, capabilities.auth_scheme) &&
        check_field(name, field->value, datagram).has_value()) {
      return Defect::none;
    }
  }
  return is_proxy ? Defect::no_proxy_credentials : Defect::no_credentials;
}

Defect check_hops(const Message& message, std::string_view datagram,
                  const Capabilities& capabilities) {
  const HeaderField* field = message.first(HeaderName::max_forwards);
  if (!capabilities.is_forwarding || field == nullptr) return Defect::none;
  const Result<uint32_t, ValueError> hops = parse_number(field->value, datagram, max_max_forwards);
  return hops.has_value() && *hops == 0 ? Defect::too_many_hops : Defect::none;
}

// In the order of RFC 3261 section 8.2: method, header fields, body.
Defect check_request(const Message& message, std::string_view datagram,
                     const Capabilities& capabilities) {
  Defect defect = check_credentials(message, datagram, capabilities);
  if (defect == Defect::none) defect = check_method(message, datagram, capabilities);
  if (defect == Defect::none) defect = check_uris(message, datagram, capabilities);
  if (defect == Defect::none) defect = check_routes(message, datagram);
  if (defect == Defect::none) defect = check_hops(message, datagram, capabilities);
  if (defect == Defect::none) defect = check_extensions(message, datagram, capabilities);
  if (defect == Defect::none) defect = check_body(message, datagram, capabilities);
  if (defect == Defect::none) defect = check_accept(message, datagram, capabilities);
  return defect;
}

// RFC 3261 section 8.1.3.3: a response with another Via behind ours went astray.
bool is_misrouted(const Message& message, std::string_view datagram) {
  unsigned count = 0;
  return !for_each_element(message, HeaderName::via, datagram,
                           [&count](Span) { return ++count < 2; });
}

Defect check_response(const Message& message, std::string_view datagram,
                      const Capabilities& capabilities) {
  if (is_user_agent(capabilities) && is_misrouted(message, datagram)) {
    return Defect::misrouted_response;
  }
  return check_routes(message, datagram);
}

void write_list(Writer& writer, HeaderName name, NameList names) {
  writer.begin(name);
  for (size_t i = 0; i < names.size(); ++i) writer.raw(i == 0 ? "" : ", ").value(names[i]);
  writer.end();
}

void write_unsupported(Writer& writer, const Message& message, std::string_view datagram,
                       const Capabilities& capabilities) {
  const HeaderName name =
      is_user_agent(capabilities) ? HeaderName::require : HeaderName::proxy_require;
  bool is_first = true;
  writer.begin(HeaderName::unsupported);
  for_each_element(message, name, datagram, [&](Span element) {
    const std::string_view tag = text(element, datagram);
    if (is_listed(tag, capabilities.option_tags)) return true;
    writer.raw(is_first ? "" : ", ").value(tag);
    is_first = false;
    return true;
  });
  writer.end();
}

}  // namespace

bool serves_method(std::string_view method, const Capabilities& capabilities) {
  if (!is_user_agent(capabilities)) return true;
  for (const std::string_view served : capabilities.methods) {
    if (method == served) return true;
  }
  return false;
}

Verdict validate(const Message& message, std::string_view datagram,
                 const Capabilities& capabilities) {
  const Verdict verdict = validate(message, datagram);
  if (!message.is_request) {
    if (!verdict.is_acceptable()) return verdict;
    return verdict_of(check_response(message, datagram, capabilities), message);
  }
  // What nobody knows is answered 501 whatever its CSeq says, and a scheme of ours is no defect.
  if (verdict.defect == Defect::method_mismatch) {
    const Defect method = check_method(message, datagram, capabilities);
    return method == Defect::unknown_method ? verdict_of(method, message) : verdict;
  }
  if (!verdict.is_acceptable() && verdict.defect != Defect::unsupported_scheme) return verdict;
  return verdict_of(check_request(message, datagram, capabilities), message);
}

void write_refusal_fields(Writer& writer, Defect defect, const Message& message,
                          std::string_view datagram, const Capabilities& capabilities) {
  switch (defect) {
    case Defect::unknown_method:
    case Defect::method_not_allowed:
      return write_list(writer, HeaderName::allow, capabilities.methods);
    case Defect::unsupported_extension:
      return write_unsupported(writer, message, datagram, capabilities);
    case Defect::unsupported_media_type:
      return write_list(writer, HeaderName::accept, capabilities.body_types);
    case Defect::unsupported_encoding:
      if (capabilities.encodings.empty()) {
        writer.field(HeaderName::accept_encoding, "identity");
        return;
      }
      return write_list(writer, HeaderName::accept_encoding, capabilities.encodings);
    default:
      return;
  }
}

}  // namespace demarc::sip
