// Registrar: answers the REGISTERs of peers that register with us (RFC 3261 section 10.3), and says
// where calls to them go. A 200 that changes something is said when the dataplane goes by it, so
// that who was answered can call and be called.
//
// Every public function may be called by any thread. No thread and no clock of its own: time is an
// argument, in milliseconds of a clock that only grows, and since 1970.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/registrar/bindings.h"
#include "controlplane/registrar/guard.h"
#include "controlplane/registrar/plan.h"
#include "controlplane/registrar/register_request.h"
#include "controlplane/registrar/store.h"
#include "controlplane/trunks/facts.h"

namespace demarc::registrar {

struct Times {
  uint64_t now_ms = 0;
  uint64_t unix_ms = 0;
};

// A REGISTER as a worker handed it over.
struct Asked {
  uint64_t request_id = 0;
  uint16_t worker = 0;
  contract::TrunkId trunk = contract::TrunkId::none;
  contract::Endpoint source;
  std::string_view text;
};

struct Answer {
  uint64_t request_id = 0;
  uint16_t worker = 0;
  uint16_t status_code = 0;  // 0: none at all
  std::string fields;        // whole lines
};

// For people.
// Of the target of a Contact with that q, in thousandths (RFC 3261 section 20.10): lower first.
constexpr uint16_t priority_of(uint16_t q) {
  return static_cast<uint16_t>(1000 - q);
}

struct BindingView {
  std::string trunk;
  std::string user;
  std::string contact;
  contract::Endpoint target;
  std::string path;
  std::string user_agent;
  uint16_t q = 0;
  State state = State::absent;
  uint64_t expires_s = 0;     // left
  contract::Endpoint source;  // of its REGISTER
};
// Contacts by trunk.
using BindingCounts = std::map<std::string, size_t, std::less<>>;

// Of those bindings the ones, as "trunk/user", that are over when `after` replaces `before`, or
// that are heard at another address or port of ours then. In their order.
std::vector<std::string> bindings_touched(const config::Config& before, const config::Config& after,
                                          const std::vector<BindingView>& bindings);

class Registrar {
 public:
  // `path`: of the database; "" keeps bindings in memory. `secret` is of nonces: at least
  // digest::min_secret_octets that nobody can guess.
  Registrar(const std::string& path, std::string secret, const Times& times);

  // The dataplane has taken the configuration that this was made with. Bindings of accounts and
  // trunks that left are over.
  void adopt(Plan plan, const Times& times);
  void take(const Asked& asked, const Times& times);
  // What is to be sent now: bindings are on disk by then.
  std::vector<Answer> take_answers(const Times& times);
  // Ends what has run out.
  void tick(const Times& times);
  void forget(const std::function<bool(const std::string& trunk)>& has_calls, const Times& times);

  // Counts up with each change of what bound() says.
  uint64_t version() const;
  // The dataplane has taken sections that were made when version() said this.
  void in_force(uint64_t version, const Times& times);
  // Where the peers of a trunk are, those to be tried first first.
  std::vector<trunks::BoundPlace> bound(const std::string& trunk) const;

  std::vector<BindingView> view(const Times& times) const;
  BindingCounts counts() const;

 private:
  struct Waiting {
    Answer answer;
    uint64_t version = 0;
    uint64_t until_ms = 0;
  };
  // One account that proved itself, and what it asks for.
  struct Proved {
    const TrunkPlan& trunk;
    const std::string& user;
    const RegisterRequest& request;
    contract::Endpoint source;
  };
  // 0: none.
  struct Reply {
    uint16_t status_code = 0;
    std::string fields;
  };

  const TrunkPlan* find(contract::TrunkId id) const;
  Reply judge(const Asked& asked, uint64_t now_ms);
  Reply register_for(const Proved& proved, uint64_t now_ms);
  Reply check(const Proved& proved, std::vector<Binding>& wanted) const;
  Reply check_contact(const Proved& proved, const RequestedContact& contact,
                      Binding& binding) const;
  bool is_old(const Proved& proved, const Binding* known) const;
  bool is_anothers(const TrunkPlan& trunk, const Binding& binding) const;
  Reply check_room(const Proved& proved, const std::vector<Binding>& wanted) const;
  void carry_out(const Proved& proved, const std::vector<Binding>& wanted, uint64_t now_ms);
  std::string listing(const Proved& proved, uint64_t now_ms) const;
  void expire_waiting(uint64_t now_ms);

  mutable std::mutex mutex_;  // guards all that follows
  Guard guard_;
  Store store_;
  Bindings bindings_;
  Plan plan_;
  std::vector<Answer> ready_;
  std::vector<Waiting> waiting_;
  uint64_t in_force_ = 0;
};

}  // namespace demarc::registrar
