// What-if: where a call would go, and why, by the routing code of the workers on a snapshot that is
// compiled here from a configuration (decision D57). Nothing of a running dataplane is touched;
// with one, its health and counts are those of the answer (decision D139).
//
// Used by the CLI for a file without a service, by the API for the configuration in force and for a
// candidate. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/model.h"
#include "controlplane/whatif/own_region.h"
#include "dataplane/contract/section.h"
#include "dataplane/contract/trunk_limits.h"

namespace demarc::whatif {

struct Question {
  std::string from;                       // the trunk whose peer calls
  std::string called;                     // as in a Request-URI's user part
  std::string calling;                    // the same of From; empty: unknown
  std::vector<std::string> headers = {};  // of the INVITE: "X-Site: berlin"
  uint64_t unix_s = 0;                    // when; 0: now
  std::vector<Bound> bound = {};          // who is where; no configuration says that
  const Box* box = nullptr;               // that runs; nullptr: nothing is known of one
};

// One rule that rewrote a number.
struct RuleStep {
  bool is_matched = false;
  uint16_t line = 0;  // of the configuration
  std::string place;  // "routes.toml:9"
  std::string pattern;
  std::string result;  // the number behind it; empty: none that could be used, or an anonymous one
  bool hides_caller = false;
};

// One route that the call may take.
struct RouteStep {
  uint32_t line = 0;  // of the configuration
  std::string place;  // "routes.toml:21"
  std::string name;   // empty: it has none
  bool is_emergency = false;
  std::string listed;        // the prefix of its list that matched; empty: it has no list
  std::string listed_place;  // "uk.csv:12"
  std::string called;        // behind it, before the rules of a target
};

// A limit that stands against the call. What names it is empty where there is none.
struct LimitStep {
  contract::LimitMet met = contract::LimitMet::none;
  std::string trunk;   // whose it is, or which its group is of
  std::string prefix;  // of a limit of a prefix
  bool is_met() const { return met != contract::LimitMet::none; }
};

// One target in the order in which the call would try them, each as if those before it had failed.
// Without a box they are taken for healthy, and have room.
struct TargetStep {
  size_t route = 0;  // which one of the trace's it is of
  std::string trunk;
  std::string address;  // empty of a name that only DNS knows
  RuleStep called_rule;
  RuleStep calling_rule;
  std::string called;   // as the peer would see it; empty: the target is passed over
  std::string calling;  // "anonymous", or empty when unknown
  contract::TargetHealth health = contract::TargetHealth::unknown;  // at the box
  RuleStep called_name;         // the rules about names; the result is the name, "keep" or "remove"
  RuleStep caller_name;         // the same; nothing of a caller who is anonymous or unknown
  std::string registered_user;  // who registered from there
  bool has_registration = false;  // of ours
  LimitStep limit;                // the target is skipped, and all of its trunk
  bool is_tried() const { return !called.empty() && !limit.is_met(); }
};

// A trunk of which nobody knows where its peers are.
struct Nowhere {
  std::string trunk;
  bool is_registrar = false;  // they register with us, else they have names
};

// What the caller gets when no target is tried.
struct Refused {
  uint16_t status_code = 0;
  uint16_t retry_after_s = 0;  // 0: without one
};

// A trunk that takes no new calls.
struct ClosedTrunk {
  std::string name;
  contract::TrunkState state = contract::TrunkState::disabled;
};

struct Trace {
  std::string mistake;    // the question makes no sense: no such trunk; nothing else is set then
  std::string called_in;  // as it was read, without separators
  std::string calling_in;
  RuleStep called_rule;
  RuleStep calling_rule;
  bool is_unusable = false;       // a rule made no number of the called one
  std::vector<RouteStep> routes;  // the one that matched, then those that stand in for it
  std::vector<TargetStep> targets;
  std::optional<ClosedTrunk> closed_caller;  // the one that the call comes from
  std::vector<ClosedTrunk> passed_over;      // of the routes
  std::vector<Nowhere> nowhere;              // the same
  bool has_box = false;                      // health, limits and registrations are those of a box
  bool is_draining = false;                  // it takes no calls
  LimitStep caller_limit;                    // no target is tried beyond those listed
  std::optional<Refused> refused;            // not set: the answer is that of a target

  bool has_route() const { return !routes.empty(); }
};

// A configuration, compiled once for any number of questions.
class Snapshot {
 public:
  // `config` is a good one and must outlive this object. Throws std::runtime_error when it can not
  // be compiled.
  explicit Snapshot(const config::Config& config);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  // One question at a time.
  Trace trace(const Question& question) const;
  // Whether a route asks for header fields, which a call of the past is without.
  bool has_header_routes() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// For people, a step a line; as JSON for the API.
std::string text_of(const Question& question, const Trace& trace);
std::string json_of(const Question& question, const Trace& trace);

}  // namespace demarc::whatif
