// Snapshot sections: what changes slowly, one blob of offset arrays each, in a sealed memfd.
//
// A section begins with SectionHeader; then its own fixed struct; then arrays and text that the
// struct names by Array<T> and Text. Built whole by the control plane (section_builder.h), checked
// once by the dataplane's loader (check_section), read by workers without further checks.
// No row has padding (`reserved` stands where it would be), so equal content is equal octets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/contract/address.h"
#include "dataplane/contract/blob.h"
#include "dataplane/contract/call_policy.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/media_policy.h"
#include "dataplane/contract/number_rules.h"
#include "dataplane/contract/route_rules.h"
#include "dataplane/contract/tls_profile.h"
#include "dataplane/contract/transport.h"
#include "dataplane/contract/trunk_limits.h"
#include "sip-parser/base/check.h"

namespace demarc::contract {

// --- platform: read once at start; a change needs a restart of the dataplane ---

enum class IdlePolicy : uint8_t {
  spin,   // cores are the workers' own
  sleep,  // cores are shared: sleep after some empty polls
};
enum class Hugepages : uint8_t { no, yes, automatic };

struct NicPortConfig {
  Text name;
  Text device;  // "0000:03:00.0", "af_xdp:IFACE", "af_packet:IFACE" or any vdev string of DPDK
  Text twin;    // name of the TAP
  uint16_t queues = 1;
  uint16_t mtu = 1500;
};

inline constexpr uint32_t max_stream_threads = 16;
// Detectors of one worker, and repacketizers.
inline constexpr uint32_t max_stream_parts = 1u << 20;

struct PlatformSection {
  SectionHeader header;
  uint16_t workers = 1;
  IdlePolicy idle = IdlePolicy::spin;
  Hugepages hugepages = Hugepages::automatic;
  uint32_t memory_mb = 512;  // DPDK's memory
  uint32_t calls_per_worker = 4096;
  uint32_t transactions_per_worker = 16384;
  uint32_t datagrams_per_worker = 16384;
  uint32_t trunk_capacity = 256;         // rows of trunk counters and live counts
  uint32_t target_capacity = 1024;       // rows of the target table
  uint32_t record_ring_capacity = 8192;  // per worker, a power of two
  uint64_t spool_octets = 64ull << 20;   // of the record spool file
  uint32_t drain_seconds = 3600;         // live calls are given this long after SIGTERM
  Text cores;                            // "2,3": the workers' CPUs, in order
  Array<NicPortConfig> ports;
  uint32_t media_addresses = 64;  // of all realms; a worker holds its ports of each
  uint32_t stream_threads = 1;    // of TCP and TLS; each has the connections of its own peers
  uint32_t limit_capacity = 256;  // rows of the counts that a LimitId names
  // Streams that one worker listens to for digits, and that it cuts to another packet length; 0: a
  // quarter of its calls.
  uint32_t tone_detectors_per_worker = 0;
  uint32_t repacketizers_per_worker = 0;
};

// --- realms ---

// Ids are indexes and keep their meaning across generations, so what was removed leaves a hole: a
// realm whose port is none.
struct RealmConfig {
  Text name;
  NicPortId port = NicPortId::none;
  uint16_t vlan = 0;                 // 0: untagged
  IpAddress address;                 // ours, for signalling
  IpAddress advertised_address;      // shown in Via, Contact and SDP; equal to `address` unless the
                                     // realm sits behind NAT
  Array<IpAddress> media_addresses;  // ours; at least one
  Array<IpAddress> advertised_media_addresses;  // the same count, in the same order
  uint16_t media_port_low = 16384;              // even
  uint16_t media_port_high = 32767;             // odd
  uint8_t media_dscp = 46;                      // EF
  uint8_t signalling_dscp = 24;                 // CS3
  uint16_t reserved = 0;
};

struct RealmSection {
  SectionHeader header;
  Array<RealmConfig> realms;
};

// --- trunks ---

// What is taken from a source.
enum class SourceUse : uint8_t {
  calls,      // everything: it is the trunk's peer
  dialogs,    // what goes on with a call: a binding of the trunk was there and is over
  registers,  // REGISTER alone: who it is, its credentials say (RFC 3261 section 10.3)
};

// Who may speak for a trunk. Rows are sorted by (local, transport, prefix_length descending,
// remote).
struct SourceConfig {
  Endpoint local;               // our listening address and port
  IpAddress remote;             // the network's address
  uint8_t prefix_length = 128;  // of the IPv4-mapped form: an IPv4 host is 128
  Transport transport = Transport::udp;
  uint16_t remote_port = 0;  // 0: any
  TrunkId trunk = TrunkId::none;
  SourceUse use = SourceUse::calls;
  uint8_t reserved = 0;
};

// By what a trunk is told from others that have its sources.
enum class KnownBy : uint8_t {
  contact,  // the host of Contact in what its peer sends: its peer_contact
  user,     // whom a request is for: its contact_user
};

// Trunks that have a source in common, each with an account of ours at its peer, or a host that the
// peer shows for it: `first` is whose the source is by its row, `trunk` one of those that have it,
// `first` among them. Rows are sorted by first, by and name; of equal ones the first counts where
// calls come.
struct AccountConfig {
  TrunkId first = TrunkId::none;
  TrunkId trunk = TrunkId::none;
  KnownBy by = KnownBy::user;
  uint8_t reserved[3] = {};
  Text name;  // by user it may be empty: calls for nobody else are its, too
};

inline constexpr unsigned max_targets_per_trunk = 16;

// Whether a trunk has new calls. Those that there are go on in any case.
enum class TrunkState : uint8_t {
  enabled,
  draining,  // none, either way; registered and probed as ever
  disabled,  // none, and nothing else that is ours to begin
};

// A trunk whose realm is none is a hole: removed, its id not used again.
struct TrunkConfig {
  Text name;
  Text tenant;
  RealmId realm = RealmId::none;
  uint16_t local_port = 5060;
  Text peer_host;  // of Request-URI and To: the peer's domain or the peer as configured; may be an
                   // address
  uint16_t peer_port = 5060;
  Transport transport = Transport::udp;
  uint8_t takes_registers = 0;  // 1: its targets are what registered with us
  TrunkState state = TrunkState::enabled;
  SilentPeer silent_peer = SilentPeer::after_rtcp;
  uint16_t file = 0;  // of the configuration's files, the one that its number rules stand in
  TargetId first_target = TargetId::none;  // rows [first_target, +target_count) of the table
  uint16_t target_count = 0;
  TlsProfileId tls = TlsProfileId::none;  // of a trunk whose transport is TLS
  uint32_t max_calls = 0;                 // 0: no limit
  TrunkLimits limits;                     // the same by direction
  Array<uint32_t> groups;                 // indexes of those with a limit that it is in
  uint32_t timer_t1_ms = 500;
  uint32_t timer_t2_ms = 4000;
  uint32_t timer_t4_ms = 5000;
  uint32_t ring_timeout_ms = 180000;        // 18x but no final response
  uint32_t no_response_timeout_ms = 32000;  // not even a 100: timer B or less
  uint32_t media_timeout_ms = 30000;        // 0: off
  uint32_t keepalive_s = 0;                 // CRLFCRLF on connections so often (RFC 5626); 0: never
  Text contact_user;                        // of our account with the peer; empty: none
  Text peer_contact;     // host of its peer's Contact, in lower case; empty: it is not known by it
  Text preloaded_route;  // Route of new calls: the Service-Route of our registration (RFC 3608)
  Array<Text> peer_names;  // of its peers, as configured; those of addresses are its sources
  CallPolicy policy;
  MediaPolicy media;
};

// How a target that registered with us is addressed; rows are sorted by target, one for each.
struct BindingConfig {
  TargetId target = TargetId::none;
  Text host;   // of its Contact, for Request-URI and To
  Text route;  // Route of new calls: the Path of its REGISTER (RFC 3327); may be empty
  uint16_t port = 5060;
  uint16_t reserved = 0;
};

// Where SIP is served over TCP or TLS.
struct StreamListener {
  Endpoint local;
  Transport transport = Transport::tcp;
  uint8_t reserved = 0;
  RealmId realm = RealmId::none;

