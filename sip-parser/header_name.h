// The header fields that we know by name, with their compact forms (RFC 3261 section 7.3.3).
//
// Used by parse(), peek() and the writer, on any thread; no state. A perfect hash that is made at
// compile time.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace demarc::sip {

enum class HeaderName : uint8_t {
  other,  // any field that is not in this list; kept byte for byte
  accept,
  accept_contact,
  accept_encoding,
  accept_language,
  accept_resource_priority,
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
  feature_caps,
  flow_timer,
  from,
  geolocation,
  geolocation_error,
  geolocation_routing,
  history_info,
  identity,
  identity_info,
  in_reply_to,
  info_package,
  join,
  max_breadth,
  max_forwards,
  mime_version,
  min_expires,
  min_se,
  organization,
  p_access_network_info,
  p_asserted_identity,
  p_associated_uri,
  p_called_party_id,
  p_charging_function_addresses,
  p_charging_vector,
  p_early_media,
  p_preferred_identity,
  p_visited_network_id,
  path,
  priority,
  privacy,
  proxy_authenticate,
  proxy_authorization,
  proxy_require,
  rack,
  reason,
  record_route,
  recv_info,
  refer_sub,
  refer_to,
  referred_by,
  reject_contact,
  remote_party_id,
  replaces,
  reply_to,
  request_disposition,
  require,
  resource_priority,
  retry_after,
  route,
  rseq,
  server,
  service_route,
  session_expires,
  session_id,
  sip_etag,
  sip_if_match,
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

// How a line of the field begins, "Call-ID: ", in a block that can be copied whole.
struct FieldBegin {
  std::array<char, 31> text = {};
  uint8_t length = 0;  // 0 for `other`
};
extern const std::array<FieldBegin, header_name_count> field_begins;
inline const FieldBegin& field_begin(HeaderName name) {
  const auto index = static_cast<size_t>(name);
  return field_begins[index < field_begins.size() ? index : 0];
}

}  // namespace demarc::sip
