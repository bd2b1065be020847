// Ports: the media ports of one worker, who has them, and the index from a port to its slot.
//
// An even port and the odd one above it make a pair (RFC 3550 section 11). Ports come in blocks of
// 2^media_block_shift that go round the workers (decision D5), so a worker holds, per address, only
// the pairs and the index of its own blocks. A row is one media address; it outlives a change of
// realms as long as streams are bound to it. Called by Table; one worker only.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/contract/section.h"
#include "dataplane/contract/time.h"
#include "dataplane/media/address_rows.h"
#include "dataplane/memory/arena.h"

namespace demarc::media {

struct PortPair {
  contract::RealmId realm = contract::RealmId::none;
  uint16_t address = 0;   // row of the media address; means nothing outside this worker
  uint16_t rtp_port = 0;  // 0: none
  bool is_set() const { return rtp_port != 0; }
};

// The worker that owns a media port.
inline constexpr unsigned media_block_shift = 8;
constexpr contract::WorkerIndex owner_of_port(uint16_t port, unsigned workers) {
  return static_cast<contract::WorkerIndex>((port >> media_block_shift) % workers);
}

// What a stream must know of the address that it is bound to.
struct MediaAddress {
  contract::IpAddress bound;
  contract::IpAddress advertised;
  contract::RealmId realm = contract::RealmId::none;
  contract::NicPortId port = contract::NicPortId::none;
  uint8_t dscp = 46;
};

// Realms that may have media; ids are never used again, so removed realms count (holes).
inline constexpr uint32_t realm_capacity = 4096;

class Ports {
 public:
  struct Limits {
    uint32_t address_capacity = 0;  // at most 65,535
    contract::WorkerIndex worker = 0;
    uint16_t workers = 1;
    contract::Duration quarantine;
  };
  Ports(memory::Arena& arena, const Limits& limits);
  static size_t octets_needed(const Limits& limits);

  // The addresses and ranges in force from now on. An address belongs to the first realm that lists
  // it. One that went away keeps its row while pairs of it are in use, and gives no new ones.
  void adopt(const contract::RealmSection& section);
  // Addresses of the last adopt() that found no room or are another realm's.
  uint32_t refused_addresses() const { return refused_addresses_; }

  // Never used ones first, then the one released longest ago, if its quarantine is over. Goes round
  // the realm's addresses, beginning with `wanted` if it is one of them. Not set when there is
  // none.
  PortPair acquire(contract::RealmId realm, contract::Instant now,
                   const contract::IpAddress& wanted = {});
  // Into quarantine; the pair becomes unset.
  void release(PortPair& pair, contract::Instant now);
  // Not in use, those in quarantine included.
  uint32_t free_pairs(contract::RealmId realm) const;
  const MediaAddress& address_of(const PortPair& pair) const { return rows_[pair.address].names; }

  // The value that was bound to (address, port), or no_value.
  static constexpr uint32_t no_value = 0xffffffff;
  uint32_t find(const contract::IpAddress& address, uint16_t port) const {
    return value_at(cell_of(address, port));
  }
  // The two halves of find(), for a burst: where the value stands, on its way into the cache, and
  // the value. A cell is good until the next adopt().
  using Cell = const uint32_t*;
  Cell begin_find(const contract::IpAddress& address, uint16_t port) const {
    const Cell cell = cell_of(address, port);
    __builtin_prefetch(cell);
    return cell;
  }
  static uint32_t value_at(Cell cell) { return *cell - 1; }
  // `port` is one of the pair's two; no_value unbinds.
  void bind(const PortPair& pair, uint16_t port, uint32_t value);

 private:
  static constexpr uint32_t block_ports = 1u << media_block_shift;
  static constexpr uint32_t block_pairs = block_ports / 2;
  static constexpr uint16_t not_owned = 0xffff;
  static constexpr uint32_t no_row = AddressRows::no_row;

  struct Row {
    MediaAddress names;
    uint16_t port_low = 0;
    uint16_t port_high = 0;
    bool is_in_force = false;         // listed by the last snapshot
    uint32_t next_in_realm = no_row;  // a circle
    uint32_t in_use = 0;
    uint32_t free = 0;   // of the range
    uint32_t fresh = 0;  // where the search for a pair that was never used goes on
    uint32_t first_released = 0;
    uint32_t released = 0;
  };
  struct Realm {
    uint32_t next_row = no_row;  // to be tried first
  };

  Cell cell_of(const contract::IpAddress& address, uint16_t port) const {
    static constexpr uint32_t unbound = 0;
    const uint16_t block = block_of_[port >> media_block_shift];
    if (block == not_owned) return &unbound;
    const uint32_t row = address_rows_.find(address);
    if (row == no_row) return &unbound;
    return &index_[row * size_t{pairs_per_row_} * 2 + block * block_ports + port % block_ports];
  }
  static uint32_t pairs_per_row(const Limits& limits);
  uint32_t pair_of(uint16_t port) const;
  uint32_t port_of(uint32_t pair) const;
  uint32_t first_pair_from(uint16_t port) const;
  static bool is_in_range(const Row& row, uint32_t port);

  uint32_t place(const contract::IpAddress& address);
  void rebuild_address_rows();
  void adopt_realm(const contract::RealmSection& section, contract::RealmId id,
                   const contract::RealmConfig& realm);
  void set_range(uint32_t row, uint16_t low, uint16_t high);
  void keep_released_in_range(uint32_t row);
  void link(uint32_t row);
  uint32_t take_fresh(uint32_t row);
  uint32_t take_released(uint32_t row, contract::Instant now);

  // One bit per pair of every row.
  class Bits {
   public:
    explicit Bits(std::span<uint64_t> words) : words_(words) {}
    bool get(size_t bit) const { return (words_[bit / 64] >> bit % 64 & 1) != 0; }
    void set(size_t bit) { words_[bit / 64] |= uint64_t{1} << bit % 64; }
    void reset(size_t bit) { words_[bit / 64] &= ~(uint64_t{1} << bit % 64); }

   private:
    std::span<uint64_t> words_;
  };
  size_t bit_of(uint32_t row, uint32_t pair) const { return row * size_t{pairs_per_row_} + pair; }

  Limits limits_;
  uint32_t pairs_per_row_;
  uint32_t refused_addresses_ = 0;
  AddressRows address_rows_;
  std::span<Row> rows_;
  uint32_t rows_begun_ = 0;  // rows from here on were never used
  std::span<Realm> realms_;
  std::span<uint16_t> block_of_;  // of 256: the worker's own number of a block, or not_owned
  std::span<uint32_t> index_;     // value plus one, so that zeroed memory is unbound
  // Per row a ring of released pairs: the instant when it may be used again, in units of 2^16 ns,
  // above the 16 bits of its port. Sorted, since the quarantine is the same for all.
  std::span<uint64_t> released_;
  Bits in_use_;
  Bits known_;  // in use or in the ring; the others are fresh
};

}  // namespace demarc::media
