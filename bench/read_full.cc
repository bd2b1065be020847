#include "bench/read_full.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/lws.h"
#include "sip-parser/parse.h"

namespace demarc::bench {
namespace {

using sip::HeaderField;
using sip::HeaderName;
using sip::Message;
using sip::ValueError;

constexpr uint32_t max_max_forwards = 255;

bool read_address(Span element, std::string_view datagram, Address& address) {
  sip::NameAddrCursor cursor(element, datagram);
  return cursor.next(address.name_addr, address.uri) && cursor.is_at_end();
}

bool read_addresses(const Message& message, HeaderName name, std::string_view datagram,
                    Elements<Address>& addresses) {
  addresses.count = 0;
  for (const HeaderField* field = message.first(name); field != nullptr;
       field = message.next(*field)) {
    sip::NameAddrCursor cursor(field->value, datagram);
    for (; addresses.count < max_elements; ++addresses.count) {
      Address& address = addresses.items[addresses.count];
      if (!cursor.next(address.name_addr, address.uri)) break;
    }
    if (cursor.failed()) return false;
  }
  return true;
}

bool read_option_tags(const Message& message, HeaderName name, std::string_view datagram,
                      Elements<Span>& tags) {
  tags.count = 0;
  for (const HeaderField* field = message.first(name); field != nullptr;
       field = message.next(*field)) {
    sip::TokenCursor cursor(field->value, datagram);
    while (tags.count < max_elements && cursor.next(tags.items[tags.count])) ++tags.count;
    if (cursor.failed()) return false;
  }
  return true;
}

bool read_allow(const Message& message, std::string_view datagram, uint32_t& allowed) {
  allowed = 0;
  for (const HeaderField* field = message.first(HeaderName::allow); field != nullptr;
       field = message.next(*field)) {
    Span method;
    sip::TokenCursor cursor(field->value, datagram);
    while (cursor.next(method)) {
      allowed |= 1U << static_cast<unsigned>(sip::method_of(text(method, datagram)));
    }
    if (cursor.failed()) return false;
  }
  return true;
}

// callid = word [ "@" word ], RFC 3261 section 25.1.
bool is_call_id(Span value, std::string_view datagram) {
  constexpr CharClass word = CharClass::where(ascii::is_token) | CharClass::of("()<>:\\\"/[]?{}");
  uint32_t end = find_outside(datagram, value.offset, value.end(), word);
  if (end == value.offset) return false;
  if (end == value.end()) return true;
  if (datagram[end] != '@' || end + 1 == value.end()) return false;
  return find_outside(datagram, end + 1, value.end(), word) == value.end();
}

bool read_number(const Message& message, HeaderName name, std::string_view datagram,
                 uint32_t maximum, uint32_t& number) {
  const HeaderField* field = message.first(name);
  if (field == nullptr) return true;
  const Result<uint32_t, ValueError> read = sip::parse_number(field->value, datagram, maximum);
  if (!read) return false;
  number = *read;
  return true;
}

// "Digest", then a comma-separated list of name=value.
bool read_digest(Span value, std::string_view datagram, unsigned& count) {
  const std::string_view whole = text(value, datagram);
  const size_t blank = whole.find(' ');
  if (blank == std::string_view::npos || !ascii::iequals(whole.substr(0, blank), "Digest")) {
    return false;
  }
  const Span params = sip::make_span(value.offset + static_cast<uint32_t>(blank) + 1, value.end());
  Span element;
  for (sip::ListCursor cursor(params, datagram); cursor.next(element);) {
    const std::string_view param = text(element, datagram);
    const size_t equal = param.find('=');
    if (equal == std::string_view::npos || !ascii::is_token(param.substr(0, equal))) return false;
    ++count;
  }
  return true;
}

}  // namespace

bool read_request_uri(const Message& message, std::string_view datagram, FullMessage& full) {
  if (!message.is_request) return true;
  return sip::read_uri(message.request_uri, datagram, full.request_uri) == ValueError{};
}

bool read_vias(const Message& message, std::string_view datagram, FullMessage& full) {
  full.vias.count = 0;
  for (const HeaderField* field = message.first(HeaderName::via); field != nullptr;
       field = message.next(*field)) {
    sip::ViaCursor cursor(field->value, datagram);
    while (full.vias.count < max_elements && cursor.next(full.vias.items[full.vias.count])) {
      ++full.vias.count;
    }
    if (cursor.failed()) return false;
  }
  return true;
}

bool read_from_to(const Message& message, std::string_view datagram, FullMessage& full) {
  if (!read_address(message.value(HeaderName::from), datagram, full.from)) return false;
  if (!read_address(message.value(HeaderName::to), datagram, full.to)) return false;
  full.from_tag = full.from.name_addr.tag;
  full.to_tag = full.to.name_addr.tag;
  return true;
}

bool read_contacts(const Message& message, std::string_view datagram, FullMessage& full) {
  // "*" removes all bindings, RFC 3261 section 10.2.2.
  if (text(message.value(HeaderName::contact), datagram) == "*") return true;
  return read_addresses(message, HeaderName::contact, datagram, full.contacts);
}

bool read_routes(const Message& message, std::string_view datagram, FullMessage& full) {
  return read_addresses(message, HeaderName::route, datagram, full.routes) &&
         read_addresses(message, HeaderName::record_route, datagram, full.record_routes);
}

bool read_cseq_call_id(const Message& message, std::string_view datagram, FullMessage& full) {
  const Result<sip::CSeq, ValueError> cseq =
      sip::parse_cseq(message.value(HeaderName::cseq), datagram);
  if (!cseq) return false;
  full.cseq = *cseq;
  return is_call_id(message.value(HeaderName::call_id), datagram);
}

bool read_numbers(const Message& message, std::string_view datagram, FullMessage& full) {
  return read_number(message, HeaderName::max_forwards, datagram, max_max_forwards,
                     full.max_forwards) &&
         read_number(message, HeaderName::content_length, datagram, sip::max_message_octets,
                     full.content_length);
}

bool read_content_type(const Message& message, std::string_view datagram, FullMessage& full) {
  full.has_description = false;
  const HeaderField* field = message.first(HeaderName::content_type);
  if (field == nullptr) return true;
  const std::string_view whole = text(field->value, datagram);
  const size_t slash = whole.find('/');
  if (slash == std::string_view::npos || !ascii::is_token(whole.substr(0, slash))) return false;
  const size_t end = whole.find(';') < whole.size() ? whole.find(';') : whole.size();
  const auto at = [&](size_t index) { return field->value.offset + static_cast<uint32_t>(index); };
  full.media_type = sip::make_span(at(0), at(slash));
  full.media_subtype = sip::trim_lws(sip::make_span(at(slash + 1), at(end)), datagram);
  if (!ascii::is_token(text(full.media_subtype, datagram))) return false;
  full.has_description = ascii::iequals(text(full.media_type, datagram), "application") &&
                         ascii::iequals(text(full.media_subtype, datagram), "sdp");
  sip::Param param;
  sip::ParamCursor cursor(sip::make_span(at(end), field->value.end()), datagram);
  while (cursor.next(param)) {
  }
  return !cursor.failed();
}

bool read_tokens(const Message& message, std::string_view datagram, FullMessage& full) {
  return read_allow(message, datagram, full.allowed) &&
         read_option_tags(message, HeaderName::supported, datagram, full.supported) &&
         read_option_tags(message, HeaderName::require, datagram, full.required);
}

bool read_credentials(const Message& message, std::string_view datagram, FullMessage& full) {
  full.credential_params = 0;
  for (const HeaderName name : {HeaderName::authorization, HeaderName::proxy_authorization,
                                HeaderName::www_authenticate, HeaderName::proxy_authenticate}) {
    for (const HeaderField* field = message.first(name); field != nullptr;
         field = message.next(*field)) {
      if (!read_digest(field->value, datagram, full.credential_params)) return false;
    }
  }
  return true;
}

bool read_full(std::string_view datagram, Message& message, FullMessage& full) {
  if (!sip::parse(datagram, message)) return false;
  return read_request_uri(message, datagram, full) && read_vias(message, datagram, full) &&
         read_from_to(message, datagram, full) && read_contacts(message, datagram, full) &&
         read_routes(message, datagram, full) && read_cseq_call_id(message, datagram, full) &&
         read_numbers(message, datagram, full) && read_content_type(message, datagram, full) &&
         read_tokens(message, datagram, full) && read_credentials(message, datagram, full);
}

}  // namespace demarc::bench
