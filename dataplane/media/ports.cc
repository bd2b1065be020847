#include "dataplane/media/ports.h"

#include <algorithm>

#include "sip-parser/base/check.h"

namespace demarc::media {
namespace {

using contract::IpAddress;
using contract::RealmConfig;

constexpr uint64_t port_mask = 0xffff;
constexpr uint32_t no_pair = 0xffffffff;
constexpr unsigned block_count = 1u << (16 - media_block_shift);

size_t words_for(size_t bits) {
  return (bits + 63) / 64;
}

// Rounded up, so that a quarantine is never cut short.
uint64_t ready_word(contract::Instant ready, uint16_t port) {
  return ((ready.ns + port_mask) & ~port_mask) | port;
}

}  // namespace

uint32_t Ports::pairs_per_row(const Limits& limits) {
  const unsigned blocks = (block_count + limits.workers - 1u) / limits.workers;
  return blocks * block_pairs;
}

size_t Ports::octets_needed(const Limits& limits) {
  using memory::Arena;
  const size_t rows = limits.address_capacity;
  const size_t pairs = rows * pairs_per_row(limits);
  return AddressRows::octets_needed(limits.address_capacity) + Arena::octets_for<Row>(rows) +
         Arena::octets_for<Realm>(realm_capacity) + Arena::octets_for<uint16_t>(block_count) +
         Arena::octets_for<uint32_t>(pairs * 2) + Arena::octets_for<uint64_t>(pairs) +
         2 * Arena::octets_for<uint64_t>(words_for(pairs));
}

Ports::Ports(memory::Arena& arena, const Limits& limits)
    : limits_(limits),
      pairs_per_row_(pairs_per_row(limits)),
      address_rows_(arena, limits.address_capacity),
      rows_(arena.take<Row>(limits.address_capacity)),
      realms_(arena.take<Realm>(realm_capacity)),
      block_of_(arena.take<uint16_t>(block_count)),
      index_(arena.take<uint32_t>(size_t{limits.address_capacity} * pairs_per_row_ * 2)),
      released_(arena.take<uint64_t>(size_t{limits.address_capacity} * pairs_per_row_)),
      in_use_(arena.take<uint64_t>(words_for(released_.size()))),
      known_(arena.take<uint64_t>(words_for(released_.size()))) {
  DEMARC_CHECK(limits.workers > 0 && limits.worker < limits.workers);
  DEMARC_CHECK(limits.address_capacity <= 0xffff);
  for (unsigned block = 0; block < block_count; ++block) {
    const bool is_ours = block % limits.workers == limits.worker;
    block_of_[block] = is_ours ? static_cast<uint16_t>(block / limits.workers) : not_owned;
  }
}

uint32_t Ports::pair_of(uint16_t port) const {
  return block_of_[port >> media_block_shift] * block_pairs + port % block_ports / 2;
}

// May lie beyond the last port: the last block of a worker need not exist.
uint32_t Ports::port_of(uint32_t pair) const {
  const uint32_t block = pair / block_pairs * limits_.workers + limits_.worker;
  return block * block_ports + pair % block_pairs * 2;
}

uint32_t Ports::first_pair_from(uint16_t port) const {
  unsigned block = port >> media_block_shift;
  if (block % limits_.workers == limits_.worker) return pair_of(port);
  while (block % limits_.workers != limits_.worker) ++block;
  return block / limits_.workers * block_pairs;
}

bool Ports::is_in_range(const Row& row, uint32_t port) {
  return port >= row.port_low && port + 1 <= row.port_high;
}

void Ports::adopt(const contract::RealmSection& section) {
  const auto realms = contract::elements(section.header, section.realms);
  for (Row& row : rows_) {
    row.is_in_force = false;
    row.names.realm = contract::RealmId::none;
  }
  for (Realm& realm : realms_) realm.next_row = no_row;
  refused_addresses_ = 0;
  // Rows that stay are claimed before a new address takes a row that nothing needs any more.
  for (const RealmConfig& realm : realms) {
    if (realm.port == contract::NicPortId::none) continue;
    for (const IpAddress& address : contract::elements(section.header, realm.media_addresses)) {
      const uint32_t row = address_rows_.find(address);
      if (row != no_row) rows_[row].is_in_force = true;
    }
  }
  for (size_t id = 0; id < realms.size(); ++id) {
    if (realms[id].port == contract::NicPortId::none) continue;
    adopt_realm(section, static_cast<contract::RealmId>(id), realms[id]);
  }
}

void Ports::adopt_realm(const contract::RealmSection& section, contract::RealmId id,
                        const RealmConfig& realm) {
  const auto bound = contract::elements(section.header, realm.media_addresses);
  const auto advertised = contract::elements(section.header, realm.advertised_media_addresses);
  for (size_t i = 0; i < bound.size(); ++i) {
    uint32_t row = address_rows_.find(bound[i]);
    if (row == no_row) row = place(bound[i]);
    const bool is_refused = row == no_row || contract::index_of(id) >= realms_.size() ||
                            rows_[row].names.realm != contract::RealmId::none;
    if (is_refused) {
      ++refused_addresses_;
      continue;
    }
    rows_[row].names = {bound[i], advertised[i], id, realm.port, realm.media_dscp};
    set_range(row, realm.media_port_low, realm.media_port_high);
    link(row);
  }
}

// A row for an address that has none: a new one, else one that went out of force and is idle.
uint32_t Ports::place(const IpAddress& address) {
  if (rows_begun_ < rows_.size()) {
    const uint32_t row = rows_begun_++;
    rows_[row].names.bound = address;
    rows_[row].is_in_force = true;
    address_rows_.insert(address, row);
    return row;
  }
  const auto is_idle = [](const Row& row) { return !row.is_in_force && row.in_use == 0; };
  const auto idle = std::find_if(rows_.begin(), rows_.end(), is_idle);
  if (idle == rows_.end()) return no_row;
  const auto row = static_cast<uint32_t>(idle - rows_.begin());
  set_range(row, 1, 0);
  *idle = Row();
  idle->names.bound = address;
  idle->is_in_force = true;
  rebuild_address_rows();
  return row;
}

void Ports::rebuild_address_rows() {
  address_rows_.clear();
  for (uint32_t row = 0; row < rows_begun_; ++row) {
    address_rows_.insert(rows_[row].names.bound, row);
  }
}

// Pairs outside the new range are forgotten as they come back; low above high: all of them.
void Ports::set_range(uint32_t number, uint16_t low, uint16_t high) {
  Row& row = rows_[number];
  if (row.port_low == low && row.port_high == high) return;
  row.port_low = low;
  row.port_high = high;
  row.fresh = first_pair_from(row.port_low);
  keep_released_in_range(number);
  row.free = 0;
  for (uint32_t pair = row.fresh; pair < pairs_per_row_ && is_in_range(row, port_of(pair));
       ++pair) {
    if (!in_use_.get(bit_of(number, pair))) ++row.free;
  }
}

void Ports::keep_released_in_range(uint32_t number) {
  Row& row = rows_[number];
  const auto ring = released_.subspan(bit_of(number, 0), pairs_per_row_);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < row.released; ++i) {
    const uint64_t word = ring[(row.first_released + i) % pairs_per_row_];
    const auto port = static_cast<uint16_t>(word & port_mask);
    if (is_in_range(row, port)) {
      ring[(row.first_released + kept++) % pairs_per_row_] = word;
    } else {
      known_.reset(bit_of(number, pair_of(port)));
    }
  }
  row.released = kept;
}

