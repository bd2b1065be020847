#include "dataplane/lcore/worker_harness.h"

#include <rte_mbuf.h>
#include <rte_ring.h>

#include <cstring>

#include "dataplane/contract/section_builder.h"
#include "dataplane/wire/datagram.h"
#include "dataplane/wire/eal.h"
#include "sip-parser/base/check.h"
#include "tests/support/digit_trie.h"

namespace demarc::lcore {
namespace {

using contract::Endpoint;
using contract::IpAddress;
using contract::SectionBuilder;
using contract::SectionKind;

constexpr unsigned sides = 2;
constexpr uint16_t max_test_workers = 2;
// The names that DPDK's net_ring driver gives the ring behind queue 0.
constexpr const char* ring_names[sides] = {"ETH_RXTX0_net_ring_pbx", "ETH_RXTX0_net_ring_itsp"};
constexpr const char* devices[sides] = {"net_ring_pbx", "net_ring_itsp"};

// DPDK, its pools and ports are made once in a process, for as many workers as any test has.
wire::Wiring& wiring() {
  static const std::unique_ptr<wire::Wiring> made = [] {
    wire::Explanation why;
    wire::EalOptions eal;
    eal.program = "lcore_test";
    eal.memory_mb = 256;
    eal.hugepages = contract::Hugepages::no;
    wire::EalReport report;
    const bool has_eal = wire::start_eal(eal, report, why);
    DEMARC_CHECK(has_eal);
    wire::WiringPort ports[sides];
    for (unsigned side = 0; side < sides; ++side) ports[side].device = devices[side];
    wire::WiringOptions options;
    options.ports = ports;
    options.workers = max_test_workers;
    options.buffers = 2047;
    auto result = std::make_unique<wire::Wiring>();
    const bool is_started = result->start(options, why);
    DEMARC_CHECK(is_started);
    return result;
  }();
  return *made;
}

std::span<std::byte> aligned(std::vector<std::byte>& memory, size_t octets) {
  memory.assign(octets + 64, std::byte{});
  const size_t skip = (64 - reinterpret_cast<uintptr_t>(memory.data()) % 64) % 64;
  return std::span(memory).subspan(skip, octets);
}

engine::Limits limits_of(contract::WorkerIndex worker, uint16_t workers) {
  engine::Limits limits;
  limits.worker = worker;
  limits.workers = workers;
  limits.calls = 16;
  limits.transactions = 64;
  limits.datagrams = 256;
  limits.media_addresses = 8;
  limits.repacketizers = 4;
  return limits;
}

}  // namespace

WorkerWorld::WorkerWorld(const Options& options)
    : vlans_(options.vlans), to_itsp_(options.to_itsp), media_addresses_(options.media_addresses) {
  const uint16_t workers = options.workers;
  wire::Wiring& shared_wiring = wiring();
  for (unsigned side = 0; side < sides; ++side) {
    rings_[side] = rte_ring_lookup(ring_names[side]);
    DEMARC_CHECK(rings_[side] != nullptr);
  }
  const contract::RegionSizes sizes{workers, 16, 2, 2, 64};
  region_ = contract::Region::create(
      aligned(region_memory_, contract::Region::octets_needed(sizes)), sizes, 5);
  region_.header().state.store(contract::DataplaneState::running, std::memory_order_relaxed);
  handoff_ = steer::Handoff::create(workers, 64);
  DEMARC_CHECK(handoff_.is_valid() && quiescence_.start(workers));
  build_sections();
  describe_network();
  shards_ = std::make_unique<stream::Shards>(workers, stream_threads,
                                             4 * uint64_t{stream::MessageRing::max_octets});
  post_ = std::make_unique<post::Post>(workers);
  const Shared shared{shared_wiring, handoff_,      region_,    cell_,
                      quiescence_,   shards_.get(), post_.get()};
  arenas_.resize(workers);
  for (uint16_t i = 0; i < workers; ++i) {
    const auto index = static_cast<contract::WorkerIndex>(i);
    const engine::Limits limits = limits_of(index, workers);
    const auto memory = aligned(arenas_[i], engine::Engine::octets_needed(limits));
    const engine::Engine::Secrets secrets{
        {{1, 2}, {3, 4}}, {5u + uint64_t{i}, 6}, {7u + uint64_t{i}, 8}};
    quiescence_.join(index);
    workers_.push_back(std::make_unique<Worker>(shared, limits, memory, secrets, now_));
  }
}

WorkerWorld::~WorkerWorld() {
  for (unsigned side = 0; side < sides; ++side) (void)take(side);
}

void WorkerWorld::describe_network() {
  wire::Wiring& shared_wiring = wiring();
  auto fib = std::make_unique<wire::FibTable>();
  std::vector<wire::SegmentAddress> ours;
  for (unsigned side = 0; side < sides; ++side) {
    wire::FibRoute on_link;
    on_link.prefix = IpAddress::v4(10, 20, static_cast<uint8_t>(side + 1), 0);
    on_link.prefix_length = 96 + 24;
    on_link.segment = segment(side);
    DEMARC_CHECK(fib->add_route(on_link));
    for (unsigned i = 0; i < media_addresses_; ++i) {
      ours.push_back({own_media(side, i), segment(side)});
    }
    const wire::AdjacencyIndex row =
        shared_wiring.adjacencies().find_or_claim(segment(side), peer(side));
    shared_wiring.adjacencies().write(
        row, {peer_mac(side), shared_wiring.port(side).mac(), wire::AdjacencyState::usable});
  }
  shared_wiring.fib().store(*fib);
  DEMARC_CHECK(shared_wiring.set_local_addresses(ours));
}

void WorkerWorld::build_sections() {
  SectionBuilder<contract::RealmSection> realms(SectionKind::realms, 1);
  SectionBuilder<contract::TrunkSection> trunks(SectionKind::trunks, 1);
  SectionBuilder<contract::RouteSection> routes(SectionKind::routes, 1);
  std::vector<contract::RealmConfig> realm_rows(sides);
  std::vector<contract::TrunkConfig> trunk_rows(sides);
  std::vector<contract::SourceConfig> sources;
  std::vector<Endpoint> listeners(sides);
  std::vector<contract::RouteConfig> route_rows(sides);
  support::DigitTrieRows trie;
  std::vector<contract::TrunkRoutes> by_trunk(sides);
  for (uint16_t side = 0; side < sides; ++side) {
    const IpAddress address = own(side);
    realm_rows[side].port = contract::NicPortId{side};
    realm_rows[side].vlan = vlans_[side];
    realm_rows[side].address = realm_rows[side].advertised_address = address;
    std::vector<IpAddress> for_media;
    for (unsigned i = 0; i < media_addresses_; ++i) for_media.push_back(own_media(side, i));
    realm_rows[side].media_addresses = realms.array<IpAddress>(for_media);
    realm_rows[side].advertised_media_addresses = realms.array<IpAddress>(for_media);
    trunk_rows[side].realm = contract::RealmId{side};
    trunk_rows[side].peer_host = trunks.text("peer.example");
    trunk_rows[side].first_target = contract::TargetId{side};
    trunk_rows[side].target_count = 1;
    if (side == 1) trunk_rows[side].media.codecs = to_itsp_;
    listeners[side] = {address, 5060};
    contract::SourceConfig source;
    source.local = listeners[side];
    source.remote = peer(side);
    source.trunk = contract::TrunkId{side};
    sources.push_back(source);
    source.transport = contract::Transport::tcp;
    sources.push_back(source);
    route_rows[side].from = contract::TrunkId{side};
    route_rows[side].to = contract::TrunkId{static_cast<uint16_t>(1 - side)};
    by_trunk[side].root = trie.add({{"", side}});
    region_.target(contract::TargetId{side})
        .store({{peer(side), 5060}, contract::TrunkId{side}, contract::TargetHealth::unknown});
  }
  realms.section().realms = realms.array<contract::RealmConfig>(realm_rows);
  trunks.section().trunks = trunks.array<contract::TrunkConfig>(trunk_rows);
  trunks.section().sources = trunks.array<contract::SourceConfig>(sources);
  trunks.section().listeners = trunks.array<Endpoint>(listeners);
  routes.section().by_trunk = routes.array<contract::TrunkRoutes>(by_trunk);
  trie.finish(routes);
  routes.section().routes = routes.array<contract::RouteConfig>(route_rows);
  realms_ = realms.finish();
  trunks_ = trunks.finish();
  routes_ = routes.finish();
  const contract::SectionBounds bounds{2, 2, 2, 2, 2};
  for (const auto* blob : {&realms_, &trunks_, &routes_}) {
    DEMARC_CHECK(contract::check_section(*blob, bounds) == contract::SectionError::none);
  }
  snapshot_.generation = 1;
  snapshot_.realms = reinterpret_cast<const contract::RealmSection*>(realms_.data());
  snapshot_.trunks = reinterpret_cast<const contract::TrunkSection*>(trunks_.data());
  snapshot_.routes = reinterpret_cast<const contract::RouteSection*>(routes_.data());
}

void WorkerWorld::publish() {
  cell_.store(&snapshot_);
}

void WorkerWorld::put(unsigned side, uint16_t vlan, const Way& way, std::string_view payload) {
  wire::Wiring& shared_wiring = wiring();
  const wire::Datagram datagram{
      .local = way.source,
      .remote = way.destination,
      .payload = {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()}};
  wire::DatagramWriter writer(datagram, 1500, 1);
  DEMARC_CHECK(writer.is_valid());
  while (const uint16_t length = writer.next_length()) {
    wire::Packet packet = shared_wiring.send_pool().allocate();
    DEMARC_CHECK(static_cast<bool>(packet));
    packet.frame() = wire::Frame{};
    packet.set_l3(packet.octets(), length);
    writer.write_next(packet.l3());
    packet.set_begin(wire::write_ethernet(packet.l3(), shared_wiring.port(side).mac(),
                                          peer_mac(side), vlan, wire::ethertype_ipv4));
    DEMARC_CHECK(rte_ring_enqueue(rings_[side], packet.release()) == 0);
  }
}

void WorkerWorld::step(contract::Duration later) {
  now_ = now_ + later;
  for (const auto& worker : workers_) (void)worker->poll_once(now_);
}

void WorkerWorld::exhaust_buffers() {
  while (wire::Packet packet = wiring().send_pool().allocate()) {
    held_back_.push_back(std::move(packet));
  }
}

std::vector<Seen> WorkerWorld::take(unsigned side) {
  std::vector<Seen> all;
  void* mbuf = nullptr;
  while (rte_ring_dequeue(rings_[side], &mbuf) == 0) {
    const wire::Packet packet(static_cast<rte_mbuf*>(mbuf));
    wire::FrameChecks checks;
    std::memcpy(checks.own_mac.octets.data(), packet.octets(), 6);
    const wire::Frame frame = wire::classify(packet.bytes(), checks);
    DEMARC_CHECK(frame.kind == wire::FrameKind::udp);
    all.push_back(
        {frame.remote, frame.local,
         std::string(reinterpret_cast<const char*>(packet.octets()) + frame.payload_offset,
                     frame.payload_length),
         checks.own_mac, frame.vlan});
  }
  return all;
}

std::vector<Seen> WorkerWorld::step_until(unsigned side, unsigned turns) {
  for (unsigned i = 0; i < turns; ++i) {
    step(contract::Duration{10'000});
    std::vector<Seen> seen = take(side);
    if (!seen.empty()) return seen;
  }
  return {};
}

uint64_t WorkerWorld::sum(contract::WorkerCounter counter) const {
  uint64_t total = 0;
  for (unsigned i = 0; i < region_.workers(); ++i) {
    total += this->counter(static_cast<contract::WorkerIndex>(i), counter);
  }
  return total;
}

wire::MacAddress WorkerWorld::peer_mac(unsigned side) {
  return {{2, 0, 0, 0, 0, static_cast<uint8_t>(side + 1)}};
}

}  // namespace demarc::lcore
