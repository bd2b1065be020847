// The registrations of Upkeep: when each is run, and what it tells others.
#include <algorithm>
#include <utility>

#include "controlplane/trunks/facts.h"
#include "controlplane/upkeep/clock.h"
#include "controlplane/upkeep/upkeep.h"

namespace demarc::upkeep {
namespace {

using contract::OutsideEvent;

constexpr uint64_t first_delay_ms = 1'000;  // the first REGISTERs are spread over this

// Of one that is settled.
events::Kind event_of(registration::State state) {
  if (state == registration::State::registered) return events::Kind::registration_gained;
  return state == registration::State::off ? events::Kind::registration_ended
                                           : events::Kind::registration_lost;
}

}  // namespace

// A registration whose settings are the same goes on as it was.
void Upkeep::take_accounts(uint64_t now_ms) {
  std::map<std::string, std::shared_ptr<Account>> before = std::exchange(accounts_, {});
  for (const TrunkPlan& trunk : plan_) {
    if (!trunk.is_registered) continue;
    const auto known = before.find(trunk.name);
    const bool is_same = known != before.end() && known->second->agent->settings() == trunk.account;
    if (is_same) {
      accounts_.insert(before.extract(known));
    } else {
      auto account = std::make_shared<Account>();
      account->trunk = trunk.name;
      account->agent = std::make_unique<registration::Agent>(
          trunk.account, identities_.of(trunk.name, trunk.account.aor), [this] { return random(); },
          first_delay_ms);
      account->agent->begin(now_ms);
      identities_.reserve(trunk.name, trunk.account.aor, account->agent->identity());
      accounts_[trunk.name] = std::move(account);
    }
    accounts_[trunk.name]->id = trunk.id;
    accounts_[trunk.name]->way = trunk.way;
    order_targets(*accounts_[trunk.name], trunk);
    check_priorities(*accounts_[trunk.name], trunk);
  }
  schedule_accounts(now_ms);
  for (auto& [name, account] : before) {
    const TrunkPlan* planned = config::find_block(plan_, name);
    if (planned == nullptr) {
      identities_.forget(name);
      continue;
    }
    // Calls need go there first no more. Where it is made anew, that one sees to it.
    if (!planned->is_registered) has_new_route_ |= account->bound.port != 0;
    if (planned->is_taken_away) {
      // The trunk can still send: the binding of the settings that were is taken away.
      account->agent->withdraw(now_ms);
      leaving_.push_back(account);
    }
  }
  // Once for all of them: the file is as long as there are registrations.
  identities_.flush();
}

// In the order in which calls would try them without a registration: those that are down last, and
// of one priority by chance and weight (RFC 2782), as each call chooses.
void Upkeep::order_targets(Account& account, const TrunkPlan& trunk) {
  std::vector<Place> places;
  for (const link::TargetPlan& target : trunk.targets) places.push_back(place_of(trunk, target));
  std::stable_sort(places.begin(), places.end(),
                   [](const Place& a, const Place& b) { return a.rank < b.rank; });
  std::vector<contract::Endpoint> targets;
  for (auto group = places.begin(); group != places.end(); ++group) {
    const auto is_other = [&](const Place& place) { return place.rank != group->rank; };
    const auto end = std::find_if(group, places.end(), is_other);
    std::iter_swap(group, chosen(group, end, random()));
    targets.push_back(group->endpoint);
  }
  account.agent->set_targets(std::move(targets));
}

// A registration that had to go elsewhere comes back when a target with a better priority is up, or
// when it is to be refreshed and such a target is not known to be down.
void Upkeep::return_to_better(Account& account, const TrunkPlan& trunk, uint64_t now_ms) {
  if (account.bound.port == 0 || trunk.targets.empty()) return;
  Rank best = place_of(trunk, trunk.targets.front()).rank;
  Rank held = {true, UINT16_MAX};
  for (const link::TargetPlan& target : trunk.targets) {
    const Place place = place_of(trunk, target);
    best = std::min(best, place.rank);
    if (place.endpoint == account.bound) held = place.rank;
  }
  if (best < held) account.agent->move_on(now_ms);
}

Upkeep::Place Upkeep::place_of(const TrunkPlan& trunk, const link::TargetPlan& target) const {
  const auto watched = watched_.find({trunk.name, target.target.endpoint, trunk.way});
  const bool is_down =
      watched != watched_.end() && health::is_tried_last(watched->second.monitor.state());
  return {{is_down, target.priority}, target.target.weight, target.target.endpoint};
}

// The first one whose running sum of weights reaches a number from 0 to the sum of all (RFC 2782).
// Without any weights all have the same.
std::vector<Upkeep::Place>::iterator Upkeep::chosen(std::vector<Place>::iterator begin,
                                                    std::vector<Place>::iterator end,
                                                    uint64_t random) {
  uint64_t sum = 0;
  for (auto place = begin; place != end; ++place) sum += place->weight;
  if (sum == 0) return begin + static_cast<ptrdiff_t>(random % static_cast<uint64_t>(end - begin));
  uint64_t left = random % (sum + 1);
  for (auto place = begin; place != end; ++place) {
    if (left <= place->weight) return place;
    left -= place->weight;
  }
  return begin;
}

void Upkeep::register_due(uint64_t now_ms) {
  while (Account* account = accounts_due_.take(now_ms)) {
    run_agent(*account, now_ms);
    schedule(*account, now_ms);
  }
  for (const auto& account : leaving_) run_agent(*account, now_ms);
  const size_t before = leaving_.size();
  std::erase_if(leaving_, [](const auto& account) { return account->agent->is_over(); });
  if (leaving_.size() != before) left_.notify_all();
}

// Those that are leaving are few, and are run in each turn.
void Upkeep::schedule(Account& account, uint64_t now_ms) {
  const auto found = accounts_.find(account.trunk);
  if (found == accounts_.end() || found->second.get() != &account) return;
  const uint64_t next_ms = account.agent->next_ms();
  if (next_ms != 0) accounts_due_.add(account, std::max(next_ms, now_ms + 1));
}

// After some of them ended.
void Upkeep::schedule_accounts(uint64_t now_ms) {
  accounts_due_.clear();
  for (auto& [trunk, account] : accounts_) {
    account->due_ms = 0;
    schedule(*account, now_ms);
  }
}

void Upkeep::run_agent(Account& account, uint64_t now_ms) {
  registration::Agent& agent = *account.agent;
  // Where it left by one refusal or silence, no change of health says that it may come back.
  const bool is_to_refresh =
      agent.state() == registration::State::registered && agent.next_ms() <= now_ms;
  const TrunkPlan* trunk = is_to_refresh ? config::find_block(plan_, account.trunk) : nullptr;
  if (trunk != nullptr) return_to_better(account, *trunk, now_ms);
  agent.tick(now_ms);
  const std::optional<registration::Ask> ask = agent.take_request();
  if (ask) {
    identities_.note(account.trunk, agent.settings().aor, agent.identity());
    const Courier::Letter letter{account.id,   contract::OutsideMethod::register_,
                                 ask->target,  ask->cseq,
                                 ask->wait_ms, ask->uri,
                                 ask->call_id, ask->fields};
    const Key key{account.trunk, ask->target, account.way};
    const auto take = [this, account = account.shared_from_this(), key](const OutsideEvent* event) {
      const uint64_t then_ms = clock_ms();
      if (event == nullptr) {
        account->agent->on_unsent(then_ms);
      } else if (event->kind == OutsideEvent::Kind::no_response) {
        note_fault(key, event->fault, then_ms);
        account->agent->on_silence(then_ms);
      } else {
        account->agent->on_response(event->text(), event->is_cut != 0, then_ms);
      }
      note_account(*account, then_ms);
      schedule(*account, then_ms);
    };
    if (!courier_.send(letter, take, now_ms)) agent.on_unsent(now_ms);
  }
  note_account(account, now_ms);
}

// Notes what changed, and passes a new Service-Route on.
void Upkeep::note_account(Account& account, uint64_t now_ms) {
  const registration::State state = account.agent->state();
  if (state == account.shown) return;
  const bool is_settled = state == registration::State::registered ||
                          state == registration::State::backing_off ||
                          state == registration::State::off;
  const bool was_registered = account.shown == registration::State::registered ||
                              account.shown == registration::State::refreshing;
  account.shown = state;
  if (!is_settled) return;
  const registration::View view = account.agent->view(now_ms);
  const auto target = contract::parse_endpoint(view.target, 0);
  const bool is_bound = state == registration::State::registered && target;
  note_bound(account, is_bound ? *target : contract::Endpoint());
  if (state != registration::State::registered || !was_registered) {
    const std::string text = "registration of trunk " + account.trunk + " is " +
                             std::string(registration::spelling(state)) + ": " + view.target +
                             " said " + view.last_answer;
    // One that fails again as it did before is no news, at whichever target it ends and in whatever
    // words a registrar refuses it.
    const std::string answer =
        view.last_status == 0 ? view.last_answer : std::to_string(view.last_status);
    const std::string about = std::string(registration::spelling(state)) + " " + answer;
    if (about != account.noted) events_.note(event_of(state), "upkeep", account.trunk, text);
    account.noted = about;
  }
  std::string route;
  for (const std::string& value : view.service_route) {
    route += (route.empty() ? "" : ", ") + value;
  }
  if (route == account.service_route) return;
  account.service_route = std::move(route);
  has_new_route_ = true;
}

void Upkeep::note_bound(Account& account, const contract::Endpoint& bound) {
  if (bound == account.bound) return;
  account.bound = bound;
  const auto found = accounts_.find(account.trunk);
  const TrunkPlan* trunk = config::find_block(plan_, account.trunk);
  const bool is_leaving = found == accounts_.end() || found->second.get() != &account;
  if (!is_leaving && trunk != nullptr) check_priorities(account, *trunk);
}

// Calls go first where the registration is. Where they do so anyway, nothing need be published.
void Upkeep::check_priorities(const Account& account, const TrunkPlan& trunk) {
  std::vector<dns::Choice> choices;
  for (const link::TargetPlan& row : trunk.targets) {
    choices.push_back({row.target.endpoint, row.priority, row.target.weight});
  }
  for (size_t i = 0; i < choices.size(); ++i) {
    const uint16_t wanted = trunks::priority_of(choices[i], choices, account.bound);
    has_new_route_ |= trunk.targets[i].target.priority != wanted;
  }
}

}  // namespace demarc::upkeep
