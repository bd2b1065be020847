#include "sip-parser/event.h"

#include "sip-parser/cseq.h"
#include "sip-parser/known_params.h"
#include "sip-parser/token_params.h"
#include "sip-parser/value_reader.h"
#include "sip-parser/words.h"

namespace demarc::sip {
namespace {

constexpr std::string_view phases[] = {"active", "pending", "terminated"};
static_assert(std::size(phases) == static_cast<size_t>(SubscriptionPhase::other));

constexpr std::string_view reasons[] = {"deactivated", "probation",  "rejected", "timeout",
                                        "giveup",      "noresource", "invariant"};
static_assert(std::size(reasons) == static_cast<size_t>(SubscriptionReason::other));

constexpr KnownParam event_params[] = {{"id", ParamForm::token}};
constexpr KnownParam state_params[] = {
    {"reason", ParamForm::token}, {"expires", ParamForm::token}, {"retry-after", ParamForm::token}};

// event-type = event-package *( "." event-template ), each a token-nodot. False without one.
bool read_event_type(ValueReader& reader, Span& type, Span& package) {
  package = reader.token_without_dot();
  uint32_t end = package.end();
  bool is_good = !package.empty();
  while (is_good && reader.take_octet('.')) {
    const Span part = reader.token_without_dot();
    is_good = !part.empty();
    end = part.end();
  }
  type = make_span(package.offset, end);
  return is_good;
}

// An optional number of seconds.
Result<uint32_t, ValueError> read_seconds(const Param& param, std::string_view datagram) {
  if (!is_present(param)) return uint32_t{0};
  return parse_number(param.value, datagram, UINT32_MAX);
}

}  // namespace

std::string_view spelling(SubscriptionPhase phase) {
  return word_of(phase, phases);
}
std::string_view spelling(SubscriptionReason reason) {
  return word_of(reason, reasons);
}

Result<Event, ValueError> parse_event(Span value, std::string_view datagram) {
  ValueReader reader(value, datagram);
  Event event;
  if (!read_event_type(reader, event.type, event.package) || !reader.params(event.params)) {
    return Fail{ValueError::bad_syntax};
  }
  const auto found = read_known_params(event.params, datagram, event_params);
  if (!found) return Fail{found.error()};
  event.id = (*found)[0].value;
  return event;
}

Result<Span, ValueError> parse_event_type(Span element, std::string_view datagram) {
  ValueReader reader(element, datagram);
  Span type;
  Span package;
  if (!read_event_type(reader, type, package) || !reader.at_end()) {
    return Fail{ValueError::bad_syntax};
  }
  return type;
}

Result<SubscriptionState, ValueError> parse_subscription_state(Span value,
                                                               std::string_view datagram) {
  const Result<TokenParams, ValueError> parts = parse_token_params(value, datagram);
  if (!parts) return Fail{parts.error()};
  const auto found = read_known_params(parts->params, datagram, state_params);
  if (!found) return Fail{found.error()};
  const auto& [reason, expires, retry_after] = *found;

  SubscriptionState state;
  state.phase_text = parts->token;
  state.phase = enum_of<SubscriptionPhase>(text(parts->token, datagram), phases);
  state.reason_text = reason.value;
  state.reason = enum_of<SubscriptionReason>(text(reason.value, datagram), reasons);
  state.has_expires = is_present(expires);
  state.has_retry_after = is_present(retry_after);
  const Result<uint32_t, ValueError> expires_s = read_seconds(expires, datagram);
  if (!expires_s) return Fail{expires_s.error()};
  const Result<uint32_t, ValueError> retry_after_s = read_seconds(retry_after, datagram);
  if (!retry_after_s) return Fail{retry_after_s.error()};
  state.expires_s = *expires_s;
  state.retry_after_s = *retry_after_s;
  return state;
}

}  // namespace demarc::sip
