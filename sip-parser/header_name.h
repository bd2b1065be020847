// The header fields that we know by name, with their compact forms (RFC 3261 section 7.3.3).
//
// Used by parse(), peek() and the writer, on any thread; no state. A perfect hash that is made at
// compile time.
#pragma once

#include <cstdint>
#include <string_view>

namespace demarc::sip {

enum class HeaderName : uint8_t {
  other,  // any field that is not in this list; kept byte for byte
  accept,
  accept_encoding,
  accept_language,
  alert_info,
  allow,
  allow_events,
  authentication_info,
  authorization,
  call_id,
  call_info,
  contact,
  content_disposition,
  content_encoding,
  content_language,
  content_length,
  content_type,
  cseq,
  date,
  diversion,
  error_info,
  event,
  expires,
  from,
  geolocation,
  history_info,
  identity,
  in_reply_to,
  join,
  max_forwards,
  mime_version,
  min_expires,
  min_se,
  organization,
  p_asserted_identity,
  p_early_media,
  p_preferred_identity,
  path,
  priority,
  privacy,
  proxy_authenticate,
  proxy_authorization,
  proxy_require,
  rack,
  reason,
  record_route,
  refer_to,
  referred_by,
  replaces,
  reply_to,
  require,
  resource_priority,
  retry_after,
  route,
  rseq,
  server,
  service_route,
  session_expires,
  session_id,
  subject,
  subscription_state,
  supported,
  target_dialog,
  timestamp,
  to,
  unsupported,
  user_agent,
  user_to_user,
  via,
  warning,
  www_authenticate,
  count,
};
inline constexpr unsigned header_name_count = static_cast<unsigned>(HeaderName::count);

// The name as it stood in a message, any case, compact or long; `other` when unknown.
HeaderName header_name(std::string_view text);
// The long form as RFC 3261 spells it ("Call-ID"); empty for `other`.
std::string_view spelling(HeaderName name);

}  // namespace demarc::sip
