#include "dataplane/wire/adjacency.h"

#include "dataplane/wire/address_hash.h"

namespace demarc::wire {
namespace {

uint32_t hash(Segment segment, const contract::IpAddress& next_hop) {
  const uint64_t salt = static_cast<uint64_t>(contract::index_of(segment.port)) << 16;
  return address_hash(next_hop, salt | segment.vlan);
}

}  // namespace

bool AdjacencyTable::matches(uint32_t row, Segment segment,
                             const contract::IpAddress& next_hop) const {
  return rows_[row].segment == segment && rows_[row].next_hop == next_hop;
}

AdjacencyIndex AdjacencyTable::find(Segment segment, const contract::IpAddress& next_hop) const {
  for (uint32_t i = hash(segment, next_hop);; ++i) {
    const uint32_t row = slots_[i % slot_count].load(std::memory_order_acquire);
    // There are twice as many slots as rows, so an empty one ends every walk.
    if (row == 0) return AdjacencyIndex::none;
    if (matches(row - 1, segment, next_hop)) return static_cast<AdjacencyIndex>(row - 1);
  }
}

AdjacencyIndex AdjacencyTable::find_or_claim(Segment segment, const contract::IpAddress& next_hop,
                                             AdjacencyUse use) {
  const AdjacencyIndex known = find(segment, next_hop);
  if (known != AdjacencyIndex::none) return known;
  const uint32_t limit = use == AdjacencyUse::media ? max_rows - reserved_rows : max_rows;
  uint32_t row = row_count_.load(std::memory_order_relaxed);
  do {
    if (row >= limit) return AdjacencyIndex::none;
  } while (!row_count_.compare_exchange_weak(row, row + 1, std::memory_order_relaxed));
  rows_[row].next_hop = next_hop;
  rows_[row].segment = segment;
  for (uint32_t i = hash(segment, next_hop);; ++i) {
    uint32_t found = 0;
    if (slots_[i % slot_count].compare_exchange_strong(found, row + 1, std::memory_order_release,
                                                       std::memory_order_acquire)) {
      rows_[row].is_published.store(1, std::memory_order_release);
      return static_cast<AdjacencyIndex>(row);
    }
    // Another worker was faster with the same key; the row claimed here stays unused.
    if (matches(found - 1, segment, next_hop)) return static_cast<AdjacencyIndex>(found - 1);
  }
}

const contract::IpAddress& AdjacencyTable::next_hop(AdjacencyIndex index) const {
  return rows_[static_cast<uint32_t>(index)].next_hop;
}

void AdjacencyTable::write(AdjacencyIndex index, const Adjacency& adjacency) {
  rows_[static_cast<uint32_t>(index)].adjacency.store(adjacency);
  changes_.fetch_add(1, std::memory_order_release);
}

bool AdjacencyTable::take_used(AdjacencyIndex index) {
  std::atomic<uint8_t>& is_used = rows_[static_cast<uint32_t>(index)].is_used;
  return is_used.load(std::memory_order_relaxed) != 0 &&
         is_used.exchange(0, std::memory_order_relaxed) != 0;
}

uint32_t AdjacencyTable::row_count() const {
  return row_count_.load(std::memory_order_acquire);
}

bool AdjacencyTable::is_published(AdjacencyIndex index) const {
  return rows_[static_cast<uint32_t>(index)].is_published.load(std::memory_order_acquire) != 0;
}

}  // namespace demarc::wire
