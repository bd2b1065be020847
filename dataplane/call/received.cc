#include "dataplane/call/received.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/cseq.h"
#include "sip-parser/media_type.h"
#include "sip-parser/name_addr.h"
#include "sip-parser/via.h"

namespace demarc::call {
namespace {

using sip::HeaderName;

constexpr uint32_t default_max_forwards = 70;

std::string_view tag_in(const Received& received, HeaderName name) {
  const auto addr = sip::parse_name_addr(received.message.value(name), received.datagram);
  return addr ? text(addr->tag, received.datagram) : std::string_view{};
}

}  // namespace

std::string_view to_tag_of(const Received& received) {
  return tag_in(received, HeaderName::to);
}

std::string_view from_tag_of(const Received& received) {
  return tag_in(received, HeaderName::from);
}

uint32_t cseq_of(const Received& received) {
  const auto cseq = sip::parse_cseq(received.message.value(HeaderName::cseq), received.datagram);
  return cseq ? cseq->number : 0;
}

uint32_t max_forwards_of(const Received& received) {
  if (!received.message.has(HeaderName::max_forwards)) return default_max_forwards;
  const auto value =
      sip::parse_number(received.message.value(HeaderName::max_forwards), received.datagram, 255);
  return value ? *value : 0;
}

bool has_sdp(const Received& received) {
  if (received.message.body.empty()) return false;
  const auto type =
      sip::parse_media_type(received.message.value(HeaderName::content_type), received.datagram);
  return type && type->kind == sip::MediaKind::sdp;
}

bool has_sips_uri(const Received& request) {
  constexpr std::string_view scheme = "sips:";
  const std::string_view uri = text(request.message.request_uri, request.datagram);
  return uri.size() > scheme.size() && ascii::iequals(uri.substr(0, scheme.size()), scheme);
}

bool has_tag(const Received& received, HeaderName name, sip::OptionTag tag) {
  const auto tags = sip::option_tags_of(received.message, name, received.datagram);
  return tags && tags->known.has(tag);
}

dialog::SessionTerms terms_of(const Received& received) {
  dialog::SessionTerms terms;
  terms.is_supported = has_tag(received, HeaderName::supported, sip::OptionTag::timer) ||
                       has_tag(received, HeaderName::require, sip::OptionTag::timer);
  const auto expires = sip::parse_session_expires(
      received.message.value(HeaderName::session_expires), received.datagram);
  if (expires) terms.expires = *expires;
  const auto min_se =
      sip::parse_min_se(received.message.value(HeaderName::min_se), received.datagram);
  if (min_se) terms.min_se_s = *min_se;
  return terms;
}

}  // namespace demarc::call