  friend constexpr auto operator<=>(const StreamListener&, const StreamListener&) = default;
};

struct TrunkSection {
  SectionHeader header;
  Array<TrunkConfig> trunks;
  Array<SourceConfig> sources;
  Array<Endpoint> listeners;  // every (address, port) of ours where SIP is served over UDP, sorted
  Array<StreamListener> stream_listeners;  // sorted
  Array<BindingConfig> bindings;           // sorted
  Array<TrunkGroup> groups;                // with a limit
  Array<AccountConfig> accounts;           // sorted; of sources that several trunks have
};

// --- routes ---

inline constexpr unsigned max_next_trunks = 15;  // of one route
// What each call reads is in front, in a cache line: of many routes a call finds none in the cache.
struct RouteConfig {
  TrunkId from = TrunkId::none;
  TrunkId to = TrunkId::none;
  uint16_t strip = 0;  // characters taken off the called number's front
  HuntOrder hunt = HuntOrder::ordered;
  uint8_t is_emergency = 0;  // limits do not refuse it
  Text add;                  // put before it then
  Array<TrunkId> then;       // further trunks, tried in order when `to` has no target left
  Array<uint16_t> weights;   // of `to` and those; empty: all have 1
  // How `to` and `then` are divided, in order; empty: one stage by `hunt`.
  Array<RouteStage> stages;
  // Where the search goes on when all of its trunks have failed: the first route of the trunk's
  // next usage. no_row: nowhere.
  uint32_t backup = no_row;
  uint32_t line = 0;         // of a file of the configuration, for explanations
  uint16_t file = 0;         // of the configuration's files, the one that `line` is of
  uint8_t hides_caller = 0;  // the caller is shown as `caller_id`, or as nobody where that is empty
  uint8_t reserved = 0;
  uint32_t reserved_end = 0;
  Text name;  // for explanations; may be empty

