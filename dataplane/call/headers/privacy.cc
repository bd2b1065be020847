#include "dataplane/call/headers/privacy.h"

#include "sip-parser/base/ascii.h"

namespace demarc::call::headers {
namespace {

using sip::HeaderName;
using sip::PrivacyValue;

constexpr std::string_view anonymous_host = "anonymous.invalid";
constexpr std::string_view anonymous_user = "anonymous";
constexpr CallerName anonymous = {"Anonymous", true, anonymous_user, true};

// Also one that can not be read.
bool is_hidden_host(const sip::Address& from, std::string_view datagram) {
  return from.name_addr.uri.empty() ||
         ascii::iequals(text(from.uri.host, datagram), anonymous_host);
}

bool is_anonymous(const sip::Address& from, std::string_view datagram) {
  return is_hidden_host(from, datagram) ||
         ascii::iequals(text(from.uri.user, datagram), anonymous_user);
}

// What Privacy says, whoever From shows.
PrivacyWish stated_wish(const sip::Message& message, std::string_view datagram) {
  PrivacyWish wish;
  for (const sip::HeaderField* field = message.first(HeaderName::privacy); field != nullptr;
       field = message.next(*field)) {
    const auto privacy = sip::parse_privacy(field->value, datagram);
    if (!privacy) return {true, true, true, true};
    const PrivacyWish more = wish_of(*privacy);
    wish.hides_caller |= more.hides_caller;
    wish.hides_history |= more.hides_history;
    wish.hides_session |= more.hides_session;
    wish.hides_identity |= more.hides_identity;
  }
  return wish;
}

}  // namespace

PrivacyWish wish_of(const sip::Privacy& privacy) {
  if (privacy.wants_none()) return {};
  PrivacyWish wish;
  wish.hides_caller =
      privacy.values.has(PrivacyValue::user) || privacy.values.has(PrivacyValue::header);
  wish.hides_session = privacy.values.has(PrivacyValue::session);
  wish.hides_identity = wish.hides_caller || privacy.values.has(PrivacyValue::id);
  wish.hides_history =
      wish.hides_caller || wish.hides_session || privacy.values.has(PrivacyValue::history);
  return wish;
}

PrivacyWish privacy_wish(const sip::Message& message, std::string_view datagram,
                         const sip::Address& from) {
  PrivacyWish wish = stated_wish(message, datagram);
  // From of a response is the caller's, the sender's name is in no field that is read here.
  if (message.is_request && is_anonymous(from, datagram)) {
    wish.hides_caller = wish.hides_history = wish.hides_identity = true;
  }
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
                       const sip::Address& from, const contract::CallPolicy& to) {
  if (is_hidden_host(from, datagram)) return anonymous;
  const bool is_hidden =
      is_anonymous(from, datagram) || stated_wish(request, datagram).hides_caller;
  if (!to.is_trusted && is_hidden) return anonymous;
  return {text(from.name_addr.display_name, datagram), from.name_addr.has_quotes,
          text(from.uri.user, datagram), false};
}

}  // namespace demarc::call::headers
