#include "tests/sim/agent.h"

#include <algorithm>

namespace demarc::sim {

using contract::Duration;

Agent::Agent(const Setup& setup, const Surroundings& surroundings)
    : setup_(setup),
      surroundings_(surroundings),
      random_(setup.random_seed),
      plays_random_(setup.random_seed ^ 0x9a1e57ee),
      has_allow_(setup.plays.has_update && plays_random_.chance(500)),
      is_deaf_(setup.character.is_deaf),
      own_{*contract::parse_endpoint(setup.address, default_port(setup.transport))},
      box_(*contract::parse_endpoint(setup.box_address, default_port(setup.transport))),
      arrived_at_(own_),
      mark_(mark_of(setup.role)) {
  append(mark_, setup.id);
  // Short ones where a leg may end up on the side of ours: the directory has less room for those.
  const uint64_t unique = random_.next() >> (surroundings.dialogs.are_used ? 40 : 0);
  call_id_ = mark_ + "-" + std::to_string(unique) + "@" + setup.address;
  cseq_ = 1 + random_.below(1000);
}

void Agent::plan(Duration after, Plan what, uint32_t number) {
  surroundings_.queue.plan(after, Event::Kind::agent, setup_.id,
                           number << 8 | static_cast<uint32_t>(what));
}

void Agent::act(uint32_t detail) {
  const uint32_t number = detail >> 8;
  const bool is_quiet = surroundings_.network.is_healed();
  switch (static_cast<Plan>(detail & 0xff)) {
    case Plan::retransmit:
      return retransmit(number);
    case Plan::say_100:
    case Plan::ring:
      return ring(number);
    case Plan::answer:
      return answer(number);
    case Plan::refuse:
      return refuse(setup_.character.final_status);
    case Plan::cancel:
      return cancel(number);
    case Plan::answer_reinvite:
      return answer_reinvite(number, phase_ == Phase::ended ? 487 : 200);
    case Plan::request:
      if (!is_quiet) send_request();
      return;
    case Plan::early_request:
      if (!is_quiet) send_early_request(number);
      return;
    case Plan::notify:
      if (!is_quiet) notify(number != 0);
      return;
    case Plan::retry:
      if (!is_quiet) send_reinvite();
      return;
    case Plan::refresh:
      if (!is_quiet) refresh(number);
      return;
    case Plan::bye:
      if (!is_quiet) bye();
      return;
    case Plan::fall_deaf:
      is_deaf_ = true;
      return;
  }
}

void Agent::transmit(const std::string& octets, const Place& at, bool may_lie) {
  Parcel parcel;
  parcel.box = box_;
  parcel.peer = at.end;
  parcel.line = at.line;
  parcel.transport = setup_.transport;
  parcel.trunk = setup_.trunk;
  parcel.sender = setup_.id;
  parcel.is_to_box = true;
  const bool lies =
      may_lie && !surroundings_.network.is_healed() && random_.chance(setup_.character.lies);
  parcel.octets = lies ? lie(octets) : octets;
  parcel.is_lie = lies;
  // Who repeats what a connection brings means to be two requests.
  if (is_reliable()) return surroundings_.lines.send_from_peer(parcel);
  for (unsigned i = 0; i < setup_.character.copies; ++i) surroundings_.network.carry(parcel);
}

// Changes one octet where it hurts.
std::string Agent::lie(const std::string& octets) {
  constexpr std::string_view places[] = {"\r\nCSeq: ", ";tag=", "\r\nTo: ", ";branch=z9hG4bK",
                                         "\r\nCall-ID: "};
  const unsigned which = random_.below(std::size(places));
  std::string changed = octets;
  size_t at = octets.find(places[which]);
  // Of To it is the tag, whatever stands before it.
  if (which == 2 && at != std::string::npos) at = octets.find(";tag=", at);
  if (at == std::string::npos) return changed;
  at += which == 2 ? std::string_view(";tag=").size() : places[which].size();
  changed[at] = changed[at] == '7' ? '3' : '7';
  return changed;
}

uint32_t Agent::start(Method method, std::string octets, std::string branch, bool is_initial) {
  const auto index = static_cast<uint32_t>(transactions_.size());
  Transaction& one = transactions_.emplace_back();
  one.method = method;
  one.is_initial = is_initial;
  one.cseq = cseq_;
  one.branch = std::move(branch);
  one.octets = std::move(octets);
  one.at = own_;
  one.interval = Options::t1;
  one.deadline = surroundings_.queue.now() + Options::timer_64_t1;
  transmit(one.octets, one.at, !is_initial);
  plan(one.interval, Plan::retransmit, index);
  return index;
}

void Agent::respond(uint32_t transaction, uint16_t status, std::string octets) {
  Transaction& one = transactions_[transaction];
  one.status = status;
  one.octets = std::move(octets);
  transmit(one.octets, one.at);
  if (status < 200 || one.method != Method::invite) return;
  // A final response to an INVITE goes out again until its ACK.
  one.interval = Options::t1;
  one.deadline = surroundings_.queue.now() + Options::timer_64_t1;
  plan(one.interval, Plan::retransmit, transaction);
}

void Agent::retransmit(uint32_t transaction) {
  Transaction& one = transactions_[transaction];
  const bool waits = one.is_client && one.method == Method::invite && one.has_provisional;
  if (one.is_over || waits) return;
  if (surroundings_.queue.now() >= one.deadline) {
    one.is_over = true;
    if (one.is_initial && phase_ != Phase::confirmed) phase_ = Phase::ended;
    if (one.is_first && one.status < 300) give_up_answer(transaction);
    return;
  }
  if (repeats(one)) transmit(one.octets, one.at, !one.is_initial);
  one.interval = one.interval * 2;
  const bool is_capped = !one.is_client || one.method != Method::invite;
  if (is_capped) one.interval = std::min(one.interval, Options::t2);
  plan(one.interval, Plan::retransmit, transaction);
}

// Over a connection only what waits for an ACK or a PRACK from end to end goes out again.
bool Agent::repeats(const Transaction& one) const {
  if (!is_reliable()) return true;
  const bool is_success = one.method == Method::invite && one.status < 300;
  return !one.is_client && (is_success || one.method == Method::prack);
}

// Nobody acknowledged it: what it made is ended (RFC 3261 section 13.3.1.4).
void Agent::give_up_answer(uint32_t transaction) {
  if (phase_ != Phase::early && phase_ != Phase::begun) return;
  dialog_fork_ = transactions_[transaction].fork;
  phase_ = Phase::confirmed;
  bye();
}

Agent::Transaction* Agent::find(bool is_client, std::string_view branch, Method method) {
  for (Transaction& one : transactions_) {
    if (one.is_client == is_client && one.method == method && one.branch == branch) return &one;
  }
  return nullptr;
}

bool Agent::has_pending_invite() const {
  return std::any_of(transactions_.begin(), transactions_.end(), [](const Transaction& one) {
    return one.is_client && one.method == Method::invite && !one.is_over;
  });
}

// One of the other side that this one has not answered yet.
bool Agent::has_waiting_invite() const {
  return std::any_of(transactions_.begin(), transactions_.end(),
                     [](const Transaction& one) { return one.is_waiting; });
}

// An offer of its own in UPDATE or PRACK.
bool Agent::has_own_update() const {
  return std::any_of(transactions_.begin(), transactions_.end(), [](const Transaction& one) {
    return one.is_client && one.has_offer && !one.is_over;
  });
}

// Nor may another one be made, or be answered, meanwhile (RFC 3264 section 4, RFC 3311 section 5).
bool Agent::has_open_offer() const {
  return has_pending_invite() || has_waiting_invite() || has_own_update();
}

// Whoever writes to a connection hears that it is broken: what ends a call is said once more.
void Agent::on_loss(const Parcel& parcel) {
  has_lost_ = true;
  if (!parcel.is_to_box || is_deaf_ || phase_ != Phase::ended || byes_ == max_byes) return;
  Text text;
  static_cast<void>(text.read(parcel.octets));
  if (!text.is_request() || text.method != "BYE") return;
  phase_ = Phase::confirmed;
  bye();
}

void Agent::receive(const Text& text, const Place& at) {
  if (is_deaf_) return;
  arrived_at_ = at;
  if (!text.is_request()) return on_response(text);
  on_request(text);
}

void Agent::hang_up() {
  if (phase_ == Phase::confirmed) bye();
}

}  // namespace demarc::sim
