// World: one simulated run: the box, its peers and the network between, in virtual time, from one
// seed. It plays the events in their order and shows each step to the rules; the first broken rule
// ends it.
//
//   world.cc      the loop, steps of the box, messages on their way
//   phases.cc     how a run begins, heals, comes to rest and ends; the operator
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/agent.h"
#include "tests/sim/appliance.h"
#include "tests/sim/dialogs.h"
#include "tests/sim/event_queue.h"
#include "tests/sim/failure.h"
#include "tests/sim/ledger_rules.h"
#include "tests/sim/lines.h"
#include "tests/sim/network.h"
#include "tests/sim/options.h"
#include "tests/sim/random.h"
#include "tests/sim/tally.h"
#include "tests/sim/trace.h"
#include "tests/sim/wire_rules.h"

namespace demarc::sim {

class World {
 public:
  explicit World(const Options& options);

  Trace& trace() { return trace_; }
  // Plays to the end, or to the first broken rule.
  const Failure& run();
  uint64_t records() const { return ledger_.records(); }
  uint32_t answered() const { return answered_; }
  const Lines& lines() const { return lines_; }
  const Tally& tally() const { return tally_; }

 private:
  struct Call {
    uint16_t from = 0;
    uint16_t to = 0;
    uint32_t caller = nobody;  // agent
    bool has_lies = false;     // somebody in it is a liar
  };

  // phases.cc
  void plan_run();
  void begin_call(uint32_t call);
  void operate();
  void hang_up_by_command(bool is_every_call);
  void check_settled();
  void check_row(const contract::DirectoryRow& row);
  void check_agent(const Agent& agent, const std::vector<contract::DirectoryRow>& rows);
  void hang_up_peers();

  // world.cc
  void play(const Event& event);
  void fire_timers(unsigned worker);
  unsigned next_worker() const;
  void arrive(uint32_t parcel_id);
  void settle_lines();
  void tell_undelivered(uint32_t index);
  void arrive_at_box(const Parcel& parcel);
  void arrive_at_peer(const Parcel& parcel);
  void finish_step(unsigned worker);
  void finish_worker(unsigned worker);
  void send(unsigned worker, const transaction::Send& send, std::string_view octets);
  void take_records(unsigned worker);
  Agent* agent_of(std::string_view call_id);
  Agent& add_agent(uint32_t call, uint16_t trunk, Agent::Role role, uint32_t octet);
  uint32_t call_of_number(std::string_view number) const;
  WireRules::Leg leg_of(const Text& text);

  const Options options_;
  Random random_;
  EventQueue queue_;
  Network network_;
  Appliance box_;
  Failure failure_;
  Lines lines_;
  Trace trace_;
  WireRules wire_;
  LedgerRules ledger_;
  Dialogs dialogs_;
  Tally tally_;
  std::array<contract::Instant, contract::max_workers> due_{};
  std::vector<Call> calls_;
  std::deque<Agent> agents_;
  ByText<uint32_t> agent_ids_;  // by Call-ID
  const Parcel* cause_ = nullptr;
  bool is_draining_ = false;
  bool has_ended_ = false;
  uint32_t answered_ = 0;
};

}  // namespace demarc::sim
