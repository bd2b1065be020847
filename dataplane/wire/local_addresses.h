// LocalAddresses: which of our addresses the workers serve.
//
// Configuration names the signalling and media addresses; the kernel holds them or not. UDP to one
// that is configured and held is ours; configured but not held is dropped (another node has it
// now); anything else is the kernel's. Every worker has a copy of its own.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/contract/address.h"
#include "dataplane/contract/sequence_lock.h"
#include "dataplane/wire/address_hash.h"
#include "dataplane/wire/fib.h"

namespace demarc::wire {

// Written by the thread that loads configuration, read by workers.
struct ConfiguredAddresses {
  static constexpr unsigned max_addresses = 512;
  std::array<SegmentAddress, max_addresses> addresses;
  uint16_t count = 0;
};
using SharedAddresses = contract::SequenceLocked<ConfiguredAddresses>;

enum class AddressOwner : uint8_t {
  kernel,   // not named by configuration
  nobody,   // named, but not held by the kernel now, or of another segment
  workers,  // named and held
};

class LocalAddresses {
 public:
  // With `needs_kernel` false (tests without a TAP) every configured address counts as held.
  void rebuild(const ConfiguredAddresses& configured, const FibTable& fib, bool needs_kernel);
  // Of an address in a frame from `segment`: a realm's address is served on its own side only.
  AddressOwner owner(const contract::IpAddress& address, Segment segment) const {
    const Slot& slot = find(address);
    if (slot.owner == AddressOwner::workers && slot.place.segment != segment) {
      return AddressOwner::nobody;
    }
    return slot.owner;
  }
  // Held, on whatever segment.
  bool serves(const contract::IpAddress& address) const;

 private:
  static constexpr unsigned slot_count = 1024;
  struct Slot {
    SegmentAddress place;
    AddressOwner owner = AddressOwner::kernel;  // kernel: the slot is empty
  };
  const Slot& find(const contract::IpAddress& address) const {
    for (uint32_t i = address_hash(address, 0);; ++i) {
      const Slot& slot = slots_[i % slot_count];
      if (slot.owner == AddressOwner::kernel || slot.place.address == address) return slot;
    }
  }

  std::array<Slot, slot_count> slots_{};
};

}  // namespace demarc::wire
