// Box: one engine with its shared memory, a snapshot of two realms and two trunks, and virtual
// time.
//
//   pbx  10.20.1.2:5060  --  inside  10.20.1.1  [ box ]  outside  10.20.2.1  --
//   itsp  10.20.2.2:5060, and alt 10.20.2.3:5060, the second target of the same trunk, or the peer
//   of a trunk of its own that +49 leads to. Another phone of the pbx sends from 10.20.1.3.
//
// Everything that the engine is given is plain memory of this process: what a ladder shows happens
// the same way each time.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/numbers/databases.h"
#include "controlplane/numbers/rule_sets.h"
#include "dataplane/contract/region.h"
#include "dataplane/contract/section_builder.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/engine/engine.h"
#include "dataplane/number/pattern_store.h"
#include "dataplane/post/post.h"
#include "dataplane/steer/owner.h"
#include "tests/support/snapshot_sections.h"

namespace demarc::flow {

// A header rule for what the peer is sent.
struct AddedField {
  std::string name;
  std::string value;
  contract::HeaderRule::Action action = contract::HeaderRule::Action::add;
};

// Number rules of a trunk, as they are written in a configuration.
struct NumberRules {
  std::vector<std::string> called_in, calling_in, called_out, calling_out;
  std::vector<std::string> caller_names, called_names;
  bool keeps_extension = true;
};

// What a trunk's calls to numbers that begin so may be.
struct LimitedPrefix {
  std::string prefix;
  uint32_t calls = 0;
  uint32_t rate = 0;
};

// What trunks may have together.
struct LimitedGroup {
  contract::TrunkGroup limits = {};            // the box fills in its trunks and meters
  std::vector<contract::TrunkId> trunks = {};  // none: all of them
};

// What calls a route is for, beside their numbers.
struct RouteOnlyFor {
  std::string field = {};  // of the INVITE
  std::string pattern = {};
  bool is_negated = false;
  std::vector<contract::WeekSpan> hours = {};  // UTC
  bool has_any() const { return !field.empty() || !hours.empty(); }
};

// Whether the trunk itsp is one whose peer registers with us, and what it has done.
enum class Registrar {
  none,     // it has an address
  waiting,  // who sends from 10.20.2.0/24 may register
  bound,    // itsp is bound: it is addressed as 192.0.2.77:5070
  over,     // itsp was bound, and has calls
};

// What a test may want otherwise than usual.
struct BoxOptions {
  uint16_t workers = 1;
  uint32_t calls = 64;
  uint32_t transactions = 512;
  uint32_t datagrams = 1024;
  uint32_t record_ring = 256;
  uint32_t max_calls = 0;         // of the trunk itsp
  uint32_t caller_max_calls = 0;  // of pbx
  uint32_t ring_timeout_ms = 180'000;
  uint32_t media_timeout_ms = 30000;
  std::optional<uint32_t> itsp_media_timeout_ms = {};  // where it is another one
  std::array<contract::SilentPeer, 2> silent_peer = {
      contract::SilentPeer::after_rtcp, contract::SilentPeer::after_rtcp};  // of pbx and itsp
  uint32_t no_response_timeout_ms = 32000;
  std::array<uint32_t, 3> t1_ms = {500, 500, 500};  // of pbx, itsp and alt
  uint16_t media_ports = 1024;                      // per media address
  unsigned media_addresses = 1;                     // per realm
  std::string outside_advertised = "10.20.2.1";
  bool has_target = true;  // of the trunk itsp
  bool has_second_target = false;
  bool has_account = false;  // "u1" with the trunk itsp, whose password is "pw1"
  bool allows_md5 = true;    // of that account
  // alt is a second account, "u2" with password "pw2", at the peer and address of itsp.
  bool has_second_account = false;
  // Those two are told apart by one.peers.example and two.peers.example in the peer's Contact.
  bool has_peer_contacts = false;
  std::string preloaded_route = {};          // of the trunk itsp
  std::string contact_host = {};             // of the trunk itsp
  std::string peer_host = {};                // in its URIs; default: its address
  std::vector<std::string> peer_names = {};  // of the trunk itsp
  Registrar registrar = Registrar::none;
  std::string binding_route = {};  // Path of the binding
  bool has_third_trunk = false;    // alt, for +49
  uint16_t alt_port = 0;           // of ours, where alt's peer is that of itsp
  bool has_backup = false;         // of the route from pbx: to alt, with 00 before the number
  uint16_t next_trunk = 0;         // stands behind itsp in the route from pbx
  // Of that route: how its trunks follow, what is shown of the caller, and whether limits count.
  contract::HuntOrder hunt = contract::HuntOrder::ordered;
  std::vector<uint16_t> weights = {};  // of itsp and the one behind it
  std::string caller_id = {};
  bool is_emergency = false;
  RouteOnlyFor only_for = {};
  uint16_t route_strip = 0;
  std::string route_add = {};
  std::array<contract::TrunkLimits, 3> limits = {};              // of pbx, itsp and alt
  std::array<std::vector<LimitedPrefix>, 3> prefix_limits = {};  // the same; ids count through
  // Limits that no call meets, of numbers and of bandwidth: what legs take is seen to come back.
  void count_everything() {
    for (size_t i = 0; i < 2; ++i) {
      limits[i].kbps = 100'000;
      prefix_limits[i] = {{"", 1000}};
    }
  }
  std::vector<LimitedGroup> groups = {};
  std::array<contract::Transport, 3> transport = {};  // of pbx, itsp and alt
  uint16_t more_targets = 0;                          // behind both, at the address of the first
  std::array<contract::CallPolicy, 3> policy = {};    // of pbx, itsp and alt; the lists stand below
  std::array<contract::CodecPolicy, 3> codecs = {};   // the names stand below
  std::array<std::vector<std::string>, 3> codec_names = {};
  std::array<std::vector<contract::TrunkId>, 3> bypass_with = {};  // of pbx, itsp and alt
  std::array<std::vector<AddedField>, 3> added_fields = {};        // of pbx, itsp and alt
  std::array<contract::SourcePolicy, 3> sources = {};              // the same
  std::array<NumberRules, 3> numbers = {};                         // the same
  std::array<std::string, 3> from_domain = {};                     // the same
  std::array<contract::TrunkState, 3> state = {};                  // the same
  uint32_t srtp_keys = 64;
  std::array<contract::SrtpPolicy, 3> srtp = {};  // of pbx, itsp and alt
  std::vector<uint16_t> failover_codes = {408, 503, 504};
  std::vector<contract::CauseRule> cause_rules = {{486, 34, 503, 0}};
};

class Box {
 public:
  explicit Box(const BoxOptions& options = {});

