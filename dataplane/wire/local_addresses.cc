#include "dataplane/wire/local_addresses.h"

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

bool LocalAddresses::serves(const contract::IpAddress& address) const {
  return find(address).owner == AddressOwner::workers;
}

}  // namespace demarc::wire
