// Upkeep: what keeps trunks alive: the health of every target and every registration of ours, on
// one thread that also carries their requests to the dataplane.
//
// Every public function may be called by any thread. Health is that of a way to a target: a trunk
// that moves to another address, port or transport of ours knows nothing yet of its targets.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "controlplane/events/events.h"
#include "controlplane/health/peer_probes.h"
#include "controlplane/link/attachment.h"
#include "controlplane/runtime/wakeup.h"
#include "controlplane/upkeep/courier.h"
#include "controlplane/upkeep/due.h"
#include "controlplane/upkeep/identities.h"
#include "controlplane/upkeep/plan.h"

namespace demarc::upkeep {

// For people. Times are seconds from now.
struct TargetState {
  std::string trunk;
  contract::Endpoint endpoint;
  health::State health = health::State::unknown;
  health::Counts counts;
  uint16_t last_status = 0;
  uint64_t round_trip_us = 0;
  uint64_t since_s = 0;
  bool is_probed = false;
  uint64_t next_probe_s = 0;
  std::string_view reason;  // a constant; empty: nothing speaks against it
};

struct RegistrationState {
  std::string trunk;
  std::string aor;
  registration::View view;
  uint64_t expires_s = 0;            // left; 0: not registered
  uint64_t next_s = 0;               // until something is done
  contract::Endpoint registered_at;  // the target that holds it; port 0: none does
};

// Both are sorted by trunk.
struct State {
  std::vector<TargetState> targets;
  std::vector<RegistrationState> registrations;
};

// Those of one trunk.
std::span<const TargetState> targets_of(const State& state, std::string_view trunk);

class Upkeep {
 public:
  using Attachment = std::function<std::shared_ptr<link::Attachment>()>;

  // `changed` is called on this thread when the Service-Route of a registration became another,
  // when it moved so that calls go elsewhere, or when what registered with us is another.
  // `registrar` answers peers that register; it and `events` must outlive this.
  Upkeep(const std::string& state_directory, events::Events& events, Attachment attachment,
         std::function<void()> changed, registrar::Registrar* registrar = nullptr);
  ~Upkeep();

  void start();
  // Registrations stay: the dataplane goes on.
  void stop();
  // The dataplane has taken the configuration that this was made with.
  void adopt(Plan plan);
  // Takes the registrations of trunks away that are not in `stays`, and waits for that a moment.
  void leave(const config::Config& stays);

  contract::TargetHealth health_of(const std::string& trunk,
                                   const contract::Endpoint& endpoint) const;
  // As a Route value; empty: none.
  std::string service_route(const std::string& trunk) const;
  // The target that holds the trunk's registration; port 0: none does.
  contract::Endpoint registered_at(const std::string& trunk) const;
  // False when the trunk has no registration.
  bool refresh(const std::string& trunk);
  State state() const;

 private:
  // Of a trunk and a target there is one at a time.
  struct Key {
    std::string trunk;
    contract::Endpoint target;
    Way way;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Watched {
    health::Monitor monitor;
    TrunkPlan* trunk = nullptr;  // of plan_
    link::TargetPlan target;
    const Key* key = nullptr;  // its own, in watched_
    uint64_t due_ms = 0;       // its place in probes_due_
  };
  struct Peer {
    health::PeerProbes probes;
    const TrunkPlan* trunk = nullptr;  // of plan_
    bool is_missing = false;           // as its targets were told
  };
  struct Account : std::enable_shared_from_this<Account> {
    std::unique_ptr<registration::Agent> agent;
    std::string trunk;
    contract::TrunkId id = contract::TrunkId::none;
    Way way;
    contract::Endpoint bound;  // the target that holds the registration; port 0: none
    std::string service_route;
    registration::State shown = registration::State::off;
    std::string noted;    // what its last event was about: state and answer
    uint64_t due_ms = 0;  // its place in accounts_due_
  };

  // Whichever way it is reached.
  template <class Map>
  static auto find(Map& watched, const std::string& trunk, const contract::Endpoint& target) {
    const auto found = watched.lower_bound({trunk, target, {}});
    const bool is_it =
        found != watched.end() && found->first.trunk == trunk && found->first.target == target;
    return is_it ? found : watched.end();
  }
  void run();
  void take_plan(uint64_t now_ms);
  void take_targets(uint64_t now_ms);
  void take_accounts(uint64_t now_ms);
  void order_targets(Account& account, const TrunkPlan& trunk);
  void return_to_better(Account& account, const TrunkPlan& trunk, uint64_t now_ms);
  // Where a target stands: those that are not down first, then by priority.
  using Rank = std::pair<bool, uint16_t>;
  struct Place {
    Rank rank;
    uint16_t weight = 0;
    contract::Endpoint endpoint;
  };
  Place place_of(const TrunkPlan& trunk, const link::TargetPlan& target) const;
  static std::vector<Place>::iterator chosen(std::vector<Place>::iterator begin,
                                             std::vector<Place>::iterator end, uint64_t random);
  void note_bound(Account& account, const contract::Endpoint& bound);
  void check_priorities(const Account& account, const TrunkPlan& trunk);
  void serve_registrar(uint64_t now_ms);
  void read_signs(uint64_t now_ms);
  void take_peers(uint64_t now_ms);
  void read_peers(const contract::Region& region, uint64_t now_ms);
  void tell_targets(Peer& peer, bool is_missing, uint64_t now_ms);
  void probe(uint64_t now_ms);
  void schedule(Watched& watched, uint64_t now_ms);
  void send_probe(const Key& key, Watched& watched, uint64_t now_ms);
  void write_health(const Key& key, Watched& watched);
  void write_row(Watched& watched);
  void register_due(uint64_t now_ms);
  void schedule(Account& account, uint64_t now_ms);
  void schedule_accounts(uint64_t now_ms);
  void run_agent(Account& account, uint64_t now_ms);
  void note_fault(const Key& key, contract::StreamFault fault, uint64_t now_ms);
  void note_account(Account& account, uint64_t now_ms);
  uint64_t random();

  events::Events& events_;
  const Attachment attachment_;
  const std::function<void()> changed_;
  registrar::Registrar* const registrar_;
  runtime::Wakeup wakeup_;
  std::thread thread_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable left_;
  bool is_stopping_ = false;
  bool has_new_plan_ = false;
  bool has_new_route_ = false;
  Plan new_plan_;
  Plan plan_;
  Courier courier_;
  Identities identities_;
  std::map<Key, Watched> watched_;
  std::map<std::string, Peer> peers_;  // by trunk, where somebody minds whether they probe us
  std::map<std::string, std::shared_ptr<Account>> accounts_;
  std::vector<std::shared_ptr<Account>> leaving_;
  Due<Watched> probes_due_;
  Due<Account> accounts_due_;
  uint64_t seen_bindings_ = 0;  // version of what registered with us
  uint64_t next_signs_ms_ = 0;
  std::random_device device_;
};

}  // namespace demarc::upkeep
