// AdjacencyTable: the neighbours that we send to, as rows that workers read without locks.
//
// A row is claimed by a worker for a (segment, next hop) and keeps its index for the life of the
// process, so a media slot may hold the index: a neighbour's new MAC address rewrites one row. The
// key is written once before it is published; MAC addresses and state are written by the netlink
// thread alone. Rows are never given back: max_rows bounds the next hops of one run. Next hops that
// SDP names may take all but the last reserved_rows, which are for signalling and gateways.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "dataplane/contract/address.h"
#include "dataplane/contract/sequence_lock.h"
#include "dataplane/wire/ethernet.h"
#include "sip-parser/base/check.h"

namespace demarc::wire {

enum class AdjacencyIndex : uint32_t { none = 0xffffffff };

enum class AdjacencyState : uint8_t {
  unresolved,  // asked for, or lost
  usable,
  stale,   // usable; the kernel has not heard of it lately
  failed,  // the kernel gave up asking
};

// What a row is claimed for.
enum class AdjacencyUse : uint8_t {
  signalling,  // a configured peer, or a gateway
  media,       // an address that a peer named
};

struct Adjacency {
  MacAddress destination;
  MacAddress source;
  AdjacencyState state = AdjacencyState::unresolved;

  // Never with a group address: a datagram for one peer would go to all of the segment.
  bool is_usable() const {
    const bool is_known = state == AdjacencyState::usable || state == AdjacencyState::stale;
    return is_known && !destination.is_group();
  }
};

class AdjacencyTable {
 public:
  static constexpr unsigned max_rows = 8192;
  static constexpr unsigned reserved_rows = 1024;

  AdjacencyTable() = default;
  AdjacencyTable(const AdjacencyTable&) = delete;
  AdjacencyTable& operator=(const AdjacencyTable&) = delete;

  // Any thread. `none` when there is no row.
  AdjacencyIndex find(Segment segment, const contract::IpAddress& next_hop) const;
  // Any thread. The row of this neighbour, claimed now if need be; `none` when the table is full.
  AdjacencyIndex find_or_claim(Segment segment, const contract::IpAddress& next_hop,
                               AdjacencyUse use = AdjacencyUse::signalling);

  // Any thread. False when the row is being written right now (try again, or hold the packet).
  [[nodiscard]] bool read(AdjacencyIndex index, Adjacency& adjacency) const {
    DEMARC_DCHECK(static_cast<uint32_t>(index) < max_rows);
    return rows_[static_cast<uint32_t>(index)].adjacency.load(adjacency, 1);
  }
  Segment segment(AdjacencyIndex index) const {
    return rows_[static_cast<uint32_t>(index)].segment;
  }
  const contract::IpAddress& next_hop(AdjacencyIndex index) const;
  // Workers: the row was used to send; cheap when it is marked already.
  void mark_used(AdjacencyIndex index) {
    std::atomic<uint8_t>& is_used = rows_[static_cast<uint32_t>(index)].is_used;
    if (is_used.load(std::memory_order_relaxed) == 0) is_used.store(1, std::memory_order_relaxed);
  }

  // The netlink thread (or a test) only.
  void write(AdjacencyIndex index, const Adjacency& adjacency);
  bool take_used(AdjacencyIndex index);  // whether it was used since the last call
  // Rows claimed so far; all indexes below it may be visited, published or not.
  uint32_t row_count() const;
  bool is_published(AdjacencyIndex index) const;
  // Changes with every write(); workers look at it to know when to try held packets again.
  uint32_t change_count() const { return changes_.load(std::memory_order_acquire); }

 private:
  static constexpr unsigned slot_count = 2 * max_rows;
  struct alignas(64) Row {
    contract::IpAddress next_hop;
    Segment segment;
    std::atomic<uint8_t> is_published{0};
    std::atomic<uint8_t> is_used{0};
    contract::SequenceLocked<Adjacency> adjacency;
  };
  static_assert(sizeof(Row) == 64);

  bool matches(uint32_t row, Segment segment, const contract::IpAddress& next_hop) const;

  // Row number + 1; 0: empty. Slots are filled once and never emptied.
  std::array<std::atomic<uint32_t>, slot_count> slots_{};
  std::atomic<uint32_t> row_count_{0};
  std::atomic<uint32_t> changes_{0};
  std::array<Row, max_rows> rows_{};
};

}  // namespace demarc::wire
