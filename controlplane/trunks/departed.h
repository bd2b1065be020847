// Departed: what calls in progress still need of a configuration that was replaced: trunks that
// left it, and listeners that trunks had before they moved to another port or transport. Each stays
// until its trunk has no call any more.
//
// A trunk that left has no route: a new call from it is refused, and none goes to it. Its BYE is
// heard, and its timers and header rules are those that the call began with. A source that was
// taken away from a trunk that stays is taken away at once. Not thread-safe: the service locks.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "controlplane/config/model.h"
#include "dataplane/contract/address.h"

namespace demarc::trunks {

// Where a trunk listened before.
struct FormerListener {
  std::string trunk;
  contract::Endpoint local;
  contract::Transport transport = contract::Transport::udp;
  friend bool operator==(const FormerListener&, const FormerListener&) = default;
};

inline constexpr size_t max_former_listeners = 1024;  // the oldest are forgotten

class Departed {
 public:
  // `after` is in force instead of `before`.
  void note(const config::Config& before, const config::Config& after);
  // Forgets those whose trunk has no call. True when something was forgotten.
  bool forget(const std::function<bool(const std::string& trunk)>& has_calls);

  // `config` and the trunks that left, with the realms, profiles and rules that they need. Those
  // whose realm has another address meanwhile are left out: nothing could reach them.
  config::Config with(const config::Config& config) const;
  const std::vector<FormerListener>& listeners() const { return listeners_; }
  std::set<std::string> names() const;  // of the trunks that left
  bool is_empty() const { return trunks_.empty() && listeners_.empty(); }

 private:
  struct Gone {
    config::Trunk trunk;
    config::Realm realm;
    std::vector<config::Tls> tls;  // one or none
    std::vector<config::HeaderRule> headers;
  };

  void note_gone(const config::Config& before, const config::Trunk& trunk);
  void note_moved(const config::Config& before, const config::Config& after,
                  const config::Trunk& old_trunk, const config::Trunk& new_trunk);

  std::vector<Gone> trunks_;
  std::vector<FormerListener> listeners_;
};

}  // namespace demarc::trunks
