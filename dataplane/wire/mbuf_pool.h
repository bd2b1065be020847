// MbufPool: frame buffers, made on the main thread before ports are opened.
//
// Every buffer has a private area for its Frame. Pools are made so that af_xdp can take them as its
// UMEM without hugepages too: one memory chunk, packed objects (RTE_MEMPOOL_F_NO_IOVA_CONTIG). The
// pool outlives every port and packet; it is freed by the process's end.
#pragma once

#include <cstdint>

#include "dataplane/wire/explanation.h"
#include "dataplane/wire/packet.h"

struct rte_mempool;

namespace demarc::wire {

// For frames up to an MTU of 1,500: what af_xdp's UMEM (4,096 octets an object) likes too.
inline constexpr uint16_t standard_room_octets = 2048;
// For af_packet, which hands over datagrams that the kernel has already reassembled, and for those
// that we reassemble.
inline constexpr uint16_t large_room_octets = 16384 + payload_padding_octets;

struct MbufPoolOptions {
  const char* name;
  uint32_t buffers;
  uint16_t room_octets = standard_room_octets;  // beside the headroom
  uint16_t cache = 256;                         // per thread
};

class MbufPool {
 public:
  MbufPool() = default;
  static MbufPool create(const MbufPoolOptions& options, Explanation& why);

  bool is_valid() const { return pool_ != nullptr; }
  // An empty packet when exhausted. Its Frame is not initialised; its data begins after the
  // headroom.
  Packet allocate() const;
  uint16_t room_octets() const;
  uint64_t octets_taken() const;  // of memory, for the report at start
  uint32_t free_buffers() const;  // slow: for tests and reports
  rte_mempool* handle() const { return pool_; }

 private:
  explicit MbufPool(rte_mempool* pool) : pool_(pool) {}
  rte_mempool* pool_ = nullptr;
};

}  // namespace demarc::wire
