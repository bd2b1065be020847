#include "controlplane/health/monitor.h"

#include <algorithm>

namespace demarc::health {
namespace {

constexpr uint16_t service_unavailable = 503;
constexpr std::string_view overloaded = "503 Service Unavailable";

}  // namespace

Monitor::Monitor(const Settings& settings, uint64_t now_ms, uint64_t delay_ms)
    : settings_(settings),
      next_probe_ms_(settings.interval_ms == 0 ? 0 : now_ms + delay_ms),
      since_ms_(now_ms) {}

void Monitor::change(const Settings& settings, uint64_t now_ms) {
  if (settings == settings_) return;
  settings_ = settings;
  next_probe_ms_ = settings.interval_ms == 0 ? 0 : now_ms + settings.interval_ms;
}

bool Monitor::take_probe(uint64_t now_ms) {
  if (settings_.interval_ms == 0 || is_probing_ || now_ms < next_probe_ms_) return false;
  is_probing_ = true;
  ++counts_.probes;
  next_probe_ms_ = now_ms + settings_.interval_ms;
  return true;
}

void Monitor::on_answer(uint16_t status_code, uint32_t retry_after_s, uint64_t round_trip_us,
                        uint64_t now_ms) {
  is_probing_ = false;
  last_status_ = status_code;
  round_trip_us_ = round_trip_us;
  if (status_code == service_unavailable) return unavailable(retry_after_s, now_ms);
  // Whatever else it says, it is there (RFC 3261 section 11.2).
  answered(now_ms);
}

void Monitor::on_silence(uint64_t now_ms) {
  is_probing_ = false;
  last_status_ = 0;
  lost(now_ms);
  // Until it is known to be down, the next one follows at once: one lost datagram is no failure.
  if (state_ != State::down && settings_.interval_ms != 0) next_probe_ms_ = now_ms;
}

void Monitor::on_refused(contract::StreamFault fault, uint64_t now_ms) {
  is_probing_ = false;
  last_status_ = 0;
  refused(fault, now_ms);
}

void Monitor::on_unsent(uint64_t now_ms) {
  is_probing_ = false;
  if (settings_.interval_ms != 0) {
    next_probe_ms_ = now_ms + std::min<uint64_t>(settings_.interval_ms, 1000);
  }
}

void Monitor::on_signs(const Signs& signs, uint64_t now_ms) {
  const Signs before = signs_;
  signs_ = signs;
  // A dataplane that started afresh counts from 0.
  const bool is_first = !has_signs_ || signs.answered < before.answered ||
                        signs.unanswered < before.unanswered ||
                        signs.unavailable < before.unavailable || signs.refused < before.refused;
  has_signs_ = true;
  if (is_first) return;
  for (uint64_t i = before.unanswered; i < signs.unanswered && i < before.unanswered + 64; ++i) {
    lost(now_ms);
  }
  if (signs.refused != before.refused) refused(signs.fault, now_ms);
  if (signs.unavailable != before.unavailable) unavailable(signs.retry_after_s, now_ms);
  if (signs.answered == before.answered) return;
  answered(now_ms);
  // Traffic proves it: no probe is needed for a while.
  if (settings_.interval_ms != 0 && !settings_.is_always && state_ == State::up) {
    next_probe_ms_ = now_ms + settings_.interval_ms;
  }
}

void Monitor::tick(uint64_t now_ms) {
  if (!is_tried_last(state_) || settings_.interval_ms != 0 || now_ms < hold_until_ms_) return;
  losses_ = successes_ = 0;
  reason_ = {};
  apply(Event::hold_over, now_ms);
}

void Monitor::set_peer_missing(bool is_missing, uint64_t now_ms) {
  const State before = state();
  is_peer_missing_ = is_missing;
  note_change(before, now_ms);
}

std::string_view Monitor::reason() const {
  return is_peer_missing_ ? "it stopped its OPTIONS" : reason_;
}

void Monitor::answered(uint64_t now_ms) {
  ++counts_.answers;
  losses_ = 0;
  reason_ = {};
  successes_ = std::min(successes_ + 1, settings_.successes);
  apply(successes_ >= settings_.successes ? Event::answered_enough : Event::answered, now_ms);
}

void Monitor::lost(uint64_t now_ms) {
  ++counts_.losses;
  successes_ = 0;
  losses_ = std::min(losses_ + 1, settings_.failures);
  reason_ = "no answer";
  apply(losses_ >= settings_.failures ? Event::lost_enough : Event::lost, now_ms);
}

void Monitor::unavailable(uint32_t retry_after_s, uint64_t now_ms) {
  if (retry_after_s == 0) {
    lost(now_ms);
    reason_ = overloaded;
    return;
  }
  reason_ = overloaded;
  ++counts_.losses;
  successes_ = 0;
  apply(Event::unavailable, now_ms);
  const uint64_t peace_ms = std::min<uint64_t>(uint64_t{retry_after_s} * 1000, max_retry_after_ms);
  hold_until_ms_ = now_ms + peace_ms;
  if (settings_.interval_ms != 0) next_probe_ms_ = std::max(next_probe_ms_, hold_until_ms_);
}

void Monitor::refused(contract::StreamFault fault, uint64_t now_ms) {
  ++counts_.losses;
  successes_ = 0;
  losses_ = settings_.failures;
  const std::string_view text = contract::text_of(fault);
  reason_ = text.empty() ? "no connection" : text;
  apply(Event::refused, now_ms);
}

void Monitor::apply(Event event, uint64_t now_ms) {
  const State before = state();
  state_ = next(state_, event);
  if (state_ == State::down) hold_until_ms_ = std::max(hold_until_ms_, now_ms + passive_hold_ms);
  note_change(before, now_ms);
}

void Monitor::note_change(State before, uint64_t now_ms) {
  if (state() == before) return;
  ++counts_.changes;
  since_ms_ = now_ms;
}

}  // namespace demarc::health
