#include "dataplane/media/sources.h"

namespace demarc::media {
namespace {

using contract::IpAddress;
using contract::MediaPrefix;
using contract::Snapshot;

bool is_within(const MediaPrefix& prefix, const IpAddress& address) {
  const unsigned whole = prefix.prefix_length / 8u;
  for (unsigned i = 0; i < whole; ++i) {
    if (address.octets[i] != prefix.address.octets[i]) return false;
  }
  const unsigned rest = prefix.prefix_length % 8u;
  if (rest == 0) return true;
  return ((address.octets[whole] ^ prefix.address.octets[whole]) >> (8 - rest)) == 0;
}

bool is_configured(const Snapshot& snapshot, contract::TrunkId trunk, const IpAddress& address) {
  if (snapshot.trunks == nullptr || !snapshot.has_trunk(trunk)) return false;
  for (const MediaPrefix& prefix :
       elements(snapshot.trunks->header, snapshot.trunk(trunk).media.sources.prefixes)) {
    if (is_within(prefix, address)) return true;
  }
  return false;
}

Nearness place_of(const Source& source, const Snapshot* snapshot, const contract::Endpoint& from) {
  if (from == source.latch.signalled) return Nearness::exact;
  if (from.address == source.latch.signalled.address) return Nearness::address;
  if (from.address == source.signalling) return Nearness::signalling;
  if (snapshot != nullptr && is_configured(*snapshot, source.trunk, from.address)) {
    return Nearness::configured;
  }
  return Nearness::none;
}

}  // namespace

LatchRules rules_of(const contract::SourcePolicy& policy) {
  return {policy.latch_packets, contract::Duration::milliseconds(policy.latch_window_ms)};
}

Nearness nearness_of(const Source& source, const Snapshot* snapshot,
                     const contract::Endpoint& from) {
  if (from.port == 0 || !from.address.is_unicast()) return Nearness::none;
  const Nearness nearness = place_of(source, snapshot, from);
  if (nearness == Nearness::none || snapshot == nullptr) return nearness;
  return is_own(*snapshot, from.address) ? Nearness::none : nearness;
}

bool is_own(const Snapshot& snapshot, const IpAddress& address) {
  if (snapshot.realms == nullptr) return false;
  const contract::RealmSection& section = *snapshot.realms;
  for (const contract::RealmConfig& realm : elements(section.header, section.realms)) {
    if (address == realm.address || address == realm.advertised_address) return true;
    for (const IpAddress& media : elements(section.header, realm.media_addresses)) {
      if (address == media) return true;
    }
    for (const IpAddress& media : elements(section.header, realm.advertised_media_addresses)) {
      if (address == media) return true;
    }
  }
  return false;
}

}  // namespace demarc::media
