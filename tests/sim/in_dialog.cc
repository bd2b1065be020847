#include <algorithm>

#include "tests/sim/agent.h"

namespace demarc::sim {
namespace {

constexpr Method small_talk[] = {Method::options,   Method::update, Method::info,
                                 Method::message,   Method::notify, Method::refer,
                                 Method::unheard_of};

}  // namespace

void Agent::on_request(const Text& text) {
  const Method method = method_of(text.method);
  if (method == Method::ack) return on_ack(text);
  for (uint32_t i = 0; i < transactions_.size(); ++i) {
    const Transaction& known = transactions_[i];
    if (known.is_client || known.branch != text.branch || known.method != method) continue;
    // Came again: so does the answer.
    if (!known.octets.empty()) transmit(known.octets, known.at);
    return;
  }
  if (method == Method::cancel) return on_cancel(text);
  if (method == Method::invite && text.to_tag.empty()) {
    if (transactions_.empty()) on_initial_invite(text);
    return;
  }
  Transaction& one = transactions_.emplace_back();
  one.is_client = false;
  one.method = method;
  one.branch = text.branch;
  one.cseq = text.cseq;
  one.at = arrived_at_;
  const auto index = static_cast<uint32_t>(transactions_.size() - 1);
  if (method == Method::bye) return on_bye(text, index);
  if (method == Method::invite) return on_reinvite(text, index);
  if (method == Method::prack) {
    stop_insisting(number(text.field("RAck")), fork_of(text.to_tag));
    if (setup_.plays.has_early_offers) return on_prack(text, index);
  }
  if (phase_ == Phase::ended) {
    return respond(index, 481, compose_response(text, 481, 0, false));
  }
  if (phase_ == Phase::early && method != Method::prack) {
    surroundings_.tally.count(Played::early_request);
  }
  if (method == Method::update) return on_update(text, index);
  if (method == Method::subscribe) return on_subscribe(text, index);
  if (method == Method::notify && text.field("Event") == "dialog") {
    surroundings_.tally.count(Played::subscription_notify);
  }
  const uint16_t status = method == Method::refer ? 202 : 200;
  respond(index, status, compose_response(text, status, 0, false));
}

void Agent::on_update(const Text& text, uint32_t transaction) {
  const bool has_offer = !text.body.empty();
  surroundings_.tally.count(has_offer ? Played::offer_in_update : Played::refresh_by_update);
  bool is_busy = has_open_offer();
  if (setup_.plays.has_early_offers && phase_ == Phase::early) {
    is_busy = has_own_update() || !has_early_session(text.from_tag, text.to_tag);
    if (has_offer && !is_busy) surroundings_.tally.count(Played::early_update);
  }
  const uint16_t status = has_offer && is_busy ? 491 : 200;
  respond(transaction, status, compose_response(text, status, 0, has_offer && status < 300));
}

// RFC 6665: a subscription within the call, which is told of twice.
void Agent::on_subscribe(const Text& text, uint32_t transaction) {
  surroundings_.tally.count(Played::subscribe);
  respond(transaction, 200, compose_response(text, 200, 0, false, "Expires: 300\r\n"));
  plan(plays_random_.milliseconds(5, 500), Plan::notify, 0);
  plan(plays_random_.milliseconds(1000, 20'000), Plan::notify, 1);
}

void Agent::notify(bool is_last) {
  if (phase_ != Phase::confirmed || is_deaf_) return;
  std::string extra = "Event: dialog\r\nSubscription-State: ";
  extra += is_last ? "terminated;reason=timeout\r\n" : "active;expires=300\r\n";
  const std::string branch = new_branch();
  ++cseq_;
  start(Method::notify, compose_request(Method::notify, cseq_, branch, extra, false), branch);
}

void Agent::subscribe() {
  const std::string branch = new_branch();
  ++cseq_;
  start(
      Method::subscribe,
      compose_request(Method::subscribe, cseq_, branch, "Event: dialog\r\nExpires: 300\r\n", false),
      branch);
}

void Agent::on_reinvite(const Text& text, uint32_t transaction) {
  if (!text.contact_uri.empty()) remote_target_ = text.contact_uri;
  uint16_t status = setup_.character.refuses_with;
  if (setup_.plays.has_update ? has_open_offer() : has_pending_invite()) status = 491;
  if (has_waiting_invite()) status = 500;
  if (phase_ == Phase::ended) status = 481;
  if (status != 0) {
    return respond(transaction, status, compose_response(text, status, 0, false));
  }
  if (setup_.plays.cancels_reinvites && plays_random_.chance(500)) {
    transactions_[transaction].is_waiting = true;
    transactions_[transaction].request = text.octets;
    plan(plays_random_.milliseconds(50, 3000), Plan::answer_reinvite, transaction);
    return respond(transaction, 100, compose_response(text, 100, 0, false));
  }
  ++sdp_version_;
  respond(transaction, 200, compose_response(text, 200, 0, true));
}

// One that waited: taken, or over because of a CANCEL or BYE.
void Agent::answer_reinvite(uint32_t transaction, uint16_t status) {
  Transaction& one = transactions_[transaction];
  if (is_deaf_ || !one.is_waiting) return;
  one.is_waiting = false;
  Text request;
  static_cast<void>(request.read(one.request));
  const bool is_taken = status < 300;
  if (is_taken) ++sdp_version_;
  respond(transaction, status, compose_response(request, status, 0, is_taken));
}

void Agent::on_bye(const Text& text, uint32_t transaction) {
  respond(transaction, 200, compose_response(text, 200, 0, false));
  if (setup_.role == Role::called) return leave_fork(text.to_tag);
  phase_ = Phase::ended;
  stop_answering();
}

// One fork that lost does not end the call of another.
void Agent::leave_fork(std::string_view tag) {
  const Transaction* other = nullptr;
  for (Transaction& one : transactions_) {
    const bool is_answer =
        !one.is_client && one.method == Method::invite && one.is_first && one.status / 100 == 2;
    if (!is_answer) continue;
    one.is_gone |= local_tag(one.fork) == tag;
    one.is_over |= one.is_gone;
    if (!one.is_gone) other = &one;
  }
  if (other == nullptr) {
    phase_ = Phase::ended;
    return stop_answering();
  }
  if (local_tag(dialog_fork_) != tag) return;
  dialog_fork_ = other->fork;
  if (phase_ == Phase::confirmed && !other->is_over) phase_ = Phase::early;
}

// What is ended needs no ACK any more.
void Agent::stop_answering() {
  for (Transaction& one : transactions_) {
    if (!one.is_client && one.method == Method::invite && one.status < 300) one.is_over = true;
  }
}

// The call is up: what this side will do in it.
void Agent::confirm() {
  const Character& one = setup_.character;
  if (has_planned_end_) return;
  has_planned_end_ = true;
  publish_dialog();
  const auto hold_ms =
      static_cast<uint32_t>(std::clamp<int64_t>(one.holds_for.ns / 1'000'000, 1, 60'000));
  for (unsigned i = 0; i < one.requests; ++i) {
    // Both sides of a glare count from the answer, so that their requests meet.
    plan(one.requests_at_once ? contract::Duration::milliseconds(200 + 700 * i)
                              : random_.milliseconds(0, hold_ms),
         Plan::request, i);
  }
  if (one.falls_deaf) plan(random_.milliseconds(0, hold_ms), Plan::fall_deaf);
  if (one.hangs_up) plan(one.holds_for, Plan::bye);
}

// The dialog as its peer names it to others.
void Agent::publish_dialog() {
  Dialogs& dialogs = surroundings_.dialogs;
  if (!dialogs.are_used) return;
  const bool is_called = setup_.role == Role::called;
  std::string name = call_id_ + "%3Bto-tag%3D" + remote_tag_ + "%3Bfrom-tag%3D" +
                     local_tag(is_called ? dialog_fork_ : 0);
  const size_t at = name.find("@");  // there is none in a Call-ID of ours
  if (at != std::string::npos) name.replace(at, 1, "%40");
  dialogs.of_trunk[setup_.trunk].push_back({setup_.call, call_id_, name});
}

// Blind to the number of this very call, or, where that is played, attended to one of the last
// calls of the same trunk.
std::string Agent::refer_to() {
  Dialogs& dialogs = surroundings_.dialogs;
  std::string uri = "sip:" + setup_.called + "@" + setup_.box_address;
  const std::vector<Dialogs::One>& others = dialogs.of_trunk[setup_.trunk];
  if (dialogs.are_used && !others.empty() && random_.chance(800)) {
    const uint32_t recent = std::min<uint32_t>(static_cast<uint32_t>(others.size()), 12);
    const Dialogs::One& one = others[others.size() - 1 - random_.below(recent)];
    if (!dialogs.lying.contains(one.call) && !dialogs.lying.contains(setup_.call)) {
      uri += "?Replaces=" + one.name;
      dialogs.named.insert(one.call_id);
      dialogs.named.insert(call_id_);
    }
  }
  return "Refer-To: <" + uri + ">\r\n";
}

void Agent::send_request() {
  if (phase_ != Phase::confirmed || is_deaf_) return;
  const bool is_reinvite = setup_.character.kind == Kind::storming ||
                           setup_.character.requests_at_once || random_.chance(400);
  if (is_reinvite && !random_.chance(150)) return send_reinvite();
  if (setup_.plays.subscribes && plays_random_.chance(400)) return subscribe();
  const Method method = small_talk[random_.below(std::size(small_talk))];
  const bool has_offer = method == Method::update;
  if (has_offer && setup_.plays.has_update && has_open_offer()) return;
  std::string extra;
  if (method == Method::refer) extra = refer_to();
  if (method == Method::notify) extra = "Event: refer\r\nSubscription-State: active\r\n";
  if (method == Method::info) extra = "Info-Package: dtmf\r\n";
  const std::string branch = new_branch();
  ++cseq_;
  const uint32_t index =
      start(method, compose_request(method, cseq_, branch, extra, has_offer), branch);
  transactions_[index].has_offer = has_offer;
}

void Agent::send_reinvite() {
  if (phase_ != Phase::confirmed || is_deaf_ || has_pending_invite() || has_waiting_invite())
    return;
  if (setup_.plays.has_update && has_open_offer()) return;
  is_holding_ = random_.chance(500);
  ++sdp_version_;
  const std::string branch = new_branch();
  ++cseq_;
  const uint32_t index =
      start(Method::invite,
            compose_request(Method::invite, cseq_, branch, {}, !random_.chance(200)), branch);
  if (setup_.plays.cancels_reinvites && plays_random_.chance(250)) {
    plan(plays_random_.milliseconds(0, 2000), Plan::cancel, index);
  }
}

// RFC 4028 section 7.4: by UPDATE or re-INVITE, whichever it is.
void Agent::refresh(uint32_t expires_s) {
  if (phase_ != Phase::confirmed || is_deaf_) return;
  std::string extra = "Session-Expires: ";
  append(extra, expires_s);
  extra += ";refresher=uac\r\n";
  const Method method = random_.chance(500) ? Method::update : Method::invite;
  if (method == Method::invite && (has_pending_invite() || has_waiting_invite())) return;
  const std::string branch = new_branch();
  ++cseq_;
  start(method, compose_request(method, cseq_, branch, extra, method == Method::invite), branch);
  plan(contract::Duration::milliseconds(expires_s * 500), Plan::refresh, expires_s);
}

void Agent::bye() {
  if (is_deaf_ || phase_ == Phase::ended || remote_tag_.empty()) return;
  ++byes_;
  left_tag_ = remote_tag_;
  const bool is_early = phase_ != Phase::confirmed;
  const std::string branch = new_branch();
  ++cseq_;
  start(Method::bye, compose_request(Method::bye, cseq_, branch, {}, false), branch);
  if (is_early) return;
  phase_ = Phase::ended;
  stop_answering();
}

}  // namespace demarc::sim
