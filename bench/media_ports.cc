#include "bench/media_ports.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <algorithm>
#include <cstring>

#include "dataplane/contract/section_builder.h"
#include "dataplane/wire/eal.h"
#include "sip-parser/base/check.h"
#include "tests/support/udp_packet.h"

namespace demarc::bench {
namespace {

using contract::Endpoint;
using contract::IpAddress;
using contract::NicPortId;
using contract::RealmId;
using contract::SectionBuilder;
using contract::SectionKind;
using contract::TrunkId;

constexpr unsigned sides = 2;
constexpr unsigned addresses_per_side = 16;
constexpr unsigned slots_per_stream = 2;  // RTP and RTCP
constexpr unsigned slots_per_call = 8;
constexpr const char* devices[sides] = {"net_ring_from", "net_ring_to"};
constexpr const char* ring_names[sides] = {"ETH_RXTX0_net_ring_from", "ETH_RXTX0_net_ring_to"};

wire::Segment segment(unsigned side) {
  return {NicPortId{static_cast<uint16_t>(side)}, 0};
}
IpAddress own(unsigned side, unsigned i) {
  return IpAddress::v4(10, 20, static_cast<uint8_t>(side + 1), static_cast<uint8_t>(i + 1));
}
IpAddress gateway(unsigned side) {
  return IpAddress::v4(10, 20, static_cast<uint8_t>(side + 1), 254);
}
IpAddress peer(unsigned side, unsigned i) {
  return IpAddress::v4(10, static_cast<uint8_t>(30 + side), static_cast<uint8_t>(i >> 8),
                       static_cast<uint8_t>(i));
}

wire::Wiring& wiring() {
  static const std::unique_ptr<wire::Wiring> made = [] {
    wire::Explanation why;
    wire::EalOptions eal;
    eal.program = "port_bench";
    eal.memory_mb = 256;
    wire::EalReport report;
    const bool has_eal = wire::start_eal(eal, report, why);
    DEMARC_CHECK(has_eal);
    wire::WiringPort ports[sides];
    for (unsigned side = 0; side < sides; ++side) ports[side].device = devices[side];
    wire::WiringOptions options;
    options.ports = ports;
    options.buffers = 4095;
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

std::vector<std::byte> realm_section() {
  SectionBuilder<contract::RealmSection> builder(SectionKind::realms, 1);
  std::vector<contract::RealmConfig> rows(sides);
  for (uint16_t side = 0; side < sides; ++side) {
    std::vector<IpAddress> addresses;
    for (unsigned i = 0; i < addresses_per_side; ++i) addresses.push_back(own(side, i));
    rows[side].port = NicPortId{side};
    rows[side].address = rows[side].advertised_address = own(side, 0);
    rows[side].media_port_low = 16384;
    rows[side].media_port_high = 65535;
    rows[side].media_addresses = builder.array<IpAddress>(addresses);
    rows[side].advertised_media_addresses = builder.array<IpAddress>(addresses);
  }
  builder.section().realms = builder.array<contract::RealmConfig>(rows);
  return builder.finish();
}

std::vector<std::byte> trunk_section() {
  SectionBuilder<contract::TrunkSection> builder(SectionKind::trunks, 1);
  std::vector<contract::TrunkConfig> rows(sides);
  for (uint16_t side = 0; side < sides; ++side) rows[side].realm = RealmId{side};
  builder.section().trunks = builder.array<contract::TrunkConfig>(rows);
  return builder.finish();
}

engine::Limits limits_for(unsigned streams) {
  engine::Limits limits;
  limits.calls = std::max(16u, streams * slots_per_stream / slots_per_call + 1);
  limits.transactions = 64;
  limits.datagrams = 256;
  limits.media_addresses = sides * addresses_per_side;
  return limits;
}

}  // namespace

MediaPorts::MediaPorts(unsigned streams) {
  wire::Wiring& shared = wiring();
  in_ = rte_ring_lookup(ring_names[0]);
  out_ = rte_ring_lookup(ring_names[1]);
  DEMARC_CHECK(in_ != nullptr && out_ != nullptr);
  const engine::Limits limits = limits_for(streams);
  const contract::RegionSizes sizes{1, limits.calls, sides, sides, 64};
  region_ = contract::Region::create(
      aligned(region_memory_, contract::Region::octets_needed(sizes)), sizes, 1);
  realms_ = realm_section();
  trunks_ = trunk_section();
  snapshot_.generation = 1;
  snapshot_.realms = reinterpret_cast<const contract::RealmSection*>(realms_.data());
  snapshot_.trunks = reinterpret_cast<const contract::TrunkSection*>(trunks_.data());
  describe_network();
  handoff_ = steer::Handoff::create(1, 64);
  DEMARC_CHECK(handoff_.is_valid());
  wire::Explanation why;
  memory_ = lcore::WorkerMemory::map(engine::Engine::octets_needed(limits), true, why);
  DEMARC_CHECK(memory_.is_valid());
  arena_ = std::make_unique<memory::Arena>(memory_.octets());
  engine_ = std::make_unique<engine::Engine>(
      limits, *arena_, region_, engine::Engine::Secrets{{{1, 2}, {3, 4}}, {5, 6}, {7, 8}}, now_);
  engine_->media().adopt(snapshot_);
  local_map_.rebuild(snapshot_);
  contract::WorkerCounters& counters = region_.worker(0).counters;
  wire_ = std::make_unique<wire::Wire>(shared, contract::WorkerIndex{0}, counters);
  path_ = std::make_unique<lcore::MediaPath>(lcore::MediaPath::Parts{
      *engine_, *wire_, handoff_, local_map_, counters, contract::WorkerIndex{0}});
  open_streams(streams);
  idle_.resize(waiting);
  DEMARC_CHECK(rte_pktmbuf_alloc_bulk(shared.send_pool().handle(), idle_.data(), waiting) == 0);
}

MediaPorts::~MediaPorts() {
  void* mbuf = nullptr;
  while (rte_ring_dequeue(in_, &mbuf) == 0) rte_pktmbuf_free(static_cast<rte_mbuf*>(mbuf));
  static_cast<void>(take_sent());
  for (rte_mbuf* one : idle_) rte_pktmbuf_free(one);
}

// Everybody is behind one gateway a side.
void MediaPorts::describe_network() {
  wire::Wiring& shared = wiring();
  auto fib = std::make_unique<wire::FibTable>();
  std::vector<wire::SegmentAddress> ours;
  for (unsigned side = 0; side < sides; ++side) {
    wire::FibRoute route;
    route.prefix = IpAddress::v4(0, 0, 0, 0);
    route.prefix_length = 96;
    route.gateway = gateway(side);
    route.segment = segment(side);
    DEMARC_CHECK(fib->add_route(route));
    for (unsigned i = 0; i < addresses_per_side; ++i) ours.push_back({own(side, i), segment(side)});
    const wire::AdjacencyIndex row =
        shared.adjacencies().find_or_claim(segment(side), gateway(side));
    shared.adjacencies().write(
        row, {{{2, 0, 0, 0, 0, 1}}, shared.port(side).mac(), wire::AdjacencyState::usable});
  }
  shared.fib().store(*fib);
  DEMARC_CHECK(shared.set_local_addresses(ours));
}

void MediaPorts::open_streams(unsigned count) {
  media::Table& table = engine_->media();
  for (unsigned i = 0; i < count; ++i) {
    const media::PortPair in = table.acquire(RealmId{0}, now_);
    const media::PortPair out = table.acquire(RealmId{1}, now_);
    DEMARC_CHECK(in.is_set() && out.is_set());
    const media::Table::SlotPair pair =
        table.open({.in = in, .out = out, .trunk_in = TrunkId{0}, .trunk_out = TrunkId{1}}, now_);
    DEMARC_CHECK(pair.is_set());
    const Endpoint from{peer(0, i % 60'000), 10'000};
    const Endpoint to{peer(1, i % 60'000), 20'000};
    table.expect(pair, from, from);
    table.aim(pair, to, to);
    streams_.push_back({from, {table.bound_address(in), in.rtp_port}, 0});
  }
}

// The whole frame, as it would come off a card: what was in the buffer went out some turns ago.
void MediaPorts::write_frame(rte_mbuf* mbuf, Stream& stream) {
  rte_pktmbuf_reset(mbuf);
  auto* octets = reinterpret_cast<uint8_t*>(rte_pktmbuf_append(mbuf, frame_octets));
  const wire::MacAddress& mac = wiring().port(0).mac();
  std::memcpy(octets, mac.octets.data(), 6);
  std::memset(octets + 6, 2, 6);
  octets[12] = 8;
  octets[13] = 0;
  const support::Octets ip = support::ip_packet(
      {stream.from, stream.to},
      support::rtp_payload({++stream.sequence, stream.sequence * 160u, 0x01020304}));
  std::memcpy(octets + 14, ip.data(), ip.size());
}

void MediaPorts::make_ready() {
  while (!idle_.empty()) {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    rte_mbuf* mbuf = idle_.back();
    idle_.pop_back();
    write_frame(mbuf, streams_[random_ % streams_.size()]);
    DEMARC_CHECK(rte_ring_enqueue(in_, mbuf) == 0);
  }
  now_ = now_ + contract::Duration::milliseconds(1);
}

unsigned MediaPorts::turn() {
  unsigned taken = 0;
  for (wire::Packet& packet : wire_->receive(now_)) {
    const wire::Frame& frame = packet.frame();
    const lcore::LocalAddress* local = local_map_.find(frame.local.address);
    DEMARC_CHECK(local != nullptr && !local_map_.is_listener(*local, frame.local.port));
    if (!local->is_media_port(frame.local.port)) continue;
    path_->accept(std::move(packet), now_);
    ++taken;
  }
  path_->relay(now_);
  wire_->flush(now_);
  return taken;
}

unsigned MediaPorts::macswap_turn() {
  rte_mbuf* mbufs[wire::Wire::burst];
  const uint16_t count = rte_eth_rx_burst(0, 0, mbufs, wire::Wire::burst);
  for (uint16_t i = 0; i < count; ++i) {
    auto* octets = rte_pktmbuf_mtod(mbufs[i], uint8_t*);
    uint8_t kept[6];
    std::memcpy(kept, octets, 6);
    std::memcpy(octets, octets + 6, 6);
    std::memcpy(octets + 6, kept, 6);
  }
  const uint16_t sent = rte_eth_tx_burst(1, 0, mbufs, count);
  DEMARC_CHECK(sent == count);
  return count;
}

unsigned MediaPorts::take_sent() {
  unsigned whole = 0;
  void* mbuf = nullptr;
  while (rte_ring_dequeue(out_, &mbuf) == 0) {
    idle_.push_back(static_cast<rte_mbuf*>(mbuf));
    if (idle_.back()->data_len == frame_octets) ++whole;
  }
  return whole;
}

}  // namespace demarc::bench
