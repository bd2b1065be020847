// The configuration as plain structs: what load() made of a file, every default filled in, every
// reference checked. Built once per load, then read by any thread and never changed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "controlplane/config/secret_text.h"
#include "controlplane/numbers/cost_file.h"
#include "controlplane/numbers/prefix_file.h"
#include "controlplane/numbers/rule_text.h"
#include "controlplane/numbers/table_file.h"
#include "dataplane/contract/address.h"
#include "dataplane/contract/section.h"

namespace demarc::config {

// Of a character in a file, from 1; line 0 is the file as a whole. Columns count characters.
struct Position {
  uint32_t line = 0;
  uint32_t column = 0;
  uint16_t file = 0;  // as in Loaded::files; 0 is the configuration itself
  friend bool operator==(const Position&, const Position&) = default;
  friend auto operator<=>(const Position& a, const Position& b) {
    return std::tie(a.file, a.line, a.column) <=> std::tie(b.file, b.line, b.column);
  }
};

// Where a block and its fields stand.
struct Origin {
  Position block;
  std::map<std::string, Position, std::less<>> fields;
  std::map<std::string, std::vector<Position>, std::less<>> elements;  // of fields that are lists
  std::set<std::string, std::less<>> refused;  // fields that were wrong: their values are defaults

  // The field's value; the block when the field took its default.
  Position of(std::string_view field) const {
    const auto found = fields.find(field);
    return found == fields.end() ? block : found->second;
  }
  // One element of a list.
  Position of(std::string_view field, size_t index) const {
    const auto found = elements.find(field);
    return found == elements.end() || index >= found->second.size() ? of(field)
                                                                    : found->second[index];
  }
};

// A network or one address; `length` counts bits of the IPv4-mapped form: an IPv4 host has 128.
struct Prefix {
  contract::IpAddress address;
  uint8_t length = 128;
  friend auto operator<=>(const Prefix&, const Prefix&) = default;
};

struct PortRange {
  uint16_t low = 0;
  uint16_t high = 0;
};

// A peer as written: an address, or a name that DNS knows.
struct Peer {
  std::string host;             // as it stands in Request-URIs
  contract::Endpoint endpoint;  // of a name only the port
  bool has_port = false;        // it was written
  bool is_name() const { return !endpoint.address.is_set(); }
};

struct Platform {
  uint16_t workers = 1;
  std::string cores;
  contract::IdlePolicy idle = contract::IdlePolicy::spin;
  contract::Hugepages hugepages = contract::Hugepages::automatic;
  uint32_t memory_mb = 0;
  uint32_t calls_per_worker = 0;
  uint32_t transactions_per_worker = 0;
  uint32_t datagrams_per_worker = 0;
  uint32_t tone_detectors_per_worker = 0;
  uint32_t repacketizers_per_worker = 0;
  uint32_t trunk_capacity = 0;
  uint32_t target_capacity = 0;
  uint32_t limit_capacity = 0;
  uint32_t media_addresses = 0;
  uint32_t stream_threads = 1;
  uint32_t record_ring = 0;  // a power of two
  uint32_t spool_mb = 0;
  uint32_t drain_seconds = 0;
  std::vector<contract::IpAddress> dns_servers;
  Origin origin;
};

struct NicPort {
  std::string name;
  std::string device;
  std::string twin;
  uint16_t queues = 1;
  uint16_t mtu = 1500;
  Origin origin;
};

struct Realm {
  std::string name;
  std::string port;
  uint16_t vlan = 0;
  contract::IpAddress address;
  contract::IpAddress advertise;
  std::vector<contract::IpAddress> media;
  std::vector<contract::IpAddress> advertise_media;  // as many as `media`
  PortRange media_ports;
  uint8_t media_dscp = 0;
  uint8_t signalling_dscp = 0;
  Origin origin;
};

// CallPolicy as the file says it; names as there.
struct Policy {
  uint32_t failover_ms = 0;
  std::vector<uint16_t> failover_codes;                      // in the order of the file
  std::vector<contract::FailoverTimeout> failover_timeouts;  // the same
  std::vector<contract::CauseRule> cause_rules;
  contract::Progress progress = contract::Progress::session;
  contract::Redirects redirects = contract::Redirects::refused;
  contract::Use reliable_provisionals = contract::Use::supported;
  bool session_timer = false;
  uint32_t session_expires_s = 0;
  uint32_t min_se_s = 0;
  uint16_t max_early_dialogs = 0;
  contract::Transfer transfer = contract::Transfer::refused;
  bool replaces = false;  // as written, else whether `transfer` is handled
  bool passes_unknown_methods = false;
  bool trusted = false;
  bool keeps_identity = false;
  contract::CallHistory call_history = contract::CallHistory::none;
  bool passes_location = false;
  std::string contact_host;
  std::string from_domain;  // as in a URI; empty: our address
  bool accepts_sips = false;
  bool user_is_phone = false;
  bool large_over_tcp = false;
  bool needs_offer = false;  // delayed_offer = "refused" or "made"
  bool makes_offer = false;  // delayed_offer = "made"
  bool takes_alias = false;
  bool closes_on_503 = false;
};

// SrtpPolicy as the file says it.
struct Srtp {
  contract::SrtpUse use = contract::SrtpUse::off;
  std::vector<contract::SrtpSuite> suites;  // also where `use` is off
};

// SourcePolicy as the file says it; names as there.
struct MediaSources {
  contract::SourcePolicy::Mode media_source = contract::SourcePolicy::Mode::fixed;
  std::vector<Prefix> media_sources;
  uint8_t latch_packets = 0;
  uint32_t latch_window_ms = 0;
};

// CodecPolicy as the file says it; names as there.
struct Codecs {
  std::vector<std::string> codecs;
  std::vector<std::string> add_codecs;  // "PCMU", "PCMA"
  uint8_t ptime_ms = 0;
  bool comfort_noise = false;
  bool fill_silence = false;
  contract::Dtmf dtmf = contract::Dtmf::rfc4733;
  uint8_t dtmf_payload_type = 0;
  contract::MediaWay media = contract::MediaWay::relayed;
  std::vector<std::string> bypass_with;  // trunks and groups
  contract::RtcpWay rtcp = contract::RtcpWay::relayed;
  uint8_t media_dscp = contract::realm_dscp;
};

// OPTIONS to the targets of a trunk.
struct Probe {
  uint32_t interval_s = 0;
  uint32_t timeout_ms = 0;
  uint32_t failures = 0;
  uint32_t successes = 0;
  bool is_always = false;
  uint32_t peer_interval_s = 0;  // of those that its peer sends; 0: nobody minds
};

// Ours with the peer of a trunk.
struct Account {
  bool is_registered = false;
  std::string user;
  std::string password;
  std::string aor;  // "" takes the default
  uint32_t expires_s = 0;
  bool allows_md5 = true;
  bool is_taken_away = true;
  bool is_bulk = false;  // for all numbers at once
};

// How peers register with us, where they do.
struct Registrar {
  enum class Digest : uint8_t { any, md5, sha256 };
  bool is_used = false;
  std::string digest_realm;
  Digest digest = Digest::any;
  uint32_t expires_s = 0;
  uint32_t min_s = 0;
  uint32_t max_s = 0;
  unsigned max_bindings = 1;
  bool is_behind_nat = false;
};

// An account of a peer that registers with us.
struct User {
  std::string name;  // of the block
  std::string trunk;
  std::string user;  // in To and digest
  std::string password;
  Origin origin;
};

// What is done with the numbers of a trunk's calls; names as in the file.
struct Numbers {
  std::vector<numbers::Rule> called_in;
  std::vector<numbers::Rule> calling_in;
  std::vector<numbers::Rule> called_out;
  std::vector<numbers::Rule> calling_out;
  std::vector<numbers::Rule> caller_names;
  std::vector<numbers::Rule> called_names;
  bool keeps_extension = true;
};

// As the file says it.
inline std::string_view spelling(contract::TrunkState state) {
  if (state == contract::TrunkState::enabled) return "enabled";
  return state == contract::TrunkState::draining ? "draining" : "disabled";
}

struct Trunk {
  std::string name;
  std::string realm;
  std::string peer_host;     // of the first peer, as written
  std::string peer_domain;   // as in a URI; empty: peer_host, with the port of that peer
  std::string peer_contact;  // as in a URI, in lower case; empty: none
  contract::TrunkState state = contract::TrunkState::enabled;
  std::vector<Peer> peers;  // in order of preference; in a good Config none of a registrar only
  uint16_t port = 5060;
  contract::Transport transport = contract::Transport::udp;
  std::string tls;              // name of a block; empty unless the transport is TLS
  std::string preset;           // "none" or that of a well-known peer
  std::vector<Prefix> sources;  // beside the peers' addresses
  std::string tenant;
  uint32_t max_calls = 0;
  contract::TrunkLimits limits;
  uint32_t t1_ms = 0;
  uint32_t t2_ms = 0;
  uint32_t t4_ms = 0;
  uint32_t no_response_ms = 0;
  uint32_t ring_timeout_ms = 0;
  uint32_t media_timeout_ms = 0;
  contract::SilentPeer media_timeout_alone = contract::SilentPeer::after_rtcp;
  uint32_t keepalive_s = 0;
  Probe probe;
  Account account;
  Registrar registrar;
  Policy policy;
  Srtp srtp;
  MediaSources sources_of_media;
  Codecs codecs;
  Numbers numbers;
  std::vector<std::string> usages;  // that its calls may take, in order
  std::string costs;                // name of a block; empty: none
  Origin origin;

