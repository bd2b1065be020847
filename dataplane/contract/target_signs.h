// TargetSigns: what calls showed of one target, on one worker: the passive side of its health.
// Counted by the worker while it places calls, read by the control plane's health; never reset.
#pragma once

#include <atomic>
#include <cstdint>

#include "dataplane/contract/stream_fault.h"

namespace demarc::contract {

struct alignas(64) TargetSigns {
  std::atomic<uint64_t> answered;       // responses to our INVITEs, 503 apart
  std::atomic<uint64_t> unanswered;     // INVITEs to which nothing came at all in the trunk's time
  std::atomic<uint64_t> unavailable;    // 503
  std::atomic<uint64_t> refused;        // INVITEs for which no connection could be made
  std::atomic<uint32_t> retry_after_s;  // of the last 503 that had it (RFC 3261 section 20.33)
  std::atomic<StreamFault> fault;       // of the last one that was refused

  // By the worker that owns the row.
  static void add(std::atomic<uint64_t>& value) {
    value.store(value.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
};
static_assert(sizeof(TargetSigns) == 64);

}  // namespace demarc::contract
