// A hash of an IP address for the open tables of this folder.
//
// The keys come from configuration and from accepted peers, so it needs no secret; it must only
// tell neighbouring addresses apart, which differ in the last octet (the highest of a loaded word).
#pragma once

#include <cstdint>
#include <cstring>

#include "dataplane/contract/address.h"

namespace demarc::wire {

inline uint32_t address_hash(const contract::IpAddress& address, uint64_t salt) {
  uint64_t low, high;
  std::memcpy(&high, address.octets.data(), 8);
  std::memcpy(&low, address.octets.data() + 8, 8);
  uint64_t mixed = (high ^ salt) * 0x9e3779b97f4a7c15u ^ low;
  mixed ^= mixed >> 32;
  mixed *= 0xd6e8feb86659fd93u;
  mixed ^= mixed >> 32;
  return static_cast<uint32_t>(mixed);
}

}  // namespace demarc::wire
