#include "controlplane/upkeep/upkeep.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "controlplane/link/targets.h"
#include "controlplane/runtime/log.h"
#include "controlplane/runtime/wall_clock.h"
#include "controlplane/upkeep/clock.h"
#include "sip-parser/parse.h"
#include "sip-parser/retry_after.h"

namespace demarc::upkeep {
namespace {

using contract::OutsideEvent;
using runtime::Level;

constexpr int turn_ms = 20;
constexpr uint64_t signs_every_ms = 500;
constexpr std::chrono::seconds leave_patience{3};

uint64_t seconds_to(uint64_t then_ms, uint64_t now_ms) {
  return then_ms > now_ms ? (then_ms - now_ms + 999) / 1000 : 0;
}

// Of a 503.
uint32_t retry_after_of(const OutsideEvent& event) {
  std::string text(event.text());
  const size_t size = text.size();
  text.append(sip::padding_octets, '\0');
  sip::Message message;
  if (!sip::parse(std::string_view(text).substr(0, size), message)) return 0;
  const auto retry = sip::parse_retry_after(message.value(sip::HeaderName::retry_after), text);
  return retry ? retry->delay_s : 0;
}

contract::TargetHealth row_health(health::State state) {
  switch (state) {
    case health::State::up:
      return contract::TargetHealth::up;
    case health::State::down:
    case health::State::recovering:
      return contract::TargetHealth::down;
    case health::State::unknown:
      break;
  }
  return contract::TargetHealth::unknown;
}

registrar::Times times_of(uint64_t now_ms) {
  return {now_ms, runtime::now_unix_ns() / 1'000'000};
}

events::Kind event_of(health::State state) {
  switch (state) {
    case health::State::up:
      return events::Kind::target_up;
    case health::State::down:
      return events::Kind::target_down;
    case health::State::recovering:
      return events::Kind::target_recovering;
    case health::State::unknown:
      break;
  }
  return events::Kind::target_unproven;
}

}  // namespace

std::span<const TargetState> targets_of(const State& state, std::string_view trunk) {
  const auto begin = std::lower_bound(
      state.targets.begin(), state.targets.end(), trunk,
      [](const TargetState& row, std::string_view wanted) { return row.trunk < wanted; });
  auto end = begin;
  while (end != state.targets.end() && end->trunk == trunk) ++end;
  return {begin, end};
}

Upkeep::Upkeep(const std::string& state_directory, events::Events& events, Attachment attachment,
               std::function<void()> changed, registrar::Registrar* registrar)
    : events_(events),
      attachment_(std::move(attachment)),
      changed_(std::move(changed)),
      registrar_(registrar),
      identities_(state_directory + "/registrations.json") {}

Upkeep::~Upkeep() {
  stop();
}

void Upkeep::start() {
  thread_ = std::thread([this] { run(); });
}

void Upkeep::stop() {
  {
    const std::lock_guard guard(mutex_);
    is_stopping_ = true;
  }
  wakeup_.wake();
  if (thread_.joinable()) thread_.join();
}

void Upkeep::adopt(Plan plan) {
  const std::lock_guard guard(mutex_);
  new_plan_ = std::move(plan);
  has_new_plan_ = true;
  wakeup_.wake();
}

void Upkeep::leave(const config::Config& stays) {
  std::unique_lock lock(mutex_);
  const uint64_t now_ms = clock_ms();
  for (auto row = accounts_.begin(); row != accounts_.end();) {
    const config::Trunk* trunk = config::find_block(stays.trunks, row->first);
    const TrunkPlan* planned = config::find_block(plan_, row->first);
    const bool is_left = trunk == nullptr || !trunk->is_registered();
    const bool is_taken_away = planned != nullptr && planned->is_taken_away;
    if (!is_left || !is_taken_away) {
      ++row;
      continue;
    }
    row->second->agent->withdraw(now_ms);
    leaving_.push_back(row->second);
    row = accounts_.erase(row);
  }
  schedule_accounts(now_ms);
  if (leaving_.empty()) return;
  wakeup_.wake();
  left_.wait_for(lock, leave_patience, [this] { return leaving_.empty() || is_stopping_; });
}

contract::TargetHealth Upkeep::health_of(const std::string& trunk,
                                         const contract::Endpoint& endpoint) const {
  const std::lock_guard guard(mutex_);
  const auto found = find(watched_, trunk, endpoint);
  return found == watched_.end() ? contract::TargetHealth::unknown
                                 : row_health(found->second.monitor.state());
}

std::string Upkeep::service_route(const std::string& trunk) const {
  const std::lock_guard guard(mutex_);
  const auto found = accounts_.find(trunk);
  return found == accounts_.end() ? std::string() : found->second->service_route;
}

contract::Endpoint Upkeep::registered_at(const std::string& trunk) const {
  const std::lock_guard guard(mutex_);
  const auto found = accounts_.find(trunk);
  return found == accounts_.end() ? contract::Endpoint() : found->second->bound;
}

bool Upkeep::refresh(const std::string& trunk) {
  const std::lock_guard guard(mutex_);
  const auto found = accounts_.find(trunk);
  if (found == accounts_.end()) return false;
  const uint64_t now_ms = clock_ms();
  found->second->agent->refresh(now_ms);
  schedule(*found->second, now_ms);
  wakeup_.wake();
  return true;
}

State Upkeep::state() const {
  const std::lock_guard guard(mutex_);
  const uint64_t now_ms = clock_ms();
  State state;
  for (const auto& [key, watched] : watched_) {
    const health::Monitor& monitor = watched.monitor;
    state.targets.push_back({key.trunk, key.target, monitor.state(), monitor.counts(),
                             monitor.last_status(), monitor.round_trip_us(),
                             (now_ms - std::min(monitor.since_ms(), now_ms)) / 1000,
                             watched.trunk->probe.interval_ms != 0,
                             seconds_to(monitor.next_probe_ms(), now_ms), monitor.reason()});
  }
  for (const auto& [trunk, account] : accounts_) {
    const registration::View view = account->agent->view(now_ms);
    state.registrations.push_back({trunk, account->agent->settings().aor, view,
                                   seconds_to(view.expires_ms, now_ms),
                                   seconds_to(view.next_ms, now_ms), account->bound});
  }
  return state;
}

void Upkeep::run() {
  for (;;) {
    bool has_new_route = false;
    {
      const std::lock_guard guard(mutex_);
      if (is_stopping_) return;
      const uint64_t now_ms = clock_ms();
      courier_.attach(attachment_());
      if (std::exchange(has_new_plan_, false)) take_plan(now_ms);
      serve_registrar(now_ms);
      read_signs(now_ms);
      probe(now_ms);
      register_due(now_ms);
      has_new_route = std::exchange(has_new_route_, false);
    }
    if (has_new_route) changed_();
    runtime::wait_for(-1, wakeup_, turn_ms);
    wakeup_.clear();
  }
}

// Takes what came in, REGISTERs of peers among it, and sends the answers that are ready.
void Upkeep::serve_registrar(uint64_t now_ms) {
  if (registrar_ == nullptr) return courier_.collect(now_ms);
  const registrar::Times times = times_of(now_ms);
  courier_.collect(now_ms, [&](const OutsideEvent& event) {
    registrar_->take({event.request_id, event.worker, event.trunk, event.source, event.text()},
                     times);
  });
  registrar_->tick(times);
  for (const registrar::Answer& answer : registrar_->take_answers(times)) {
    if (courier_.answer(answer)) continue;
    runtime::log(Level::warning, "upkeep", "the answer to a REGISTER could not be handed over");
  }
  const uint64_t version = registrar_->version();
  if (version != seen_bindings_) has_new_route_ = true;
  seen_bindings_ = version;
}

void Upkeep::take_plan(uint64_t now_ms) {
  plan_ = std::exchange(new_plan_, {});
  take_targets(now_ms);
  take_accounts(now_ms);
}

// What is known of a target is kept while it is reached the same way.
void Upkeep::take_targets(uint64_t now_ms) {
  std::map<Key, Watched> before = std::exchange(watched_, {});
  for (TrunkPlan& trunk : plan_) {
    for (const link::TargetPlan& target : trunk.targets) {
      const Key key{trunk.name, target.target.endpoint, trunk.way};
      const auto known = before.find(key);
      if (known != before.end()) {
        known->second.monitor.change(trunk.probe, now_ms);
        if (known->second.target.id != target.id) known->second.monitor.forget_signs();
        known->second.trunk = &trunk;
        known->second.target = target;
        watched_.insert(before.extract(known));
        continue;
      }
      const uint64_t delay_ms =
          trunk.probe.interval_ms == 0 ? 0 : random() % std::min(trunk.probe.interval_ms, 5'000u);
      const auto row = watched_.emplace(
          key, Watched{health::Monitor(trunk.probe, now_ms, delay_ms), &trunk, target});
      // What the table says was learnt another way.
      if (find(before, trunk.name, key.target) != before.end()) write_row(row.first->second);
    }
  }
  take_peers(now_ms);
  probes_due_.clear();
  for (auto& [key, watched] : watched_) {
    watched.key = &key;
    watched.due_ms = 0;
    schedule(watched, now_ms);
  }
}

void Upkeep::read_signs(uint64_t now_ms) {
  if (now_ms < next_signs_ms_) return;
  next_signs_ms_ = now_ms + signs_every_ms;
  const std::shared_ptr<link::Attachment>& attachment = courier_.attachment();
  if (attachment == nullptr) return;
  const contract::Region& region = attachment->region();
  read_peers(region, now_ms);
  for (auto& [key, watched] : watched_) {
    if (contract::index_of(watched.target.id) >= region.sizes().target_capacity) continue;
    health::Signs all;
    for (unsigned worker = 0; worker < region.workers(); ++worker) {
      const contract::TargetSigns& signs =
          region.target_signs(static_cast<contract::WorkerIndex>(worker), watched.target.id);
      all.answered += signs.answered.load(std::memory_order_relaxed);
      all.unanswered += signs.unanswered.load(std::memory_order_relaxed);
      all.unavailable += signs.unavailable.load(std::memory_order_relaxed);
      const uint64_t refused = signs.refused.load(std::memory_order_relaxed);
      if (refused != 0) all.fault = signs.fault.load(std::memory_order_relaxed);
      all.refused += refused;
      all.retry_after_s =
          std::max(all.retry_after_s, signs.retry_after_s.load(std::memory_order_relaxed));
    }
    const health::State before = watched.monitor.state();
    watched.monitor.on_signs(all, now_ms);
    watched.monitor.tick(now_ms);
    if (watched.monitor.state() != before) write_health(key, watched);
    schedule(watched, now_ms);
  }
}

// What is known of a peer that stays is kept.
void Upkeep::take_peers(uint64_t now_ms) {
  std::map<std::string, Peer> before = std::exchange(peers_, {});
  for (const TrunkPlan& trunk : plan_) {
    const bool is_minded = trunk.peer_probe_interval_ms != 0;
    auto known = before.extract(trunk.name);
    if (!is_minded && known.empty()) continue;
    Peer& peer = peers_[trunk.name];
    if (!known.empty()) peer = known.mapped();
    peer.trunk = &trunk;
    const bool is_changed = peer.probes.set_interval(trunk.peer_probe_interval_ms, now_ms);
    // Some of its targets may be new. Whether it is missing is judged by counts that are read.
    tell_targets(peer, peer.is_missing && !is_changed, now_ms);
    if (!is_minded) peers_.erase(trunk.name);
  }
}

void Upkeep::read_peers(const contract::Region& region, uint64_t now_ms) {
  using contract::TrunkCounter;
  for (auto& [name, peer] : peers_) {
    if (contract::index_of(peer.trunk->id) >= region.sizes().trunk_capacity) continue;
    uint64_t options = 0;
    uint64_t calls = 0;
    for (unsigned i = 0; i < region.workers(); ++i) {
      const contract::TrunkCounters& counters =
          region.trunk_counters(static_cast<contract::WorkerIndex>(i), peer.trunk->id);
      options += counters.get(TrunkCounter::options_in);
      calls += counters.get(TrunkCounter::attempts_in);
    }
    peer.probes.on_counts(options, calls, now_ms);
    const bool is_missing = peer.probes.is_missing(now_ms);
    if (is_missing != peer.is_missing) tell_targets(peer, is_missing, now_ms);
  }
}

void Upkeep::tell_targets(Peer& peer, bool is_missing, uint64_t now_ms) {
  peer.is_missing = is_missing;
  std::vector<std::map<Key, Watched>::iterator> changed;
  auto row = watched_.lower_bound(Key{peer.trunk->name, {}, {}});
  for (; row != watched_.end() && row->first.trunk == peer.trunk->name; ++row) {
    health::Monitor& monitor = row->second.monitor;
    const health::State before = monitor.state();
    monitor.set_peer_missing(peer.is_missing, now_ms);
    if (monitor.state() != before) changed.push_back(row);
  }
  // Once all are told: a registration must not move from one to another that has the same fate.
  for (const auto& told : changed) write_health(told->first, told->second);
}

void Upkeep::probe(uint64_t now_ms) {
  while (Watched* watched = probes_due_.take(now_ms)) {
    if (watched->monitor.take_probe(now_ms)) send_probe(*watched->key, *watched, now_ms);
    schedule(*watched, now_ms);
  }
}

// One that is due and can not be probed yet, since the answer to the last probe is awaited, is
// looked at again in the next turn.
void Upkeep::schedule(Watched& watched, uint64_t now_ms) {
  const uint64_t next_ms = watched.monitor.next_probe_ms();
  if (next_ms != 0) probes_due_.add(watched, std::max(next_ms, now_ms + 1));
}

void Upkeep::send_probe(const Key& key, Watched& watched, uint64_t now_ms) {
  const TrunkPlan& trunk = *watched.trunk;
  const std::string& host = trunk.contact_host.empty() ? trunk.advertised : trunk.contact_host;
  const std::string& from = trunk.from_domain.empty() ? host : trunk.from_domain;
  const std::string peer_uri = trunk.peer_uri.empty()
                                   ? "sip:" + std::string(contract::print(key.target).view())
                                   : trunk.peer_uri;
  const std::string fields = "From: <sip:" + from + ">;tag=" + std::to_string(random()) +
                             "\r\nTo: <" + peer_uri + ">\r\nContact: <sip:" + host +
                             trunk.contact_params + ">\r\nAccept: application/sdp\r\n";
  const std::string call_id = std::to_string(random()) + std::to_string(random());
  const Courier::Letter letter{trunk.id,
                               contract::OutsideMethod::options,
                               key.target,
                               1,
                               trunk.probe.timeout_ms,
                               peer_uri,
                               call_id,
                               fields};
  const auto take = [this, key](const OutsideEvent* event) {
    const auto found = watched_.find(key);
    if (found == watched_.end()) return;
    health::Monitor& monitor = found->second.monitor;
    const health::State before = monitor.state();
    const uint64_t then_ms = clock_ms();
    if (event == nullptr) {
      monitor.on_unsent(then_ms);
    } else if (event->kind == OutsideEvent::Kind::no_response) {
      if (event->fault == contract::StreamFault::none) {
        monitor.on_silence(then_ms);
      } else {
        monitor.on_refused(event->fault, then_ms);
      }
    } else {
      const uint32_t retry_after_s = event->status_code == 503 ? retry_after_of(*event) : 0;
      monitor.on_answer(event->status_code, retry_after_s, event->round_trip_ns / 1000, then_ms);
    }
    if (monitor.state() != before) write_health(key, found->second);
    schedule(found->second, then_ms);
  };
  if (!courier_.send(letter, take, now_ms)) watched.monitor.on_unsent(now_ms);
}

void Upkeep::write_health(const Key& key, Watched& watched) {
  const health::State state = watched.monitor.state();
  const std::string_view reason = watched.monitor.reason();
  const std::string reason_text = reason.empty() ? "" : ": " + std::string(reason);
  events_.note(event_of(state), "upkeep", key.trunk,
               "target " + std::string(contract::print(key.target).view()) + " of trunk " +
                   key.trunk + " is " + std::string(health::spelling(state)) + reason_text);
  write_row(watched);
  const auto account = accounts_.find(key.trunk);
  if (account == accounts_.end()) return;
  const uint64_t now_ms = clock_ms();
  order_targets(*account->second, *watched.trunk);
  // A binding at a target that fell away is made anew elsewhere.
  const registration::View view = account->second->agent->view(now_ms);
  if (state == health::State::down && view.target == contract::print(key.target).view()) {
    account->second->agent->move_on(now_ms);
  }
  if (state == health::State::up) return_to_better(*account->second, *watched.trunk, now_ms);
  schedule(*account->second, now_ms);
}

void Upkeep::write_row(Watched& watched) {
  watched.target.target.health = row_health(watched.monitor.state());
  const std::shared_ptr<link::Attachment>& attachment = courier_.attachment();
  if (attachment == nullptr) return;
  const std::lock_guard writing(attachment->targets());
  static_cast<void>(link::set_health(attachment->region(), watched.target));
}

// What showed beside probes that no connection to the target can be made.
void Upkeep::note_fault(const Key& key, contract::StreamFault fault, uint64_t now_ms) {
  const auto found = watched_.find(key);
  if (found == watched_.end() || fault == contract::StreamFault::none) return;
  const health::State before = found->second.monitor.state();
  found->second.monitor.on_fault(fault, now_ms);
  if (found->second.monitor.state() != before) write_health(key, found->second);
  schedule(found->second, now_ms);
}

uint64_t Upkeep::random() {
  return uint64_t{device_()} << 32 | device_();
}

}  // namespace demarc::upkeep
