#include "tests/sim/world.h"

namespace demarc::sim {

using contract::Duration;
using contract::Instant;

namespace {

constexpr Instant begin{1'000'000'000'000};
// The wheel may ask to be looked at early, but not twice in one tick of its own.
constexpr Duration tick{int64_t{1} << transaction::TimerWheel::tick_shift};

}  // namespace

World::World(const Options& options)
    : options_(options),
      random_(options.seed ^ 0xd1b54a32d192ed03u),
      queue_(begin),
      network_(options_, queue_, random_.fork()),
      box_(options_, begin),
      lines_({options_, queue_, network_, failure_}, Random(options_.seed ^ 0x11ae5ad0be5)),
      trace_(begin),
      wire_(options_, queue_, failure_),
      ledger_(options_, queue_, box_, failure_) {
  plan_run();
}

const Failure& World::run() {
  while (!has_ended_ && !failure_.is_set()) {
    const unsigned worker = next_worker();
    const bool is_timer = due_[worker].is_set() && due_[worker] <= queue_.next_at();
    if (is_timer) {
      queue_.set_now(due_[worker]);
      fire_timers(worker);
      continue;
    }
    const Event event = queue_.pop();
    queue_.set_now(event.at);
    play(event);
  }
  return failure_;
}

// The one whose timers are due first.
unsigned World::next_worker() const {
  unsigned first = 0;
  for (unsigned worker = 1; worker < box_.workers(); ++worker) {
    if (!due_[worker].is_set()) continue;
    if (!due_[first].is_set() || due_[worker] < due_[first]) first = worker;
  }
  return first;
}

void World::fire_timers(unsigned worker) {
  wire_.begin_step();
  while (box_.engine(worker).on_timers(queue_.now())) {
  }
  finish_step(worker);
}

void World::play(const Event& event) {
  switch (event.kind) {
    case Event::Kind::arrival:
      return arrive(event.subject);
    case Event::Kind::line:
      lines_.arrive(event.subject, event.detail);
      return settle_lines();
    case Event::Kind::line_close:
      return lines_.close(event.subject);
    case Event::Kind::undelivered:
      return tell_undelivered(event.subject);
    case Event::Kind::call_begin:
      return begin_call(event.subject);
    case Event::Kind::agent:
      return agents_[event.subject].act(event.detail);
    case Event::Kind::audit:
      wire_.audit();
      ledger_.audit();
      return queue_.plan(Duration::seconds(1), Event::Kind::audit);
    case Event::Kind::operation:
      return operate();
    case Event::Kind::heal:
      trace_.remark(queue_.now(), nobody, "the network heals, nothing new begins");
      return network_.heal();
    case Event::Kind::settled:
      return check_settled();
    case Event::Kind::hang_up:
      return hang_up_peers();
    case Event::Kind::abandoned:
      return hang_up_by_command(true);
    case Event::Kind::end:
      has_ended_ = true;
      wire_.finish();
      ledger_.finish(wire_, dialogs_);
      return ledger_.expect_clean();
  }
}

void World::arrive(uint32_t parcel_id) {
  // A copy, since what is sent because of it may need its place.
  const Parcel parcel = network_.parcel(parcel_id);
  network_.forget(parcel_id);
  if (parcel.is_to_box) return arrive_at_box(parcel);
  arrive_at_peer(parcel);
}

// What came whole to an end of a line, and what is lost with one.
void World::settle_lines() {
  for (const Parcel& parcel : lines_.take_arrived()) {
    parcel.is_to_box ? arrive_at_box(parcel) : arrive_at_peer(parcel);
  }
  for (const Parcel& parcel : lines_.take_lost()) {
    Text text;
    static_cast<void>(text.read(parcel.octets));
    Agent* agent = parcel.is_to_box ? &agents_[parcel.sender] : agent_of(text.call_id);
    const uint32_t call = agent == nullptr ? nobody : agent->call();
    trace_.remark(queue_.now(), call, std::string("lost with its line: ").append(text.method));
    if (agent != nullptr) agent->on_loss(parcel);
  }
}

void World::tell_undelivered(uint32_t index) {
  const stream::Unanswered::Request& one = lines_.undelivered(index);
  wire_.begin_step(one);
  box_.engine(one.worker).on_undelivered(one.method, one.branch, queue_.now());
  finish_step(one.worker);
}

void World::arrive_at_box(const Parcel& parcel) {
  Text text;
  static_cast<void>(text.read(parcel.octets));
  const Agent& sender = agents_[parcel.sender];
  const bool is_calling = sender.role() == Agent::Role::calling;
  trace_.message({queue_.now(), Trace::Way::to_box, sender.call(), is_calling}, parcel, text);
  cause_ = &parcel;
  wire_.begin_step(parcel, text, sender.call());
  finish_step(box_.receive(parcel, queue_.now()));
  cause_ = nullptr;
}

// What the step wants sent goes out, and its records are read; so of what it told other workers.
void World::finish_step(unsigned worker) {
  finish_worker(worker);
  for (unsigned other = 0; other < box_.workers(); ++other) {
    if (!box_.engine(other).take_post(queue_.now())) continue;
    finish_worker(other);
    other = ~0u;  // that may have told any other one
  }
  wire_.end_step();
}

void World::finish_worker(unsigned worker) {
  engine::Engine& engine = box_.engine(worker);
  for (const transaction::Send& one : engine.outbox().sends()) {
    send(worker, one, engine.octets(one.datagram));
  }
  engine.clear_outbox();
  take_records(worker);
  due_[worker] = engine.next_due();
  if (due_[worker].is_set()) due_[worker] = std::max(due_[worker], queue_.now() + tick);
}

void World::send(unsigned worker, const transaction::Send& send, std::string_view octets) {
  Text text;
  const std::string_view unread = text.read(octets);
  const std::string_view complaint = unread.empty() ? complaint_of(text) : unread;
  const WireRules::Leg leg = leg_of(text);
  Parcel parcel;
  parcel.octets = octets;
  parcel.box = send.path.local;
  parcel.peer = send.path.remote;
  parcel.trunk = contract::index_of(send.trunk);
  trace_.message({queue_.now(), Trace::Way::from_box, leg.call, leg.is_calling}, parcel, text);
  wire_.on_sent(send, text, complaint, leg);
  if (failure_.is_set()) return;
  const bool is_attempt = text.is_request() && text.method == "INVITE" && text.to_tag.empty();
  if (is_attempt && !send.is_again) ledger_.on_next_attempt(leg.call);
  // What is sent again gives no port away: a re-INVITE that nobody answers outlives its call.
  const bool has_sdp = !text.body.empty() && text.field("Content-Type") == "application/sdp";
  if (has_sdp && !send.is_again) ledger_.on_sent_sdp(text, parcel.trunk, leg.call);
  parcel.transport = send.path.transport;
  if (!send.path.is_reliable()) return network_.carry(parcel);
  lines_.send_from_box(parcel, send.path, static_cast<contract::WorkerIndex>(worker));
}

void World::take_records(unsigned worker) {
  contract::RecordRing records = box_.region().records(static_cast<contract::WorkerIndex>(worker));
  for (contract::CallRecord record; records.pop(record);) {
    const Agent* agent = agent_of(record.call_id_in.view());
    answered_ += record.answered_unix_ns != 0 ? 1 : 0;
    const uint32_t call = agent == nullptr ? nobody : agent->call();
    std::string remark = "record: end ";
    append(remark, static_cast<uint64_t>(record.end));
    remark += ", status ";
    append(remark, record.status_code);
    trace_.remark(queue_.now(), call, remark);
    ledger_.on_record(record, call);
  }
}

void World::arrive_at_peer(const Parcel& parcel) {
  Text text;
  const std::string_view complaint = text.read(parcel.octets);
  Agent* agent = agent_of(text.call_id);
  const uint32_t call = agent == nullptr ? nobody : agent->call();
  const bool is_calling = agent != nullptr && agent->role() == Agent::Role::calling;
  trace_.message({queue_.now(), Trace::Way::to_peer, call, is_calling}, parcel, text);
  if (parcel.is_cut || !complaint.empty()) return;
  const bool is_new = agent == nullptr && text.method == "INVITE" && text.is_request();
  if (is_new) {
    const uint32_t number = call_of_number(user_of(text.uri));
    if (number == nobody) return failure_.report("an INVITE to nobody", nobody, parcel.octets);
    agent = &add_agent(number, parcel.trunk, Agent::Role::called, 10 + number % 240);
    agent_ids_[std::string(text.call_id)] = static_cast<uint32_t>(agents_.size() - 1);
  }
  if (agent != nullptr) agent->receive(text, {parcel.peer, parcel.line});
}

Agent* World::agent_of(std::string_view call_id) {
  const auto found = agent_ids_.find(call_id);
  return found == agent_ids_.end() ? nullptr : &agents_[found->second];
}

// Whose message it is: by its Call-ID; an INVITE that begins a dialog by its number; what answers a
// message with a false Call-ID by who sent that.
WireRules::Leg World::leg_of(const Text& text) {
  if (const Agent* agent = agent_of(text.call_id)) {
    return {agent->call(), agent->role() == Agent::Role::calling};
  }
  const bool is_invite = text.is_request() && (text.method == "INVITE" || text.method == "CANCEL");
  if (is_invite) return {call_of_number(user_of(text.uri)), false};
  if (cause_ == nullptr) return {};
  const Agent& sender = agents_[cause_->sender];
  return {sender.call(), sender.role() == Agent::Role::calling};
}

uint32_t World::call_of_number(std::string_view called) const {
  if (called.size() < 3) return nobody;
  const uint32_t call = number(called.substr(2));
  return call < calls_.size() ? call : nobody;
}

}  // namespace demarc::sim