  Text caller_id;
  Text prefix;
  RouteCondition condition;
};
static_assert(sizeof(RouteConfig) == 128);
// Routes by the longest called prefix.
struct TrunkRoutes {
  uint32_t root = no_row;     // in numbers.nodes; ranks are indexes of routes; no_row: it has none
  uint32_t limited = no_row;  // the same of called prefixes with a limit; ranks are LimitIds
};

struct RouteSection {
  SectionHeader header;
  uint64_t revision = 0;        // of the configuration, for call records; 0: it has none
  Array<TrunkRoutes> by_trunk;  // as many as trunks
  Array<RouteConfig> routes;
  Array<TrunkRouteRules> rules;  // as many as trunks, or none
  Array<TimeZone> zones;         // that routes name
  NumberRows numbers;
  Array<PrefixLimit> prefix_limits;  // by LimitId
};

// --- secrets: unsealed, locked in memory, not dumped, zeroed at retirement ---

// Rows are sorted by trunk, one for each.
struct SecretConfig {
  TrunkId trunk = TrunkId::none;
  uint16_t allows_md5 = 1;
  Text user;
  Text password;
};
struct SecretSection {
  SectionHeader header;
  Array<SecretConfig> secrets;
  Array<TlsProfile> tls;  // by TlsProfileId
};

// --- checking ---

enum class SectionError : uint8_t {
  none,
  too_short,  // shorter than its header or than it says
  bad_magic,
  unknown_layout,  // of a release that this one can not read: upgrade the other side
  unknown_kind,
  bad_array,      // an array or text that leaves the section or is not aligned
  bad_reference,  // an id, index or enumerator that names nothing
  bad_value,      // a number outside its range
  out_of_order,   // rows that must be sorted are not
};
std::string_view spelling(SectionError error);

// What one section must know of others to check its references.
struct SectionBounds {
  uint32_t ports = 0;
  uint32_t realms = 0;
  uint32_t trunks = 0;
  uint32_t trunk_capacity = 0;
  uint32_t target_capacity = 0;
  uint32_t limit_capacity = 0;
  // What may be referred to at most, until the secrets section that comes with it is known.
  uint32_t tls_profiles = max_tls_profiles;
};

// Checks a whole section of whatever kind its header says. After `none`, every access through
// elements() and text() stays inside.
SectionError check_section(std::span<const std::byte> octets, const SectionBounds& bounds);

}  // namespace demarc::contract