  static constexpr contract::TrunkId pbx{0};
  static constexpr contract::TrunkId itsp{1};
  static constexpr contract::TrunkId alt{2};
  static constexpr uint32_t limit_rows = 12;  // of limits with counts; groups have the last ones

  engine::Engine& engine(unsigned worker = 0) { return *engines_[worker]; }
  unsigned workers() const { return static_cast<unsigned>(engines_.size()); }
  // Whose a datagram is that worker 0 received.
  unsigned owner_of(std::string_view datagram);
  post::Post& post() { return post_; }
  contract::Region& region() { return region_; }
  // In force; valid until the next generation.
  const contract::Snapshot& snapshot() const { return snapshot_; }
  contract::Instant now() const { return now_; }
  void advance(contract::Duration duration) { now_ = now_ + duration; }
  uint64_t worker_counter(contract::WorkerCounter counter) const;
  uint64_t trunk_counter(contract::TrunkId trunk, contract::TrunkCounter counter) const;
  // Takes the records written since the last call of it.
  std::vector<contract::CallRecord> take_records();
  // Live rows of the call directory.
  std::vector<contract::DirectoryRow> directory() const;
  // A new generation without the trunk itsp: its row is a hole, its sources and routes are gone.
  void remove_itsp();
  // A new generation in which the trunk itsp is as far as this.
  void set_registrar(Registrar state);
  // A new generation in which the trunk has new calls or not.
  void set_state(contract::TrunkId trunk, contract::TrunkState state);
  // A new generation in which the trunk has this policy.
  void set_srtp(contract::TrunkId trunk, const contract::SrtpPolicy& policy);
  void set_policy(contract::TrunkId trunk, const contract::CallPolicy& policy);
  const BoxOptions& options() const { return options_; }

 private:
  void publish();
  void build_snapshot();
  void add_registrar(contract::SectionBuilder<contract::TrunkSection>& trunks,
                     contract::TrunkConfig& trunk, std::vector<contract::SourceConfig>& sources);
  void add_account(contract::SectionBuilder<contract::TrunkSection>& trunks,
                   std::vector<contract::TrunkConfig>& rows,
                   std::vector<contract::SourceConfig>& sources);
  void build_realms();
  void build_trunks();
  void build_routes();
  // box_variants.cc
  contract::RouteCondition condition_of(contract::SectionBuilder<contract::RouteSection>& routes);
  void move_alt(std::vector<contract::TrunkConfig>& rows,
                std::vector<contract::SourceConfig>& sources,
                std::vector<contract::Endpoint>& listeners);
  void build_numbers(contract::SectionBuilder<contract::RouteSection>& routes);
  void add_groups(contract::SectionBuilder<contract::TrunkSection>& trunks,
                  std::vector<contract::TrunkConfig>& rows);
  void add_prefix_limits(contract::SectionBuilder<contract::RouteSection>& routes,
                         numbers::RuleSets& sets, std::vector<contract::TrunkRoutes>& by_trunk);
  void build_secrets();

  BoxOptions options_;
  contract::Instant now_{1'000'000'000'000};
  std::vector<std::byte> region_memory_;
  std::vector<std::vector<std::byte>> arena_memory_;
  support::SnapshotSections sections_;
  numbers::Databases databases_;
  std::shared_ptr<const number::PatternStore> patterns_;
  bool has_itsp_ = true;
  uint64_t generation_ = 0;
  contract::Region region_;
  contract::Snapshot snapshot_;
  post::Post post_;
  steer::Owners owners_;
  std::vector<std::unique_ptr<engine::Engine>> engines_;
};

}  // namespace demarc::flow
