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
  bool has_sdp = setup_.character.has_early_media && !request.body.empty();
  Early* early = nullptr;
  if (setup_.plays.has_early_offers) {
    // One at a time (RFC 3262 section 3), and the first reliable one of an INVITE without an offer
    // brings it (section 5).
    if (is_insisting(fork)) return;
    early = &early_[local_tag(fork)];
    has_sdp = !early->has_session && (has_sdp || (request.body.empty() && is_reliable));
    early->has_said |= has_sdp && is_reliable;
  }
  const uint32_t rseq = early != nullptr ? early->rseq + 1 : local_rseq_ + 1;
  std::string extra;
  if (is_reliable) {
    (early != nullptr ? early->rseq : local_rseq_) = rseq;
    extra = "Require: 100rel\r\nRSeq: ";
    append(extra, rseq);
    extra += "\r\n";
  }
  const auto status = static_cast<uint16_t>(has_sdp ? 183 : 180);
  phase_ = Phase::early;
  respond(0, status, compose_response(request, status, fork, has_sdp, extra));
  if (is_reliable) insist(fork, rseq);
  plan_early_request(fork);
}

void Agent::answer(uint32_t answer_number) {
  if (is_deaf_ || (is_cancelled_ && !setup_.character.answers_cancelled)) return;
  const unsigned fork = setup_.character.kind == Kind::forking ? answer_number : 0;
  Text request;
  static_cast<void>(request.read(invite_));
  // Not before what it said in the early dialog is acknowledged (RFC 3262 section 3).
  const auto early = early_.find(local_tag(fork));
  const bool has_said = early != early_.end() && early->second.has_said;
  const bool has_session = early != early_.end() && early->second.has_session;
  if (has_said && is_insisting(fork)) return plan(Options::t1, Plan::answer, answer_number);
  if (has_said && !has_session) {
    // Whom another fork has answered hears nothing of this one.
    return answer_number == 0 && !has_answered_ ? refuse(500) : void();
  }
  uint32_t index = 0;
  if (answer_number != 0) {
    // A further 2xx is retransmitted by itself.
    index = static_cast<uint32_t>(transactions_.size());
    const Transaction first = transactions_.front();
    transactions_.push_back(first);
    transactions_.back().is_over = false;
  }
  transactions_[index].fork = fork;
  stop_insisting();
  if (setup_.plays.forks_differ && fork != 0) surroundings_.tally.count(Played::fork_of_its_own);
  has_answered_ = true;
  respond(index, 200, compose_response(request, 200, fork, !has_session, session_timer(request)));
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
  stop_insisting();
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
