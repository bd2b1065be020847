#include <algorithm>

#include "tests/sim/world.h"

namespace demarc::sim {

using contract::CallPhase;
using contract::Command;
using contract::DirectoryRow;
using contract::Duration;

void World::plan_run() {
  const auto heal_ms = static_cast<uint32_t>(Options::heal_at.ns / 1'000'000);
  calls_.resize(options_.calls);
  dialogs_.are_used = options_.has_attended;
  dialogs_.of_trunk.resize(options_.trunks);
  for (uint32_t i = 0; i < options_.calls; ++i) {
    Call& call = calls_[i];
    call.from = static_cast<uint16_t>(random_.below(options_.trunks));
    call.to = static_cast<uint16_t>((call.from + 1 + random_.below(options_.trunks - 1u)) %
                                    options_.trunks);
    queue_.plan(random_.milliseconds(10, heal_ms - 10'000), Event::Kind::call_begin, i);
  }
  if (options_.has_operator) {
    for (unsigned i = 0; i < 20; ++i) {
      queue_.plan(random_.milliseconds(1000, heal_ms), Event::Kind::operation);
    }
  }
  queue_.plan(Duration::seconds(1), Event::Kind::audit);
  queue_.plan(Options::heal_at, Event::Kind::heal);
  const Duration settled = Options::heal_at + options_.settle_time();
  queue_.plan(settled, Event::Kind::settled);
  queue_.plan(settled + Duration::milliseconds(1), Event::Kind::hang_up);
  queue_.plan(settled + Duration::seconds(40), Event::Kind::abandoned);
  queue_.plan(Options::end_at, Event::Kind::end);
}

void World::begin_call(uint32_t index) {
  Agent& agent = add_agent(index, calls_[index].from, Agent::Role::calling, 10 + index % 240);
  agent_ids_[agent.call_id()] = static_cast<uint32_t>(agents_.size() - 1);
  calls_[index].caller = static_cast<uint32_t>(agents_.size() - 1);
  agent.begin();
}

Agent& World::add_agent(uint32_t call, uint16_t trunk, Agent::Role role, uint32_t octet) {
  Agent::Setup setup;
  setup.id = static_cast<uint32_t>(agents_.size());
  setup.call = call;
  setup.trunk = trunk;
  setup.role = role;
  setup.address = network_of(trunk) + std::to_string(octet);
  setup.box_address = box_address(trunk);
  setup.transport = options_.transport_of(trunk);
  setup.called += '+';
  append(setup.called, calls_[call].to);
  append(setup.called, call);
  setup.random_seed = random_.next();
  setup.plays = options_.plays;
  setup.character = draw_character(draw_kind(options_, random_), random_);
  calls_[call].has_lies |= setup.character.kind == Kind::lying;
  if (calls_[call].has_lies) dialogs_.lying.insert(call);
  trace_.remark(queue_.now(), call,
                std::string(role == Agent::Role::calling ? "caller: " : "called: ")
                    .append(spelling(setup.character.kind)));
  return agents_.emplace_back(setup, Surroundings{queue_, network_, lines_, dialogs_, tally_});
}

void World::operate() {
  if (network_.is_healed()) return;
  if (is_draining_ || random_.chance(200)) {
    is_draining_ = !is_draining_;
    Command command;
    command.kind = is_draining_ ? Command::Kind::drain : Command::Kind::undrain;
    trace_.remark(queue_.now(), nobody, is_draining_ ? "drain" : "undrain");
    for (unsigned worker = 0; worker < box_.workers(); ++worker) {
      wire_.begin_step();
      box_.command(worker, command, queue_.now());
      finish_step(worker);
    }
    if (is_draining_) queue_.plan(random_.milliseconds(100, 9000), Event::Kind::operation);
    return;
  }
  if (random_.chance(500)) return hang_up_by_command(false);
  trace_.remark(queue_.now(), nobody, "a new generation of the configuration");
  box_.adopt(queue_.now());
}

void World::hang_up_by_command(bool is_every_call) {
  const std::vector<DirectoryRow> rows = ledger_.rows();
  const size_t chosen = rows.empty() ? 0 : random_.below(static_cast<uint32_t>(rows.size()));
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!is_every_call && i != chosen) continue;
    const DirectoryRow& row = rows[i];
    const Agent* caller = agent_of(row.text(contract::RowText::call_id_in));
    const Agent* called = agent_of(row.text(contract::RowText::call_id_out));
    const bool has_peer =
        (caller != nullptr && caller->is_sound()) || (called != nullptr && called->is_sound());
    const bool is_excused = options_.faults.has_outages || options_.is_tight ||
                            (caller != nullptr && calls_[caller->call()].has_lies);
    if (is_every_call && has_peer && !is_excused) {
      return failure_.report("a call is left although its peer hung up",
                             caller == nullptr ? nobody : caller->call());
    }
    // The slot is not in the row; every slot whose serial matches is this call.
    for (uint32_t slot = 0; slot < options_.call_capacity; ++slot) {
      DirectoryRow other;
      static_cast<void>(box_.region().directory(row.worker, contract::CallSlot{slot}).load(other));
      if (other.phase == CallPhase::none || other.serial != row.serial) continue;
      trace_.remark(queue_.now(), caller == nullptr ? nobody : caller->call(), "hang-up command");
      Command command;
      command.kind = Command::Kind::hang_up;
      command.slot = contract::CallSlot{slot};
      command.serial = row.serial;
      wire_.begin_step();
      box_.command(row.worker, command, queue_.now());
      finish_step(row.worker);
      break;
    }
  }
}

// Some time after the network has healed: what was begun is over, or up on both legs.
void World::check_settled() {
  const std::vector<DirectoryRow> rows = ledger_.rows();
  for (const DirectoryRow& row : rows) check_row(row);
  for (const Agent& agent : agents_) check_agent(agent, rows);
  // A slow peer may have begun something of its own lately.
  const bool is_quiet = queue_.now() - wire_.last_begun() > Options::timer_64_t1 * 2;
  for (unsigned worker = 0; worker < box_.workers() && is_quiet; ++worker) {
    if (box_.engine(worker).live_transactions() != 0) {
      failure_.report("transactions are left long after the last request", nobody);
    }
  }
}

void World::check_row(const DirectoryRow& row) {
  const Agent* caller = agent_of(row.text(contract::RowText::call_id_in));
  const Agent* called = agent_of(row.text(contract::RowText::call_id_out));
  const uint32_t call = caller == nullptr ? nobody : caller->call();
  if (row.phase != CallPhase::answered) {
    return failure_.report("a call is neither over nor confirmed", call);
  }
  if (caller == nullptr || called == nullptr) {
    std::string ids(row.text(contract::RowText::call_id_in));
    ids.append(" and ").append(row.text(contract::RowText::call_id_out));
    return failure_.report("a confirmed call without two peers", call, ids);
  }
  if (calls_[call].has_lies || options_.faults.has_outages || options_.is_tight) return;
  for (const Agent* peer : {caller, called}) {
    if (peer->is_sound() && peer->phase() == Agent::Phase::ended) {
      failure_.report("a call is up although one of its peers has left it", call);
    }
  }
}

void World::check_agent(const Agent& agent, const std::vector<DirectoryRow>& rows) {
  const bool is_excused = !agent.is_sound() || calls_[agent.call()].has_lies ||
                          options_.faults.has_outages || options_.is_tight;
  if (is_excused || agent.phase() == Agent::Phase::ended) return;
  const bool is_calling = agent.role() == Agent::Role::calling;
  if (agent.phase() != Agent::Phase::confirmed) {
    if (is_calling) failure_.report("a caller still waits for its answer", agent.call());
    return;
  }
  // A transfer may have put either of them on the other side.
  const bool is_known = std::any_of(rows.begin(), rows.end(), [&](const DirectoryRow& row) {
    return row.text(contract::RowText::call_id_in) == agent.call_id() ||
           row.text(contract::RowText::call_id_out) == agent.call_id();
  });
  if (!is_known) failure_.report("a peer is in a call that the box has forgotten", agent.call());
}

void World::hang_up_peers() {
  trace_.remark(queue_.now(), nobody, "every peer hangs up");
  for (Agent& agent : agents_) agent.hang_up();
}

}  // namespace demarc::sim
