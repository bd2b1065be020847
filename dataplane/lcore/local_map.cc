#include "dataplane/lcore/local_map.h"

#include <algorithm>

namespace demarc::lcore {

using contract::Endpoint;
using contract::IpAddress;
using contract::RealmConfig;
using contract::RealmId;
using contract::Snapshot;

namespace {

void widen(LocalAddress& row, uint16_t low, uint16_t high) {
  const bool has_media = row.media_port_low <= row.media_port_high;
  row.media_port_low = has_media ? std::min(row.media_port_low, low) : low;
  row.media_port_high = has_media ? std::max(row.media_port_high, high) : high;
}

}  // namespace

// Not in the class: compilers unroll the two arrays wherever it is made.
LocalMap::LocalMap() {
  slots_.fill(empty);
}

void LocalMap::rebuild(const Snapshot& snapshot) {
  const std::array<LocalAddress, max_addresses> before = rows_;
  const unsigned before_count = count_;
  count_ = 0;
  overflow_count_ = 0;
  slots_.fill(empty);
  for (unsigned i = 0; i < snapshot.realms->realms.count; ++i) {
    add_realm(snapshot, static_cast<RealmId>(i));
  }
  add_listeners(elements(snapshot.trunks->header, snapshot.trunks->listeners));
  keep_retired({before.data(), before_count});
}

bool LocalMap::is_one_of_many(const LocalAddress& row, uint16_t port) const {
  const auto of_address = listeners_.subspan(row.first_listener, row.listener_count);
  return std::binary_search(of_address.begin(), of_address.end(), Endpoint{row.address, port});
}

LocalAddress* LocalMap::find_or_add(const IpAddress& address) {
  const uint16_t found = row_of(address);
  if (found != empty) return &rows_[found];
  if (count_ == max_addresses) return nullptr;
  unsigned slot = hash_of(address);
  while (slots_[slot] != empty) slot = (slot + 1) % slot_count;
  slots_[slot] = static_cast<uint16_t>(count_);
  LocalAddress& row = rows_[count_++];
  row = LocalAddress{};
  row.address = address;
  return &row;
}

void LocalMap::add_realm(const Snapshot& snapshot, RealmId id) {
  const RealmConfig& realm = snapshot.realm(id);
  const wire::Segment segment{realm.port, realm.vlan};
  LocalAddress* signalling = find_or_add(realm.address);
  if (signalling == nullptr) {
    ++overflow_count_;
  } else {
    signalling->segment = segment;
    signalling->realm = id;
    signalling->signalling_dscp = realm.signalling_dscp;
  }
  for (const IpAddress& address : elements(snapshot.realms->header, realm.media_addresses)) {
    LocalAddress* media = find_or_add(address);
    if (media == nullptr) {
      ++overflow_count_;
      continue;
    }
    media->segment = segment;
    widen(*media, realm.media_port_low, realm.media_port_high);
  }
}

void LocalMap::add_listeners(std::span<const Endpoint> listeners) {
  listeners_ = listeners;
  for (unsigned i = 0; i < listeners.size(); ++i) {
    // The control plane makes listeners of realms' addresses only; another one is not served.
    const uint16_t row = row_of(listeners[i].address);
    if (row == empty) continue;
    if (rows_[row].listener_count == 0) rows_[row].first_listener = i;
    ++rows_[row].listener_count;
  }
}

void LocalMap::keep_retired(std::span<const LocalAddress> before) {
  for (const LocalAddress& old : before) {
    if (find(old.address) != nullptr) continue;
    LocalAddress* row = find_or_add(old.address);
    if (row == nullptr) return;
    *row = old;
    row->is_retired = true;
    row->listener_count = 0;
  }
}

}  // namespace demarc::lcore
