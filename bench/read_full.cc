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

bool read_number(const Message& message, HeaderName name, std::string_view datagram,
                 uint32_t maximum, uint32_t& number) {
  const HeaderField* field = message.first(name);
  if (field == nullptr) return true;
  const Result<uint32_t, ValueError> read = sip::parse_number(field->value, datagram, maximum);
  if (!read) return false;
  number = *read;
  return true;
}

// All fields of one name, each by parse(value, datagram), into a list.
template <class T, class Parse>
bool read_all(const Message& message, HeaderName name, std::string_view datagram,
              Elements<T>& items, Parse parse) {
  for (const HeaderField* field = message.first(name); field != nullptr;
       field = message.next(*field)) {
    const Result<T, ValueError> item = parse(field->value, datagram);
    if (!item || items.count == max_elements) return false;
    items.items[items.count++] = *item;
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
  return sip::parse_call_id(message.value(HeaderName::call_id), datagram).has_value();
}

bool read_numbers(const Message& message, std::string_view datagram, FullMessage& full) {
  return read_number(message, HeaderName::max_forwards, datagram, max_max_forwards,
                     full.max_forwards) &&
         read_number(message, HeaderName::content_length, datagram, sip::max_message_octets,
                     full.content_length);
}

bool read_content_type(const Message& message, std::string_view datagram, FullMessage& full) {
  full.media_type.kind = sip::MediaKind::other;
  const HeaderField* field = message.first(HeaderName::content_type);
  if (field == nullptr) return true;
  const Result<sip::MediaType, ValueError> type = sip::parse_media_type(field->value, datagram);
  if (type.has_value()) full.media_type = *type;
  return type.has_value();
}

bool read_tokens(const Message& message, std::string_view datagram, FullMessage& full) {
  return read_allow(message, datagram, full.allowed) &&
         read_option_tags(message, HeaderName::supported, datagram, full.supported) &&
         read_option_tags(message, HeaderName::require, datagram, full.required);
}

bool read_credentials(const Message& message, std::string_view datagram, FullMessage& full) {
  full.credentials.count = 0;
  full.challenges.count = 0;
  return read_all(message, HeaderName::authorization, datagram, full.credentials,
                  sip::parse_credentials) &&
         read_all(message, HeaderName::proxy_authorization, datagram, full.credentials,
                  sip::parse_credentials) &&
         read_all(message, HeaderName::www_authenticate, datagram, full.challenges,
                  sip::parse_challenge) &&
         read_all(message, HeaderName::proxy_authenticate, datagram, full.challenges,
                  sip::parse_challenge);
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
