#include "dataplane/call/received.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/cseq.h"
#include "sip-parser/uri.h"

namespace demarc::call {
namespace {

using sip::HeaderName;

constexpr uint32_t default_max_forwards = 70;

sip::EnumSet<sip::OptionTag> tags_in(const sip::Message& message, std::string_view datagram,
                                     HeaderName name) {
  if (!message.has(name)) return {};
  const auto tags = sip::option_tags_of(message, name, datagram);
  return tags ? tags->known : sip::EnumSet<sip::OptionTag>{};
}

}  // namespace

std::string_view called_of(const Received& received, number::Number& number) {
  const auto uri = sip::parse_uri(received.message.request_uri, received.datagram);
  if (!uri) return {};
  if (number::read_number(*uri, received.datagram, number)) return number.view();
  return text(uri->user, received.datagram).substr(0, contract::max_number_length);
}

std::string_view calling_of(const Received& received) {
  const std::string_view user = text(received.essentials.from.uri.user, received.datagram);
  return user.substr(0, contract::max_number_length);
}

uint32_t max_forwards_of(const Received& received) {
  if (!received.message.has(HeaderName::max_forwards)) return default_max_forwards;
  const auto value =
      sip::parse_number(received.message.value(HeaderName::max_forwards), received.datagram, 255);
  return value ? *value : 0;
}

uint16_t refused_body(const Received& request) {
  if (request.session.kind == SessionBody::Kind::malformed) return 400;
  return request.session.kind == SessionBody::Kind::foreign ? 415 : 0;
}

bool has_sips_uri(const Received& request) {
  constexpr std::string_view scheme = "sips:";
  const std::string_view uri = text(request.message.request_uri, request.datagram);
  return uri.size() > scheme.size() && ascii::iequals(uri.substr(0, scheme.size()), scheme);
}

bool has_unserved_sips_uri(const Received& request, bool accepts_sips) {
  const bool is_over_tls = request.path.transport == contract::Transport::tls;
  return has_sips_uri(request) && !(accepts_sips && is_over_tls);
}

Extensions extensions_of(const sip::Message& message, std::string_view datagram) {
  return {tags_in(message, datagram, HeaderName::supported),
          tags_in(message, datagram, HeaderName::require)};
}

dialog::SessionTerms terms_of(const Received& received) {
  dialog::SessionTerms terms;
  terms.is_supported = received.extensions.has(sip::OptionTag::timer);
  const sip::Message& message = received.message;
  if (message.has(HeaderName::session_expires)) {
    const auto expires =
        sip::parse_session_expires(message.value(HeaderName::session_expires), received.datagram);
    if (expires) terms.expires = *expires;
  }
  if (message.has(HeaderName::min_se)) {
    const auto min_se = sip::parse_min_se(message.value(HeaderName::min_se), received.datagram);
    if (min_se) terms.min_se_s = *min_se;
  }
  return terms;
}

}  // namespace demarc::call