void Ports::link(uint32_t number) {
  Realm& realm = realms_[contract::index_of(rows_[number].names.realm)];
  if (realm.next_row == no_row) {
    realm.next_row = number;
    rows_[number].next_in_realm = number;
    return;
  }
  Row& previous = rows_[realm.next_row];
  rows_[number].next_in_realm = previous.next_in_realm;
  previous.next_in_realm = number;
}

uint32_t Ports::take_fresh(uint32_t number) {
  Row& row = rows_[number];
  for (; row.fresh < pairs_per_row_ && is_in_range(row, port_of(row.fresh)); ++row.fresh) {
    if (!known_.get(bit_of(number, row.fresh))) return row.fresh++;
  }
  return no_pair;
}

uint32_t Ports::take_released(uint32_t number, contract::Instant now) {
  Row& row = rows_[number];
  if (row.released == 0) return no_pair;
  const uint64_t word = released_[bit_of(number, row.first_released)];
  if ((word & ~port_mask) > now.ns) return no_pair;
  row.first_released = (row.first_released + 1) % pairs_per_row_;
  --row.released;
  return pair_of(static_cast<uint16_t>(word & port_mask));
}

PortPair Ports::acquire(contract::RealmId id, contract::Instant now, const IpAddress& wanted) {
  if (contract::index_of(id) >= realms_.size()) return {};
  Realm& realm = realms_[contract::index_of(id)];
  if (realm.next_row == no_row) return {};
  const uint32_t asked = wanted.is_set() ? address_rows_.find(wanted) : no_row;
  const bool is_of_realm = asked != no_row && rows_[asked].names.realm == id;
  const uint32_t first = is_of_realm ? asked : realm.next_row;
  uint32_t number = first;
  do {
    Row& row = rows_[number];
    uint32_t pair = take_fresh(number);
    if (pair == no_pair) pair = take_released(number, now);
    if (pair != no_pair) {
      in_use_.set(bit_of(number, pair));
      known_.set(bit_of(number, pair));
      ++row.in_use;
      --row.free;
      realm.next_row = row.next_in_realm;
      return {id, static_cast<uint16_t>(number), static_cast<uint16_t>(port_of(pair))};
    }
    number = row.next_in_realm;
  } while (number != first);
  return {};
}

void Ports::release(PortPair& pair, contract::Instant now) {
  Row& row = rows_[pair.address];
  const size_t bit = bit_of(pair.address, pair_of(pair.rtp_port));
  DEMARC_CHECK(in_use_.get(bit));
  in_use_.reset(bit);
  --row.in_use;
  if (is_in_range(row, pair.rtp_port)) {
    const uint32_t last = (row.first_released + row.released) % pairs_per_row_;
    released_[bit_of(pair.address, last)] = ready_word(now + limits_.quarantine, pair.rtp_port);
    ++row.released;
    ++row.free;
  } else {
    known_.reset(bit);
  }
  pair = {};
}

uint32_t Ports::free_pairs(contract::RealmId id) const {
  if (contract::index_of(id) >= realms_.size()) return 0;
  const uint32_t first = realms_[contract::index_of(id)].next_row;
  if (first == no_row) return 0;
  uint32_t free = 0;
  uint32_t number = first;
  do {
    free += rows_[number].free;
    number = rows_[number].next_in_realm;
  } while (number != first);
  return free;
}

void Ports::bind(const PortPair& pair, uint16_t port, uint32_t value) {
  DEMARC_DCHECK(in_use_.get(bit_of(pair.address, pair_of(pair.rtp_port))));
  DEMARC_DCHECK((port & ~1) == pair.rtp_port);
  index_[(bit_of(pair.address, pair_of(port)) << 1) + (port & 1)] = value + 1;
}

}  // namespace demarc::media
