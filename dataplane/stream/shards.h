// Shards: the stream threads and what each shares with the others and with the workers: its lanes,
// and the sockets that were accepted for it. Made on the main thread before any of them starts;
// outlives all.
//
// All connections of one peer address are on one thread (decision D58): so limits of a source are
// exact, and what finds a connection (RFC 5923) looks in one table. Where a message goes follows
// from its address alone.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "dataplane/stream/handover.h"
#include "dataplane/stream/lanes.h"

namespace demarc::stream {

class Shards {
 public:
  // `threads` and `workers` are at least 1; `octets` of each ring.
  explicit Shards(unsigned workers, unsigned threads = 1, uint64_t octets = Lanes::usual_octets) {
    for (unsigned i = 0; i < threads; ++i) all_.push_back(std::make_unique<Shard>(workers, octets));
  }
  // False when the kernel gave no event descriptor.
  bool is_valid() const {
    for (const auto& shard : all_) {
      if (!shard->lanes.is_valid()) return false;
    }
    return true;
  }
  unsigned count() const { return static_cast<unsigned>(all_.size()); }
  Lanes& lanes(unsigned shard) { return all_[shard]->lanes; }
  Handover& handover(unsigned shard) { return all_[shard]->handover; }

  // Whose the connections with that peer are. Peers are known by configuration, so nobody can
  // choose addresses that meet on one thread, and the hash needs no secret.
  unsigned of(const contract::IpAddress& peer) const {
    if (all_.size() == 1) return 0;
    uint64_t high = 0;
    uint64_t low = 0;
    std::memcpy(&high, peer.octets.data(), 8);
    std::memcpy(&low, peer.octets.data() + 8, 8);
    uint64_t mixed = high * 0x9e3779b97f4a7c15u ^ low;
    // The finalizer of MurmurHash3, so that neighbours part whatever the count is.
    mixed = (mixed ^ mixed >> 33) * 0xff51afd7ed558ccdu;
    mixed = (mixed ^ mixed >> 33) * 0xc4ceb9fe1a85ec53u;
    mixed ^= mixed >> 33;
    return static_cast<unsigned>(mixed % all_.size());
  }
  Lanes& lanes_to(const contract::IpAddress& peer) { return lanes(of(peer)); }

 private:
  struct Shard {
    Shard(unsigned workers, uint64_t octets) : lanes(workers, octets) {}
    Lanes lanes;
    Handover handover;
  };
  std::vector<std::unique_ptr<Shard>> all_;
};

}  // namespace demarc::stream
