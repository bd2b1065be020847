// The shared target table: the addresses that trunks send to, with their health. Rows are written
// by the control plane (DNS, probes) under a sequence lock and read by workers at each call start.
#pragma once

#include <cstdint>

#include "dataplane/contract/address.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/sequence_lock.h"

namespace demarc::contract {

enum class TargetHealth : uint8_t {
  unused,   // no target in this row
  unknown,  // never proven; tried like an up one
  up,
  down,  // tried last, never left out
};

struct Target {
  Endpoint endpoint;
  TrunkId trunk = TrunkId::none;
  TargetHealth health = TargetHealth::unused;
  uint16_t priority = 0;  // lower first (RFC 2782)
  uint16_t weight = 0;
};

using TargetRow = SequenceLocked<Target>;

}  // namespace demarc::contract
