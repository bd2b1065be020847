// MediaPorts: the media path of one worker between two DPDK ports that are rings in memory, with
// many live streams, and the sender whose frames wait in the first ring.
//
// For port_bench.cc. The path is that of lcore::Worker::relay_media: receive, classify, port to
// slot, relay, Ethernet header, send. It allocates, and starts DPDK once in a process.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "dataplane/lcore/local_map.h"
#include "dataplane/lcore/media_path.h"
#include "dataplane/lcore/worker_memory.h"
#include "dataplane/memory/arena.h"

struct rte_mbuf;
struct rte_ring;

namespace demarc::bench {

class MediaPorts {
 public:
  static constexpr unsigned frame_octets = 214;  // G.711, 20 ms, IPv4
  // Between the sender and the worker: as many as the receive ring of a card holds, about.
  static constexpr unsigned waiting = 512;

  explicit MediaPorts(unsigned streams);
  ~MediaPorts();
  MediaPorts(const MediaPorts&) = delete;
  MediaPorts& operator=(const MediaPorts&) = delete;

  // The next frames of streams drawn at random; the ring is full then.
  void make_ready();
  // One turn of the worker's media path, what is timed. Frames that it took.
  unsigned turn();
  // The same port and frames, nothing but the MAC addresses exchanged, by plain DPDK calls.
  unsigned macswap_turn();
  // Takes what went out back to the sender: frames of the right length.
  unsigned take_sent();

 private:
  struct Stream {
    contract::Endpoint from;
    contract::Endpoint to;
    uint16_t sequence = 0;
  };

  void describe_network();
  void open_streams(unsigned count);
  void write_frame(rte_mbuf* mbuf, Stream& stream);

  std::vector<std::byte> region_memory_;
  std::vector<std::byte> realms_;
  std::vector<std::byte> trunks_;
  contract::Region region_;
  contract::Snapshot snapshot_;
  steer::Handoff handoff_;
  lcore::WorkerMemory memory_;  // as a worker has it
  std::unique_ptr<memory::Arena> arena_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<wire::Wire> wire_;
  lcore::LocalMap local_map_;
  std::unique_ptr<lcore::MediaPath> path_;
  std::vector<Stream> streams_;
  std::vector<rte_mbuf*> idle_;  // of the sender
  rte_ring* in_ = nullptr;
  rte_ring* out_ = nullptr;
  uint64_t random_ = 1;
  contract::Instant now_{1'000'000'000'000};
};

}  // namespace demarc::bench
