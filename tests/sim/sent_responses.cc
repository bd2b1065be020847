#include <algorithm>

#include "tests/sim/wire_rules.h"

namespace demarc::sim {

using contract::Duration;

// Without room for a transaction 503 is said without state, and the next copy may find room.
bool WireRules::is_stateless(const Served& served, int status_code) const {
  // A BYE for which there is no room is taken all the same; its copy finds no dialog.
  const bool is_late_bye = !served.is_invite && status_code == 481 && served.final_status == 200;
  return options_.is_tight && (status_code == 503 || served.final_status == 503 || is_late_bye);
}

// RFC 3261 section 18.2.2: back on the connection that the request came on. And section 17.2: what
// waits for no ACK from end to end is not sent again over one.
void WireRules::check_way(const transaction::Send& send, const Text& text, const Served& served,
                          uint32_t call) {
  if (!send.path.is_reliable() || served.is_doubtful) return;
  if (send.path.stream != served.stream) {
    failure_.report("a response leaves the connection of its request", call, text.octets);
  }
  const bool is_again = served.final_status != 0 && !options_.is_tight;
  if (is_again && !(served.is_invite && text.is_success())) {
    failure_.report("a final response was sent again over a connection", call, text.octets);
  }
}

void WireRules::on_sent_response(const transaction::Send& send, const Text& text, uint32_t call) {
  const auto found = served_.find(transaction_key(text.branch, text.method));
  if (found == served_.end()) {
    return failure_.report("a response to nothing that came", call, text.octets);
  }
  Served& served = found->second;
  if (!served.is_doubtful) check_echo(served, text, call);
  check_way(send, text, served, call);
  // A 2xx that is sent again says what it said, whatever was agreed since.
  const bool is_new = served.final_status == 0;
  if (is_new) check_lines(text, dialog_key(text.call_id, text.to_tag, text.from_tag), call);
  if (text.is_final()) return on_final(served, text, call);
  if (!served.is_invite && text.status_code != 100) {
    failure_.report("a provisional response to another request than INVITE (RFC 4320)", call,
                    text.octets);
  }
  if (!served.is_doubtful) on_sent_provisional(text, call);
  if (served.final_status != 0 && !served.is_doubtful && !is_stateless(served, 0)) {
    failure_.report("a provisional response after the final one", call, text.octets);
  }
}

// RFC 3261 section 8.2.6.2.
void WireRules::check_echo(const Served& served, const Text& text, uint32_t call) {
  if (text.from != served.from || text.call_id != served.call_id || text.cseq != served.cseq) {
    failure_.report("a response that does not repeat its request", call, text.octets);
  }
}

void WireRules::on_final(Served& served, const Text& text, uint32_t call) {
  const uint64_t hash = std::hash<std::string_view>{}(text.octets);
  const bool is_again = served.final_status != 0;
  if (is_again && hash != served.final_hash && !served.is_doubtful &&
      !is_stateless(served, text.status_code)) {
    return failure_.report("two final responses in one transaction", call, text.octets);
  }
  if (!served.is_invite && text.status_code == 408) {
    failure_.report("408 to another request than INVITE (RFC 4320)", call, text.octets);
  }
  if (!is_again && served.is_initial) {
    Attempt& attempt = attempts_[served.call_id];
    // A merged request and a malformed one are nobody's attempt to call.
    if (text.status_code != 482 && !served.is_doubtful) {
      ++attempt.records_due;
      attempt.final_status = text.status_code;
    }
  }
  if (!is_again && text.is_success() && !served.is_doubtful) on_sent_answer(served, text, call);
  served.final_status = text.status_code;
  served.final_hash = hash;
  if (!is_again) served.final_at = queue_.now();
  if (served.is_invite && text.is_success()) on_answer(text, call, is_again);
}

// RFC 3261 section 13.3.1.4.
void WireRules::on_answer(const Text& text, uint32_t call, bool is_again) {
  const std::string key = answer_key(text);
  const contract::Instant now = queue_.now();
  if (!is_again) {
    answers_.push_back({key, call, now, now, Options::t1});
    return;
  }
  for (Answer& answer : answers_) {
    if (answer.key != key) continue;
    answer.interval = std::min(answer.interval * 2, Options::t2);
    answer.last = now;
  }
}

}  // namespace demarc::sim
