#include <algorithm>
#include <utility>

#include "tests/sim/agent.h"

namespace demarc::sim {

// RFC 3262 section 4.
void Agent::prack(const Text& provisional) {
  const uint32_t rseq = number(provisional.field("RSeq"));
  const bool has_offers = setup_.plays.has_early_offers;
  Early* early = has_offers ? &early_[std::string(provisional.to_tag)] : nullptr;
  uint32_t& last = has_offers ? early->rseq : remote_rseq_;
  if (rseq <= last) return;
  last = rseq;
  std::string extra = "RAck: ";
  append(extra, rseq);
  extra += " ";
  append(extra, provisional.cseq);
  extra += " INVITE\r\n";
  const std::string branch = new_branch();
  ++cseq_;
  if (!has_offers) {
    start(Method::prack, compose_request(Method::prack, cseq_, branch, extra, false), branch);
    return;
  }
  const bool has_answer = answers_by_prack(provisional) && !early->has_session;
  // Behind the answer to the INVITE's offer comes another one, now and then (section 5).
  const bool is_agreed = early->has_session || (!has_answer && !provisional.body.empty());
  const bool has_offer = is_agreed && !has_own_update() && plays_random_.chance(700);
  if (has_answer) surroundings_.tally.count(Played::offer_in_reliable);
  if (has_offer) ++sdp_version_;
  early->has_session |= has_answer || is_agreed;
  // In the dialog of that fork.
  const std::string tag = std::exchange(remote_tag_, std::string(provisional.to_tag));
  const std::string target = std::exchange(remote_target_, std::string(provisional.contact_uri));
  const std::string octets =
      compose_request(Method::prack, cseq_, branch, extra, has_answer || has_offer,
                      has_answer ? provisional.body : std::string_view{});
  remote_tag_ = tag;
  remote_target_ = target;
  transactions_[start(Method::prack, octets, branch)].has_offer = has_offer;
}

// Its SDP is the offer that the INVITE asked for.
bool Agent::answers_by_prack(const Text& provisional) const {
  Text invite;
  static_cast<void>(invite.read(transactions_.front().octets));
  return invite.body.empty() && !provisional.body.empty();
}

// Whether the session of an early dialog is agreed: both sides know it by the called side's tag.
bool Agent::has_early_session(std::string_view remote_tag, std::string_view own_tag) const {
  const auto found = early_.find(setup_.role == Role::calling ? remote_tag : own_tag);
  return found != early_.end() && found->second.has_session;
}

// A reliable provisional goes out again until its PRACK (RFC 3262 section 3).
void Agent::insist(unsigned fork, uint32_t rseq) {
  Transaction& one = transactions_.emplace_back();
  one.is_client = false;
  one.method = Method::prack;
  one.cseq = rseq;
  one.fork = fork;
  one.octets = transactions_.front().octets;
  one.at = arrived_at_;
  one.interval = Options::t1;
  one.deadline = surroundings_.queue.now() + Options::timer_64_t1;
  plan(one.interval, Plan::retransmit, static_cast<uint32_t>(transactions_.size() - 1));
}

bool Agent::is_insisting(unsigned fork) const {
  return std::any_of(transactions_.begin(), transactions_.end(), [&](const Transaction& one) {
    const bool is_provisional = !one.is_client && one.method == Method::prack && one.branch.empty();
    return is_provisional && one.fork == fork && !one.is_over;
  });
}

// A final response makes all of them pointless.
void Agent::stop_insisting() {
  for (Transaction& one : transactions_) {
    const bool is_provisional = !one.is_client && one.method == Method::prack && one.branch.empty();
    if (is_provisional) one.is_over = true;
  }
}

// RAck names one.
void Agent::stop_insisting(uint32_t rseq, unsigned fork) {
  for (Transaction& one : transactions_) {
    const bool is_provisional = !one.is_client && one.method == Method::prack && one.branch.empty();
    if (is_provisional && one.cseq == rseq && one.fork == fork) one.is_over = true;
  }
}

// Its SDP answers what the 18x offered, or is an offer.
void Agent::on_prack(const Text& text, uint32_t transaction) {
  if (phase_ == Phase::ended) {
    return respond(transaction, 481, compose_response(text, 481, 0, false));
  }
  Early& early = early_[std::string(text.to_tag)];
  const bool was_agreed = early.has_session;
  early.has_session |= early.has_said;
  Text invite;
  static_cast<void>(invite.read(invite_));
  const bool is_answer = invite.body.empty() && early.has_said && !was_agreed;
  const bool has_offer = !text.body.empty() && !is_answer;
  respond(transaction, 200, compose_response(text, 200, 0, has_offer));
}

void Agent::plan_early_request(unsigned fork) {
  if (!setup_.plays.has_early_offers || !plays_random_.chance(300)) return;
  plan(plays_random_.milliseconds(0, 3000), Plan::early_request, fork);
}

// INFO, or UPDATE with an offer where there is a session and without where not.
void Agent::send_early_request(unsigned fork) {
  if (phase_ != Phase::early || is_deaf_ || is_cancelled_) return;
  const bool is_called = setup_.role == Role::called;
  if (is_called && (transactions_.front().status >= 200 || is_insisting(fork))) return;
  const bool is_update = plays_random_.chance(600);
  const bool has_offer =
      is_update && has_early_session(remote_tag_, local_tag(fork)) && !has_own_update();
  const Method method = is_update ? Method::update : Method::info;
  const std::string_view extra = is_update ? "" : "Info-Package: dtmf\r\n";
  const std::string branch = new_branch();
  ++cseq_;
  if (has_offer) ++sdp_version_;
  const unsigned confirmed = std::exchange(dialog_fork_, fork);
  const std::string octets = compose_request(method, cseq_, branch, extra, has_offer);
  dialog_fork_ = confirmed;
  transactions_[start(method, octets, branch)].has_offer = has_offer;
}

}  // namespace demarc::sim