  bool is_disabled() const { return state == contract::TrunkState::disabled; }
  // Whether we are registered with its peer.
  bool is_registered() const { return account.is_registered && !is_disabled(); }
  bool has_names() const {
    return std::any_of(peers.begin(), peers.end(), [](const Peer& peer) { return peer.is_name(); });
  }
  // Rows of the target table: one for each address, as many as there may be for names and bindings.
  unsigned target_rows() const {
    return has_names() || registrar.is_used ? contract::max_targets_per_trunk
                                            : static_cast<unsigned>(peers.size());
  }
};

// What the files of a profile held when the configuration was loaded.
struct TlsFiles {
  std::string certificate;  // PEM, like the next three
  SecretText key;
  std::string authorities;
  std::string revoked;
  std::string ocsp_staple;  // DER
  int64_t not_after_unix_s = 0;
};

struct Tls {
  std::string name;
  std::string certificate;  // paths, of which the last three may be empty
  std::string key;
  std::string ca;
  std::string crl;
  std::string ocsp_staple;
  contract::TlsVerify verify = contract::TlsVerify::required;
  std::vector<std::string> peer_names;
  bool takes_wildcards = false;
  std::string server_name;
  contract::TlsVersion oldest = contract::TlsVersion::tls_1_2;
  contract::TlsVersion newest = contract::TlsVersion::tls_1_3;
  std::vector<std::string> ciphers;
  bool has_tickets = true;
  TlsFiles files;
  Origin origin;
};

// A table of numbers; `rows` are what its file held when the configuration was loaded, shared by
// copies of the Config.
struct NumberTable {
  std::string name;
  std::string file;
  numbers::TableKind kind = numbers::TableKind::numbers;
  std::shared_ptr<const std::vector<numbers::TableRow>> rows;
  std::string digest;  // SHA-256 of the octets that `rows` were read from; empty: none were
  Origin origin;
};

// What calls cost by prefix; `rows` are what its file held when the configuration was loaded.
struct Costs {
  std::string name;
  std::string file;
  std::shared_ptr<const std::vector<numbers::CostRow>> rows;
  std::string digest;  // as of a number table
  Origin origin;
};

// First digits of called numbers, for routes that name it; `rows` are what its file held when the
// configuration was loaded.
struct PrefixList {
  std::string name;
  std::string file;
  std::shared_ptr<const numbers::PrefixRows> rows;
  std::string digest;  // as of a number table
  Origin origin;
};

// Trunks under one name, and how they follow each other where a route goes to it.
struct Group {
  std::string name;
  std::vector<std::string> trunks;  // at least one in a good Config
  contract::HuntOrder hunt = contract::HuntOrder::ordered;
  std::vector<uint16_t> weights;  // of `trunks`; empty: all have 1
  // Of all of them together; 0: no limit.
  uint32_t max_calls = 0;
  uint32_t calls_in = 0;
  uint32_t calls_out = 0;
  uint32_t rate = 0;  // of new calls in a second
  uint32_t rate_in = 0;
  uint32_t rate_out = 0;
  uint32_t burst = 1;
  uint32_t kbps = 0;
  Origin origin;
};

// What calls of a trunk to numbers that begin alike may be.
struct PrefixLimit {
  std::string trunk;
  std::string prefix;
  uint32_t calls = 0;  // 0: no limit
  uint32_t rate = 0;
  uint32_t burst = 1;
  Origin origin;
};

// What the INVITE must have among its header fields, or must not.
struct RouteHeader {
  std::string name;     // the long form
  std::string pattern;  // empty: any value
  bool is_negated = false;
};

struct Route {
  std::string name;                 // may be empty
  std::string from;                 // a trunk or a group; empty where `usages` say whose calls
  std::vector<std::string> usages;  // calls of trunks that have one of them
  std::vector<std::string> to;      // trunks and groups in order; at least one in a good Config
  std::string prefix;
  std::string prefixes;  // name of a list, instead of the prefix; empty: none
  uint16_t strip = 0;
  std::string add;
  uint16_t priority = 0;
  std::string called;   // a regular expression, instead of the prefix; empty: none
  std::string calling;  // the same of the calling number
  std::string calling_prefix;
  std::vector<std::string> except_called;  // patterns
  std::vector<std::string> except_calling;
  std::vector<RouteHeader> headers;
  std::vector<contract::WeekSpan> hours;  // merged; empty: always
  std::string time_zone;                  // empty: that of the box
  contract::HuntOrder hunt = contract::HuntOrder::ordered;
  std::vector<uint16_t> weights;  // of `to`; empty: all have 1
  bool is_emergency = false;
  bool hides_caller = false;
  std::string caller_id;
  Origin origin;
};

// A call, and what is expected of it; what is empty is not asked.
struct RoutingTest {
  std::string name;
  std::string from;
  std::string called;
  std::string calling;
  std::vector<std::string> headers;
  uint64_t at_unix_s = 0;  // 0: the time of the check
  std::string trunk;       // that is tried first
  std::string route;       // its name
  std::string number;      // as the peer is shown the called one
  std::string caller;      // the same of the calling one
  bool is_refused = false;
  Origin origin;
};

struct HeaderRule {
  std::string trunk;
  contract::HeaderRule::Side side = contract::HeaderRule::Side::to_peer;
  contract::HeaderRule::Action action = contract::HeaderRule::Action::pass;
  std::string name;  // the long form
  std::string pattern;
  std::string value;
  std::string source;  // the long form
  std::vector<std::string> methods;
  Origin origin;
};

// Blocks with names are sorted by them; the others stand as in the file.
struct Config {
  Platform platform;
  std::vector<NicPort> ports;
  std::vector<Realm> realms;
  std::vector<Trunk> trunks;
  std::vector<Tls> tls;
  std::vector<User> users;
  std::vector<NumberTable> tables;
  std::vector<Costs> costs;
  std::vector<PrefixList> prefix_lists;
  std::vector<Group> groups;
  std::vector<PrefixLimit> prefix_limits;
  std::vector<Route> routes;
  std::vector<HeaderRule> headers;
  std::vector<RoutingTest> tests;
  std::map<std::string, std::vector<contract::ZoneStep>> zones;  // that routes with hours name
  std::vector<std::string> files;  // by Position::file, as people know them
};

// nullptr when there is none of that name. `blocks` are sorted by name: there may be thousands, and
// this may be asked for each of them.
template <class Block>
const Block* find_block(const std::vector<Block>& blocks, std::string_view name) {
  const auto found = std::lower_bound(
      blocks.begin(), blocks.end(), name,
      [](const Block& block, std::string_view wanted) { return block.name < wanted; });
  return found == blocks.end() || found->name != name ? nullptr : &*found;
}

// The trunks that a name stands for: one trunk, or those of a group.
inline std::vector<std::string> trunks_of(const Config& config, const std::string& name) {
  const Group* group = find_block(config.groups, name);
  return group == nullptr ? std::vector<std::string>{name} : group->trunks;
}

}  // namespace demarc::config
