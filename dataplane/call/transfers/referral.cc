#include "dataplane/call/transfers/referral.h"

#include "sip-parser/refer_to.h"
#include "sip-parser/uri_headers.h"

namespace demarc::call::transfers {
namespace {

using sip::HeaderName;
using sip::UriScheme;

bool is_callable(UriScheme scheme) {
  return scheme == UriScheme::sip || scheme == UriScheme::sips || scheme == UriScheme::tel;
}

// A Referred-By that can not be read says nothing.
std::string_view referrer_of(const Received& request) {
  const Span value = request.message.value(HeaderName::referred_by);
  const auto referred_by = sip::parse_referred_by(value, request.datagram);
  if (!referred_by || !is_callable(referred_by->address.uri.scheme)) return {};
  return text(referred_by->address.uri.user, request.datagram);
}

bool wants_reports(const Received& request) {
  if (!request.message.has(HeaderName::refer_sub)) return true;
  const auto wish =
      sip::parse_refer_sub(request.message.value(HeaderName::refer_sub), request.datagram);
  return !wish || wish->wants_subscription;
}

}  // namespace

Referral read_referral(const Received& request, std::span<char> buffer) {
  Referral referral;
  referral.status_code = 400;
  const auto* field = request.message.first(HeaderName::refer_to);
  if (field == nullptr || request.message.next(*field) != nullptr) return referral;
  const auto refer_to = sip::parse_refer_to(field->value, request.datagram);
  if (!refer_to) return referral;
  const sip::Uri& uri = refer_to->address.uri;
  referral.status_code = is_callable(uri.scheme) ? 0 : 416;
  if (referral.status_code != 0) return referral;
  if (refer_to->method != sip::Method::invite) referral.status_code = 603;
  referral.user = text(uri.user, request.datagram);
  referral.wants_reports = wants_reports(request);
  referral.referred_by = referrer_of(request);
  if (uri.scheme == UriScheme::tel) return referral;
  const auto uui = sip::find_uri_header(uri.headers, "User-to-User", request.datagram);
  if (uui) referral.user_to_user = text(uui->value, request.datagram);
  referral.has_replaces = !refer_to->escaped_replaces.empty();
  if (!referral.has_replaces) return referral;
  const auto replaces = sip::embedded_replaces(*refer_to, request.datagram, buffer);
  if (!replaces) {
    referral.status_code = 400;
    return referral;
  }
  referral.replaces = replaces->text;
  referral.dialog = replaces->id;
  return referral;
}

}  // namespace demarc::call::transfers
