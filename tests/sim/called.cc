#include "tests/sim/agent.h"

namespace demarc::sim {

using contract::Duration;

void Agent::on_initial_invite(const Text& text) {
  const Character& one = setup_.character;
  call_id_ = text.call_id;
  remote_tag_ = text.from_tag;
  remote_target_ = text.contact_uri;
  invite_from_ = text.from;
  invite_to_ = text.to;
  invite_ = text.octets;
  Transaction& invite = transactions_.emplace_back();
  invite.is_client = false;
  invite.is_first = true;
  invite.branch = text.branch;
  invite.cseq = text.cseq;
  invite.at = arrived_at_;
  if (one.sends_100) plan(one.think, Plan::say_100);
  for (unsigned i = 1; i <= one.rings; ++i) plan(one.think * (i + 1), Plan::ring, i);
  const Duration until = one.think * (one.rings + 1) + one.rings_for;
  const bool is_taken = one.final_status < 300;
  for (unsigned i = 0; i < one.answers; ++i) {
    const Duration at = i == 0 ? until : until + random_.milliseconds(0, 1500);
    plan(at, is_taken ? Plan::answer : Plan::refuse, i);
  }
  // One that answers twice says something else the second time.
  if (one.kind == Kind::double_answering) plan(until + random_.milliseconds(1, 800), Plan::refuse);
}

// 100 as number 0, then 18x of one fork after the other.
void Agent::ring(uint32_t ring_number) {
  Transaction& invite = transactions_.front();
  if (is_deaf_ || invite.status >= 200) return;
  Text request;
  static_cast<void>(request.read(invite_));
  if (ring_number == 0) return respond(0, 100, compose_response(request, 100, 0, false));
  const unsigned fork = ring_number % setup_.character.forks;
  const bool is_reliable =
      request.field("Require").find("100rel") != std::string_view::npos ||
      (request.field("Supported").find("100rel") != std::string_view::npos && random_.chance(600));
  std::string extra;
  if (is_reliable) {
    extra = "Require: 100rel\r\nRSeq: ";
    append(extra, ++local_rseq_);
    extra += "\r\n";
  }
  const bool has_sdp = setup_.character.has_early_media && !request.body.empty();
  const auto status = static_cast<uint16_t>(has_sdp ? 183 : 180);
  phase_ = Phase::early;
  respond(0, status, compose_response(request, status, fork, has_sdp, extra));
  if (is_reliable) insist();
}

// A reliable provisional goes out again until its PRACK (RFC 3262 section 3).
void Agent::insist() {
  Transaction& one = transactions_.emplace_back();
  one.is_client = false;
  one.method = Method::prack;
  one.cseq = local_rseq_;
  one.octets = transactions_.front().octets;
  one.at = arrived_at_;
  one.interval = Options::t1;
  one.deadline = surroundings_.queue.now() + Options::timer_64_t1;
  plan(one.interval, Plan::retransmit, static_cast<uint32_t>(transactions_.size() - 1));
}

// RAck names one; a final response makes all others pointless.
void Agent::stop_insisting(uint32_t rseq, bool is_every_one) {
  for (Transaction& one : transactions_) {
    const bool is_provisional = !one.is_client && one.method == Method::prack && one.branch.empty();
    if (is_provisional && (is_every_one || one.cseq == rseq)) one.is_over = true;
  }
}

void Agent::answer(uint32_t answer_number) {
  if (is_deaf_ || (is_cancelled_ && !setup_.character.answers_cancelled)) return;
  const unsigned fork = setup_.character.kind == Kind::forking ? answer_number : 0;
  Text request;
  static_cast<void>(request.read(invite_));
  uint32_t index = 0;
  if (answer_number != 0) {
    // A further 2xx is retransmitted by itself.
    index = static_cast<uint32_t>(transactions_.size());
    const Transaction first = transactions_.front();
    transactions_.push_back(first);
    transactions_.back().is_over = false;
  }
  transactions_[index].fork = fork;
  stop_insisting(0, true);
  respond(index, 200, compose_response(request, 200, fork, true, session_timer(request)));
  if (answer_number == 0 && setup_.character.hangs_up_at_once) {
    phase_ = Phase::confirmed;
    bye();
  }
}

void Agent::refuse(uint16_t status) {
  if (is_deaf_ || is_cancelled_) return;
  if (status < 300) status = 486;
  Text request;
  static_cast<void>(request.read(invite_));
  if (transactions_.front().status >= 200) {
    // The second answer of one that answers twice; once is enough.
    return transmit(compose_response(request, status, 0, false), transactions_.front().at);
  }
  phase_ = Phase::ended;
  stop_insisting(0, true);
  // RFC 4028 section 9: too short a session timer.
  const std::string_view extra = status == 422 ? "Min-SE: 1800\r\n" : "";
  respond(0, status, compose_response(request, status, 0, false, extra));
}

// RFC 4028 section 9: whoever asked keeps the session alive.
std::string Agent::session_timer(const Text& request) const {
  const std::string_view asked = request.field("Session-Expires");
  if (asked.empty() || setup_.character.kind != Kind::extended) return {};
  std::string extra = "Require: timer\r\nSession-Expires: ";
  append(extra, number(asked));
  return extra + ";refresher=uac\r\n";
}

void Agent::on_cancel(const Text& text) {
  Transaction& cancel = transactions_.emplace_back();
  cancel.is_client = false;
  cancel.method = Method::cancel;
  cancel.branch = text.branch;
  cancel.at = arrived_at_;
  const auto index = static_cast<uint32_t>(transactions_.size() - 1);
  respond(index, 200, compose_response(text, 200, 0, false));
  for (uint32_t i = 0; i < transactions_.size(); ++i) {
    if (!transactions_[i].is_waiting || transactions_[i].branch != text.branch) continue;
    surroundings_.tally.count(Played::cancel_of_reinvite);
    return answer_reinvite(i, 487);
  }
  if (transactions_.front().branch != text.branch || transactions_.front().status >= 200) return;
  is_cancelled_ = true;
  if (setup_.character.answers_cancelled) return;
  Text request;
  static_cast<void>(request.read(invite_));
  phase_ = Phase::ended;
  respond(0, 487, compose_response(request, 487, 0, false));
}

void Agent::on_ack(const Text& text) {
  for (Transaction& one : transactions_) {
    if (one.is_client || one.method != Method::invite || one.cseq != text.cseq) continue;
    if (one.status < 200 || one.is_over) continue;
    const bool is_success = one.status < 300;
    if (is_success && one.is_first && text.to_tag != local_tag(one.fork)) continue;
    if (!is_success && one.branch != text.branch) continue;
    one.is_over = true;
    const bool is_new_call =
        one.is_first && is_success && phase_ != Phase::confirmed && phase_ != Phase::ended;
    if (is_new_call) {
      phase_ = Phase::confirmed;
      dialog_fork_ = one.fork;
      confirm();
    }
  }
}

}  // namespace demarc::sim
