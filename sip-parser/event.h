// Event, Allow-Events and Subscription-State (RFC 6665 sections 8.2 and 8.4).
//
// Called by call/ on the worker that holds the message. Event types and ids are compared octet by
// octet (section 4.5.2 wants it so), hence only Spans. Spans are valid as long as the datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

struct Event {
  Span type;     // package and templates: "presence.winfo"
  Span package;  // "presence"
  Span id;       // empty when absent
  Span params;
};

enum class SubscriptionPhase : uint8_t { active, pending, terminated, other };
std::string_view spelling(SubscriptionPhase phase);

enum class SubscriptionReason : uint8_t {
  deactivated,
  probation,
  rejected,
  timeout,
  giveup,
  noresource,
  invariant,
  other,  // none, or one that is not known
};
std::string_view spelling(SubscriptionReason reason);

struct SubscriptionState {
  SubscriptionPhase phase = SubscriptionPhase::other;
  SubscriptionReason reason = SubscriptionReason::other;
  Span phase_text;
  Span reason_text;  // empty when absent
  bool has_expires = false;
  bool has_retry_after = false;
  uint32_t expires_s = 0;
  uint32_t retry_after_s = 0;
};

Result<Event, ValueError> parse_event(Span value, std::string_view datagram);
// One element of Allow-Events: an event type without parameters.
Result<Span, ValueError> parse_event_type(Span element, std::string_view datagram);
Result<SubscriptionState, ValueError> parse_subscription_state(Span value,
                                                               std::string_view datagram);

}  // namespace demarc::sip
