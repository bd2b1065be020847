#include "dataplane/call/headers/privacy.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/name_addr.h"

namespace demarc::call::headers {
namespace {

using sip::HeaderName;
using sip::PrivacyValue;

constexpr std::string_view anonymous_host = "anonymous.invalid";
constexpr std::string_view anonymous_user = "anonymous";
constexpr CallerName anonymous = {"Anonymous", true, anonymous_user, true};

bool is_anonymous(const sip::Uri& uri, std::string_view datagram) {
  return ascii::iequals(text(uri.host, datagram), anonymous_host) ||
         ascii::iequals(text(uri.user, datagram), anonymous_user);
}

bool has_anonymous_from(const sip::Message& request, std::string_view datagram) {
  const auto from = sip::parse_name_addr(request.value(HeaderName::from), datagram);
  if (!from) return true;
  const auto uri = sip::parse_uri(from->uri, datagram);
  return !uri || is_anonymous(*uri, datagram);
}

}  // namespace

PrivacyWish wish_of(const sip::Privacy& privacy) {
  if (privacy.wants_none()) return {};
  PrivacyWish wish;
  wish.hides_caller =
      privacy.values.has(PrivacyValue::user) || privacy.values.has(PrivacyValue::header);
  wish.hides_history = wish.hides_caller || privacy.values.has(PrivacyValue::session) ||
                       privacy.values.has(PrivacyValue::history);
  return wish;
}

PrivacyWish privacy_wish(const sip::Message& message, std::string_view datagram) {
  PrivacyWish wish;
  for (const sip::HeaderField* field = message.first(HeaderName::privacy); field != nullptr;
       field = message.next(*field)) {
    const auto privacy = sip::parse_privacy(field->value, datagram);
    if (!privacy) return {true, true};
    const PrivacyWish more = wish_of(*privacy);
    wish.hides_caller |= more.hides_caller;
    wish.hides_history |= more.hides_history;
  }
  // From of a response is the caller's, the sender's name is in no field that is read here.
  if (message.is_request && has_anonymous_from(message, datagram)) return {true, true};
  return wish;
}

bool is_privacy_out_of_reach(const sip::Message& request, std::string_view datagram) {
  bool is_critical = false;
  bool is_unknown = false;
  for (const sip::HeaderField* field = request.first(HeaderName::privacy); field != nullptr;
       field = request.next(*field)) {
    const auto privacy = sip::parse_privacy(field->value, datagram);
    if (!privacy) continue;
    is_critical |= privacy->is_critical();
    is_unknown |= privacy->unknown_count != 0;
  }
  return is_critical && is_unknown;
}

CallerName anonymous_caller() {
  return anonymous;
}

CallerName caller_name(const sip::Message& request, std::string_view datagram,
                       const contract::CallPolicy& to) {
  const auto from = sip::parse_name_addr(request.value(HeaderName::from), datagram);
  if (!from) return anonymous;
  const auto uri = sip::parse_uri(from->uri, datagram);
  if (!uri || ascii::iequals(text(uri->host, datagram), anonymous_host)) return anonymous;
  if (!to.is_trusted && privacy_wish(request, datagram).hides_caller) return anonymous;
  return {text(from->display_name, datagram), from->has_quotes, text(uri->user, datagram), false};
}

}  // namespace demarc::call::headers
