#include "tests/sim/wire_rules.h"

#include <algorithm>

namespace demarc::sim {

using contract::Duration;
using contract::Instant;

namespace {

// Between what a timer says and what the wheel does (two ticks), and the step that notices.
constexpr Duration slack = Duration::milliseconds(10);

}  // namespace

std::string transaction_key(std::string_view branch, std::string_view method) {
  std::string key(branch);
  return key.append(" ").append(method);
}

std::string dialog_key(std::string_view call_id, std::string_view local_tag,
                       std::string_view remote_tag) {
  std::string key(call_id);
  return key.append(" ").append(local_tag).append(" ").append(remote_tag);
}

std::string answer_key(const Text& text) {
  std::string key = dialog_key(text.call_id, text.to_tag, "");
  append(key, text.cseq);
  return key;
}

void WireRules::begin_step(const Parcel& parcel, const Text& text, uint32_t call) {
  cause_ = &parcel;
  // What is cut is not served: at most it is answered without state.
  if (parcel.is_cut) return;
  if (text.is_request()) return on_request(parcel, text, call);
  on_response(parcel, text, call);
}

void WireRules::begin_step(const stream::Unanswered::Request& undelivered) {
  cause_ = nullptr;
  const std::string_view method = sip::spelling(undelivered.method);
  const auto found = sent_.find(transaction_key(undelivered.branch, method));
  if (found == sent_.end()) return;
  // What had an answer over another connection goes on.
  Sent& sent = found->second;
  sent.is_gone |= !sent.provisional.is_set() && sent.final_status == 0;
}

void WireRules::on_request(const Parcel& parcel, const Text& text, uint32_t call) {
  if (text.method == "ACK") close_answer(text);
  if (text.method == "BYE") close_answers(dialog_key(text.call_id, text.to_tag, ""));
  if (text.method == "ACK") return;
  Served& served = served_[transaction_key(text.branch, text.method)];
  // A copy that outlived timer H, J or L makes another transaction.
  const Duration age = queue_.now() - served.final_at;
  const bool is_forgotten = served.final_status != 0 && age + slack >= Options::timer_64_t1;
  if (is_forgotten) {
    // It may have begun later than we think, with a copy that told another lie. Or it is so near
    // its end that nobody can say on which side of it.
    const bool is_doubtful = served.is_doubtful || age < Options::timer_64_t1 + slack;
    served = {};
    served.is_doubtful = is_doubtful;
  }
  if (served.call == nobody) {
    last_begun_ = queue_.now();
    served.call = call;
    served.stream = parcel.stream;
    served.is_invite = text.method == "INVITE";
    served.is_initial = served.is_invite && text.to_tag.empty();
    served.from = text.from;
    served.call_id = text.call_id;
    served.cseq = text.cseq;
    served.has_offer = !text.to_tag.empty() && !text.body.empty() &&
                       text.field("Content-Type") == "application/sdp";
    if (served.is_initial) {
      attempts_[served.call_id].call = call;
      ++attempts_[served.call_id].begun;
    }
  }
  served.is_owed |= parcel.is_whole();
  served.is_doubtful |= parcel.is_lie;
  if (served.is_initial && served.is_doubtful) attempts_[served.call_id].is_doubtful = true;
}

void WireRules::on_response(const Parcel& parcel, const Text& text, uint32_t call) {
  const auto found = sent_.find(transaction_key(text.branch, text.method));
  const bool is_answer = text.method == "INVITE" && text.is_success();
  Answered* answer = nullptr;
  if (is_answer) {
    answer = &answered_[answer_key(text)];
    answer->call = call;
  }
  if (found == sent_.end() || found->second.trunk != parcel.trunk) return;
  Sent& sent = found->second;
  sent.is_doubtful |= parcel.is_lie;
  // So near its end that nobody can say on which side of it.
  const bool is_alive_yet = is_alive(sent, queue_.now() + slack);
  const bool was_alive = is_alive(sent, {queue_.now().ns - static_cast<uint64_t>(slack.ns)});
  sent.is_doubtful |= is_alive_yet != was_alive;
  const bool is_owed = is_alive_yet && !sent.is_doubtful && !options_.is_tight;
  if (answer != nullptr) answer->is_owed |= is_owed && (sent.final_status == 0 || sent.has_success);
  sent.is_gone |= !is_alive_yet;
  if (sent.is_gone) return;
  if (!text.is_final()) {
    if (!sent.provisional.is_set()) sent.provisional = queue_.now();
    return;
  }
  const bool is_refusal = text.method == "INVITE" && text.status_code >= 300;
  if (is_refusal && is_owed && !sent.has_success) {
    owed_ack_ = found->first;
    sent.is_acknowledged = false;
  }
  if (sent.final_status != 0) return;
  sent.final_status = text.status_code;
  sent.final_at = queue_.now();
  sent.has_success = text.is_success();
  if (!sent.is_doubtful) on_offer_answered(sent);
}

// Whether the client transaction is still there, as far as the wire can tell: RFC 3261
// section 17.1.1, timers B and D, RFC 6026 timer M, and section 9.1 after a CANCEL.
bool WireRules::is_alive(const Sent& sent, Instant now) const {
  if (sent.is_gone) return false;
  if (sent.final_status != 0) {
    // Timers D and K are 0 over a connection, timer M is not.
    if (sent.is_reliable && !(sent.is_invite && sent.has_success)) return false;
    return now - sent.final_at < Options::timer_64_t1;
  }
  if (sent.cancelled.is_set() && now - sent.cancelled >= Options::timer_64_t1) return false;
  const Duration patience = Duration::milliseconds(options_.no_response_ms);
  return sent.provisional.is_set() || now - sent.begun < patience;
}

void WireRules::end_step() {
  if (!owed_ack_.empty() && !sent_.find(owed_ack_)->second.is_acknowledged) {
    failure_.report("a non-2xx final response to an INVITE of ours was not acknowledged",
                    sent_.find(owed_ack_)->second.call, owed_ack_);
  }
  owed_ack_.clear();
  cause_ = nullptr;
}

// The 2xx need not be sent again: its ACK came.
void WireRules::close_answer(const Text& ack) {
  const std::string exact = answer_key(ack);
  std::erase_if(answers_, [&](const Answer& answer) { return answer.key == exact; });
}

// Nor when a BYE of either side ended the dialog.
void WireRules::close_answers(const std::string& dialog) {
  std::erase_if(answers_, [&](const Answer& answer) { return answer.key.starts_with(dialog); });
}

void WireRules::audit() {
  const Instant now = queue_.now();
  std::erase_if(answers_, [&](const Answer& answer) {
    return now + slack - answer.first >= Options::timer_64_t1;
  });
  for (const Answer& answer : answers_) {
    if (now - answer.last > answer.interval + slack && !options_.is_tight) {
      failure_.report("a 2xx without its ACK was not sent again", answer.call, answer.key);
    }
  }
}

void WireRules::finish() {
  // In the order of calls, so that the report does not depend on the table's.
  const Served* unanswered = nullptr;
  for (const auto& [key, served] : served_) {
    const bool is_bad = served.is_invite && served.is_owed && !served.is_doubtful &&
                        served.final_status == 0 && !options_.is_tight;
    if (is_bad && (unanswered == nullptr || served.call < unanswered->call)) unanswered = &served;
  }
  if (unanswered != nullptr) {
    failure_.report("an INVITE never got a final response", unanswered->call, unanswered->call_id);
  }
  const Answered* unacknowledged = nullptr;
  for (const auto& [key, answer] : answered_) {
    const bool is_bad = answer.is_owed && !answer.is_acknowledged;
    if (is_bad && (unacknowledged == nullptr || answer.call < unacknowledged->call)) {
      unacknowledged = &answer;
    }
  }
  if (unacknowledged != nullptr) {
    failure_.report("a 2xx to an INVITE of ours was never acknowledged", unacknowledged->call);
  }
}

}  // namespace demarc::sim
