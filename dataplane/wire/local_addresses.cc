#include "dataplane/wire/local_addresses.h"

#include "dataplane/wire/address_hash.h"

namespace demarc::wire {
void LocalAddresses::rebuild(const ConfiguredAddresses& configured, const FibTable& fib,
                             bool needs_kernel) {
  static_assert(ConfiguredAddresses::max_addresses * 2 <= slot_count);
  slots_.fill({});
  for (unsigned n = 0; n < configured.count; ++n) {
    const SegmentAddress& place = configured.addresses[n];
    uint32_t i = address_hash(place.address, 0);
    while (slots_[i % slot_count].owner != AddressOwner::kernel &&
           slots_[i % slot_count].place.address != place.address) {
      ++i;
    }
    const bool is_held = !needs_kernel || fib.holds(place);
    slots_[i % slot_count] = {place, is_held ? AddressOwner::workers : AddressOwner::nobody};
  }
}

const LocalAddresses::Slot& LocalAddresses::find(const contract::IpAddress& address) const {
  for (uint32_t i = address_hash(address, 0);; ++i) {
    const Slot& slot = slots_[i % slot_count];
    if (slot.owner == AddressOwner::kernel || slot.place.address == address) return slot;
  }
}

AddressOwner LocalAddresses::owner(const contract::IpAddress& address, Segment segment) const {
  const Slot& slot = find(address);
  if (slot.owner == AddressOwner::workers && slot.place.segment != segment) {
    return AddressOwner::nobody;
  }
  return slot.owner;
}

bool LocalAddresses::serves(const contract::IpAddress& address) const {
  return find(address).owner == AddressOwner::workers;
}

}  // namespace demarc::wire
