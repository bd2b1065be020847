// WorkerWorld: workers between an IP-PBX and an ITSP, on ports made of rings in memory, stepped by
// a test. Frames go in as a port would deliver them and come out as it would send them.
//
// For worker_test.cc only; it allocates. Port 0 and trunk 0 face the IP-PBX (10.20.1.2, we are
// 10.20.1.1); port 1 and trunk 1 the ITSP (10.20.2.2, we are 10.20.2.1).
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/contract/codec_policy.h"
#include "dataplane/contract/region.h"
#include "dataplane/lcore/worker.h"

struct rte_ring;

namespace demarc::lcore {

// A UDP datagram as the other side of a wire sees it.
struct Seen {
  contract::Endpoint source;
  contract::Endpoint destination;
  std::string payload;
  wire::MacAddress to_mac;
  uint16_t vlan = 0;
};

class WorkerWorld {
 public:
  static constexpr contract::IpAddress own(unsigned side) {
    return contract::IpAddress::v4(10, 20, static_cast<uint8_t>(side + 1), 1);
  }
  static constexpr contract::IpAddress peer(unsigned side) {
    return contract::IpAddress::v4(10, 20, static_cast<uint8_t>(side + 1), 2);
  }

  static constexpr contract::IpAddress own_media(unsigned side, unsigned index) {
    const auto host = static_cast<uint8_t>(index == 0 ? 1 : 10 + index);
    return contract::IpAddress::v4(10, 20, static_cast<uint8_t>(side + 1), host);
  }

  // [side]: of its realm; 0: untagged.
  using Vlans = std::array<uint16_t, 2>;
  struct Options {
    uint16_t workers = 1;
    Vlans vlans = {};
    contract::CodecPolicy to_itsp = {};  // of the ITSP's trunk
    unsigned media_addresses = 1;        // of each realm, the first is own()
  };
  // One queue per port, whatever the number of workers. DPDK is started on first use.
  explicit WorkerWorld(const Options& options);
  explicit WorkerWorld(uint16_t workers, const Vlans& vlans = {})
      : WorkerWorld(Options{.workers = workers, .vlans = vlans}) {}
  ~WorkerWorld();

  // Makes the snapshot known to the workers; before it they know no address.
  void publish();
  // A datagram from the side's peer to us.
  void send(unsigned side, const contract::Endpoint& source, uint16_t to_port,
            std::string_view payload) {
    send_tagged(side, vlans_[side], source, to_port, payload);
  }
  // The same in another VLAN than the side's, perhaps.
  void send_tagged(unsigned side, uint16_t vlan, const contract::Endpoint& source, uint16_t to_port,
                   std::string_view payload) {
    put(side, vlan, {source, {own(side), to_port}}, payload);
  }
  // The same to another of our addresses.
  void send_to(unsigned side, const contract::Endpoint& source,
               const contract::Endpoint& destination, std::string_view payload) {
    put(side, vlans_[side], {source, destination}, payload);
  }
  // One turn of each worker, `later` after the last.
  void step(contract::Duration later);
  // From now on there is no buffer for what workers write themselves.
  void exhaust_buffers();
  // What went out to that side since the last call.
  std::vector<Seen> take(unsigned side);
  // Turns until something has gone out to the side, or so many turns are over.
  std::vector<Seen> step_until(unsigned side, unsigned turns);

  contract::Region& region() { return region_; }
  uint64_t counter(contract::WorkerIndex worker, contract::WorkerCounter counter) const {
    return region_.worker(worker).counters.get(counter);
  }
  uint64_t sum(contract::WorkerCounter counter) const;
  Quiescence& quiescence() { return quiescence_; }
  // What the workers exchange with a stream thread, which the test is.
  static constexpr unsigned stream_threads = 2;
  stream::Shards& shards() { return *shards_; }
  static wire::MacAddress peer_mac(unsigned side);

 private:
  struct Way {
    contract::Endpoint source;
    contract::Endpoint destination;
  };
  void put(unsigned side, uint16_t vlan, const Way& way, std::string_view payload);
  void build_sections();
  void describe_network();

  wire::Segment segment(unsigned side) const {
    return {contract::NicPortId{static_cast<uint16_t>(side)}, vlans_[side]};
  }

  Vlans vlans_;
  contract::CodecPolicy to_itsp_;
  unsigned media_addresses_;
  contract::Instant now_{1'000'000'000'000};
  std::vector<std::byte> region_memory_;
  std::vector<std::vector<std::byte>> arenas_;
  std::vector<std::byte> realms_, trunks_, routes_;
  contract::Region region_;
  contract::Snapshot snapshot_;
  contract::SnapshotCell cell_;
  steer::Handoff handoff_;
  std::unique_ptr<post::Post> post_;
  Quiescence quiescence_;
  std::unique_ptr<stream::Shards> shards_;
  std::vector<std::unique_ptr<Worker>> workers_;
  rte_ring* rings_[2] = {};
  std::vector<wire::Packet> held_back_;
};

}  // namespace demarc::lcore
