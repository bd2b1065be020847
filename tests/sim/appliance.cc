#include "tests/sim/appliance.h"

#include <algorithm>

#include "sip-parser/parse.h"
#include "tests/support/digit_trie.h"

namespace demarc::sim {
namespace {

using contract::IpAddress;
using contract::RealmId;
using contract::SectionBuilder;
using contract::SectionKind;
using contract::TrunkId;

IpAddress address(const std::string& text) {
  return *contract::parse_address(text);
}

contract::RegionSizes sizes_of(const Options& options) {
  return {options.workers, options.call_capacity, options.trunks,
          static_cast<uint32_t>(options.trunks * options.targets), options.record_capacity};
}

engine::Limits limits_of(const Options& options, unsigned worker) {
  engine::Limits limits;
  limits.worker = static_cast<contract::WorkerIndex>(worker);
  limits.workers = options.workers;
  limits.calls = options.call_capacity;
  limits.transactions = options.transaction_capacity;
  limits.datagrams = options.datagram_capacity;
  limits.media_addresses = 2 * realm_count;
  return limits;
}

// Any worker may receive any datagram, as a NIC spreads them: by addresses, whoever owns the call.
unsigned receiver_of(const Parcel& parcel, unsigned workers) {
  const auto& octets = parcel.peer.address.octets;
  // The stream thread knows one that nobody owns as the first worker's.
  if (parcel.transport != contract::Transport::udp) return 0;
  return (octets[15] * 31u + octets[14] * 7u + parcel.box.address.octets[14]) % workers;
}

}  // namespace

std::string box_address(uint16_t trunk) {
  return "10.1." + std::to_string(realm_of(trunk)) + ".1";
}

std::string network_of(uint16_t trunk) {
  return "10.9." + std::to_string(trunk) + ".";
}

Appliance::Appliance(const Options& options, contract::Instant now)
    : options_(options), region_memory_(contract::Region::octets_needed(sizes_of(options))) {
  region_ = contract::Region::create(region_memory_.span(), sizes_of(options), options.seed | 1);
  region_.header().wall_offset_ns.store(1'700'000'000'000'000'000, std::memory_order_relaxed);
  Random secrets(options.seed ^ 0x5ec2e75);
  const contract::NameKeys names{{secrets.next(), secrets.next()},
                                 {secrets.next(), secrets.next()}};
  owners_ = std::make_unique<steer::Owners>(names, options.workers);
  post_ = std::make_unique<post::Post>(options.workers);
  for (unsigned worker = 0; worker < options.workers; ++worker) {
    const engine::Limits limits = limits_of(options, worker);
    const engine::Engine::Secrets own{
        names, {secrets.next(), secrets.next()}, {secrets.next(), secrets.next()}};
    arenas_.push_back(
        std::make_unique<support::Memory>(engine::Engine::octets_needed(limits) + 64));
    memory::Arena arena(arenas_.back()->span());
    engines_.push_back(std::make_unique<engine::Engine>(limits, arena, region_, own, now));
    engines_.back()->connect(*post_);
  }
  adopt(now);
}

void Appliance::adopt(contract::Instant now) {
  ++generation_;
  auto sections = std::make_unique<support::SnapshotSections>();
  build_realms(*sections);
  build_trunks(*sections);
  build_routes(*sections);
  const contract::SectionBounds bounds{realm_count, realm_count, options_.trunks, options_.trunks,
                                       static_cast<uint32_t>(options_.trunks * options_.targets)};
  auto snapshot = std::make_unique<contract::Snapshot>(sections->publish(generation_, bounds));
  for (const auto& engine : engines_) engine->adopt(*snapshot, now);
  sections_ = std::move(sections);
  snapshot_ = std::move(snapshot);
}

void Appliance::build_realms(support::SnapshotSections& sections) {
  SectionBuilder<contract::RealmSection> builder(SectionKind::realms, generation_);
  std::vector<contract::RealmConfig> rows(realm_count);
  for (uint16_t realm = 0; realm < realm_count; ++realm) {
    const std::vector<IpAddress> own = {address(box_address(realm))};
    rows[realm].name = builder.text("realm" + std::to_string(realm));
    rows[realm].port = contract::NicPortId{realm};
    rows[realm].address = own[0];
    rows[realm].advertised_address = own[0];
    rows[realm].media_addresses = builder.array<IpAddress>(own);
    rows[realm].advertised_media_addresses = builder.array<IpAddress>(own);
    rows[realm].media_port_low = first_media_port;
    rows[realm].media_port_high =
        static_cast<uint16_t>(first_media_port + options_.media_ports - 1);
  }
  builder.section().realms = builder.array<contract::RealmConfig>(rows);
  sections.realms = builder.finish();
}

contract::TrunkConfig Appliance::trunk_of(uint16_t trunk) const {
  contract::TrunkConfig row;
  row.realm = RealmId{realm_of(trunk)};
  row.first_target = contract::TargetId{static_cast<uint32_t>(trunk * options_.targets)};
  row.target_count = options_.targets;
  row.max_calls = options_.max_calls;
  row.ring_timeout_ms = options_.ring_timeout_ms;
  row.no_response_timeout_ms = options_.no_response_ms;
  row.media_timeout_ms = options_.media_timeout_ms;
  row.transport = options_.transport_of(trunk);
  row.tls = contract::TlsProfileId{0};
  row.local_port = row.peer_port = default_port(row.transport);
  row.policy.takes_alias = options_.takes_alias && row.transport != contract::Transport::udp;
  row.policy.failover_ms = options_.failover_ms;
  row.policy.reliable_provisionals = options_.reliable_provisionals;
  row.policy.transfer = options_.transfer;
  row.policy.passes_unknown_methods = options_.passes_unknown_methods;
  row.policy.asks_session_timer = options_.asks_session_timer;
  return row;
}

void Appliance::build_groups(SectionBuilder<contract::TrunkSection>& builder,
                             std::vector<contract::TrunkConfig>& rows) const {
  std::vector<contract::TrunkGroup> groups(2);
  std::vector<TrunkId> all, half;
  const std::vector<uint32_t> both = {0, 1};
  const std::vector<uint32_t> first = {0};
  for (uint16_t trunk = 0; trunk < options_.trunks; ++trunk) {
    all.push_back(TrunkId{trunk});
    if (is_in_half(trunk)) half.push_back(TrunkId{trunk});
    rows[trunk].groups = builder.array<uint32_t>(is_in_half(trunk) ? both : first);
  }
  // More than all of their calls take: counted, and never met.
  constexpr uint32_t plenty_kbps = 100'000'000;
  groups[0].trunks = builder.array<TrunkId>(all);
  groups[0].kbps = options_.group_kbps == 0 ? plenty_kbps : options_.group_kbps;
  groups[1].trunks = builder.array<TrunkId>(half);
  groups[1].calls_in = options_.group_calls_in;
  groups[1].calls_out = options_.group_calls_out;
  builder.section().groups = builder.array<contract::TrunkGroup>(groups);
}

void Appliance::build_trunks(support::SnapshotSections& sections) {
  SectionBuilder<contract::TrunkSection> builder(SectionKind::trunks, generation_);
  std::vector<contract::TrunkConfig> rows(options_.trunks);
  std::vector<contract::SourceConfig> sources;
  std::vector<contract::Endpoint> listeners;
  const std::vector<uint16_t> codes = {408, 500, 502, 503, 504};
  for (uint16_t realm = 0; realm < realm_count; ++realm) {
    listeners.push_back({address(box_address(realm)), 5060});
    for (uint16_t trunk = realm; trunk < options_.trunks; trunk += realm_count) {
      contract::SourceConfig& source = sources.emplace_back();
      source.local = listeners.back();
      source.transport = options_.transport_of(trunk);
      source.local.port = default_port(source.transport);
      source.remote = address(network_of(trunk) + "0");
      source.prefix_length = 96 + 24;
      source.trunk = TrunkId{trunk};
    }
  }
  // UDP and TCP share a port.
  std::stable_sort(sources.begin(), sources.end(), [](const auto& a, const auto& b) {
    return a.local != b.local ? a.local < b.local : a.transport < b.transport;
  });
  for (uint16_t trunk = 0; trunk < options_.trunks; ++trunk) {
    rows[trunk] = trunk_of(trunk);
    rows[trunk].name = builder.text("trunk" + std::to_string(trunk));
    rows[trunk].peer_host = builder.text(network_of(trunk) + "1");
    rows[trunk].policy.failover_codes = builder.array<uint16_t>(codes);
    for (uint16_t i = 0; i < options_.targets; ++i) {
      region_.target(contract::TargetId{static_cast<uint32_t>(trunk * options_.targets + i)})
          .store({{address(network_of(trunk) + std::to_string(1 + i)),
                   default_port(rows[trunk].transport)},
                  TrunkId{trunk},
                  contract::TargetHealth::unknown,
                  i});
    }
  }
  build_groups(builder, rows);
  builder.section().trunks = builder.array<contract::TrunkConfig>(rows);
  builder.section().sources = builder.array<contract::SourceConfig>(sources);
  builder.section().listeners = builder.array<contract::Endpoint>(listeners);
  sections.trunks = builder.finish();
}

// From each trunk to each: "+" and its digit.
void Appliance::build_routes(support::SnapshotSections& sections) {
  SectionBuilder<contract::RouteSection> builder(SectionKind::routes, generation_);
  std::vector<contract::RouteConfig> routes;
  support::DigitTrieRows trie;
  std::vector<contract::TrunkRoutes> roots(options_.trunks);
  for (uint16_t from = 0; from < options_.trunks; ++from) {
    std::map<std::string, uint32_t> prefixes;
    for (uint16_t to = 0; to < options_.trunks; ++to) {
      std::string prefix("+");
      prefix += std::to_string(to);
      prefixes[prefix] = static_cast<uint32_t>(routes.size());
      contract::RouteConfig& route = routes.emplace_back();
      route.from = TrunkId{from};
      route.to = TrunkId{to};
      route.line = static_cast<uint32_t>(routes.size());
      if (!options_.has_next_trunk) continue;
      const std::vector<TrunkId> then = {
          TrunkId{static_cast<uint16_t>((to + 1) % options_.trunks)}};
      route.then = builder.array<TrunkId>(then);
    }
    roots[from].root = trie.add(prefixes);
  }
  trie.finish(builder);
  builder.section().by_trunk = builder.array<contract::TrunkRoutes>(roots);
  builder.section().routes = builder.array<contract::RouteConfig>(routes);
  sections.routes = builder.finish();
}

unsigned Appliance::receive(const Parcel& parcel, contract::Instant now) {
  datagram_.assign(parcel.octets).append(sip::padding_octets, '\xee');
  const auto datagram = std::string_view(datagram_).substr(0, parcel.octets.size());
  const unsigned owner = owners_->of_datagram(
      datagram, static_cast<contract::WorkerIndex>(receiver_of(parcel, workers())));
  transaction::Path path;
  path.local = parcel.box;
  path.remote = parcel.peer;
  path.realm = RealmId{realm_of(parcel.trunk)};
  path.transport = parcel.transport;
  path.stream = parcel.stream;
  if (parcel.broken_status != 0) {
    engines_[0]->on_broken(datagram, parcel.broken_status, path, now);
    return 0;
  }
  engines_[owner]->on_datagram(datagram, path, now);
  return owner;
}

void Appliance::command(unsigned worker, const contract::Command& command, contract::Instant now) {
  contract::CommandRing ring = region_.commands(static_cast<contract::WorkerIndex>(worker));
  DEMARC_CHECK(ring.push(command));
  engines_[worker]->on_commands(now);
  contract::EventRing events = region_.events(static_cast<contract::WorkerIndex>(worker));
  for (contract::Event event; events.pop(event);) {
  }
}

uint32_t Appliance::free_port_pairs() const {
  uint32_t free = 0;
  for (const auto& engine : engines_) {
    for (uint16_t realm = 0; realm < realm_count; ++realm) {
      free += engine->media().free_pairs(RealmId{realm});
    }
  }
  return free;
}

uint32_t Appliance::live_calls() const {
  uint32_t live = 0;
  for (const auto& engine : engines_) live += engine->live_calls();
  return live;
}

}  // namespace demarc::sim
