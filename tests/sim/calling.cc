#include "tests/sim/agent.h"

namespace demarc::sim {

using contract::Duration;

void Agent::begin() {
  const Character& one = setup_.character;
  std::string extra;
  if (one.requires_100rel) {
    extra += "Require: 100rel\r\n";
  } else if (one.supports_100rel) {
    extra += "Supported: 100rel, timer, replaces\r\n";
  }
  if (one.session_expires_s != 0) {
    extra += "Session-Expires: ";
    append(extra, one.session_expires_s);
    extra += "\r\n";
  }
  const std::string branch = new_branch();
  start(Method::invite,
        compose_request(Method::invite, cseq_, branch, extra, !one.has_delayed_offer), branch,
        true);
  if (one.cancels) plan(one.gives_up_after, Plan::cancel);
}

void Agent::on_response(const Text& text) {
  Transaction* const own = find(true, text.branch, method_of(text.method));
  if (own == nullptr || own->cseq != text.cseq) return;
  if (own->method == Method::invite) return on_invite_response(*own, text);
  if (!text.is_final()) return;
  own->is_over = true;
  own->status = static_cast<uint16_t>(text.status_code);
  if (own->has_offer && text.is_success() && !text.body.empty()) {
    surroundings_.tally.count(own->method == Method::prack ? Played::offer_in_prack
                                                           : Played::answer_to_update);
  }
  if (own->method != Method::bye) return;
  phase_ = Phase::ended;
  // What arrived in pieces is not what was meant, so it is said once more.
  if (text.status_code != 400 || byes_ == max_byes) return;
  phase_ = Phase::confirmed;
  bye();
}

void Agent::on_invite_response(Transaction& invite, const Text& text) {
  if (text.is_success()) return on_answer(invite, text);
  if (text.is_final()) return on_refusal(invite, text);
  if (invite.is_over) return;
  invite.has_provisional = true;
  if (text.status_code == 100 || !invite.is_initial || phase_ == Phase::confirmed) return;
  if (remote_tag_.empty()) {
    phase_ = Phase::early;
    remote_tag_ = text.to_tag;
    remote_target_ = text.contact_uri;
  }
  if (!text.field("RSeq").empty()) prack(text);
  plan_early_request(0);
}

void Agent::on_answer(Transaction& invite, const Text& text) {
  const bool is_first = !invite.is_over || invite.status < 200;
  const bool is_other_fork = !is_first && text.to_tag != remote_tag_;
  invite.is_over = true;
  if (is_first || is_other_fork) {
    invite.status = static_cast<uint16_t>(text.status_code);
    remote_tag_ = text.to_tag;
    remote_target_ = text.contact_uri;
    Text request;
    static_cast<void>(request.read(invite.octets));
    const bool is_delayed =
        request.body.empty() && !text.body.empty() && !has_early_session(text.to_tag, {});
    invite.ack = compose_ack(text, new_branch(), is_delayed);
    if (random_.chance(setup_.character.lost_acks)) invite.ack.clear();
  }
  if (!invite.ack.empty()) transmit(invite.ack, own_);
  // An answer behind a refusal makes a call that nobody wants any more.
  const bool is_unwanted = is_other_fork && phase_ == Phase::ended;
  if (!invite.is_initial || (!is_first && !is_unwanted)) return;
  phase_ = Phase::confirmed;
  if (byes_ != 0 && left_tag_ == text.to_tag) {
    // It went already, in the early dialog.
    phase_ = Phase::ended;
    return;
  }
  // One in the early dialog of another fork ended that one only.
  if (is_cancelled_ || is_unwanted || byes_ != 0) return bye();
  const std::string_view timer = text.field("Session-Expires");
  if (parameter(timer, "refresher") == "uac") {
    // In the middle of it (RFC 4028 section 7.4).
    plan(contract::Duration::milliseconds(number(timer) * 500), Plan::refresh, number(timer));
  }
  confirm();
}

void Agent::on_refusal(Transaction& invite, const Text& text) {
  if (invite.ack.empty()) invite.ack = compose_ack(text, invite.branch, false);
  const bool is_first = !invite.is_over;
  invite.is_over = true;
  invite.status = static_cast<uint16_t>(text.status_code);
  if (!random_.chance(setup_.character.lost_acks)) transmit(invite.ack, own_);
  if (!is_first) return;
  if (!invite.is_initial && text.status_code == 487) {
    surroundings_.tally.count(Played::reinvite_cancelled);
  }
  if (invite.is_initial) {
    phase_ = Phase::ended;
  } else if (text.status_code == 491) {
    // RFC 3261 section 14.1: whoever made the Call-ID waits longer.
    plan(setup_.role == Role::calling ? random_.milliseconds(2100, 4000)
                                      : random_.milliseconds(0, 2000),
         Plan::retry);
  }
}

void Agent::cancel(uint32_t transaction) {
  const Transaction& invite = transactions_[transaction];
  if (phase_ == Phase::ended || invite.is_over) return;
  if (invite.is_initial) {
    if (setup_.character.cancels_by_bye && phase_ == Phase::early) return bye();
    is_cancelled_ = true;
  } else if (!invite.has_provisional) {
    // Not before a provisional response (RFC 3261 section 9.1).
    return plan(Options::t1, Plan::cancel, transaction);
  }
  send_cancel(transaction);
}

void Agent::send_cancel(uint32_t transaction) {
  const Transaction& invite = transactions_[transaction];
  const uint32_t own_cseq = cseq_;
  cseq_ = invite.cseq;
  const std::string octets = compose_cancel(invite);
  const std::string branch = invite.branch;
  start(Method::cancel, octets, branch);
  cseq_ = own_cseq;
}

}  // namespace demarc::sim
