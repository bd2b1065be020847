// Detours: the Call-IDs whose INVITE a Replaces led to another worker than their hash does
// (decision D25). A CANCEL carries neither our tag nor Replaces, so it has to be told.
//
// Kept by the worker that receives: an INVITE and its CANCEL come from one address and port to one
// of ours (RFC 3261 section 9.1), so by the same queue. A fixed table, of which the newest entry
// stays where two meet: the older one's CANCEL gets 481 then, as if it had come too late. A stale
// entry harms nobody: a new INVITE with its Call-ID takes it away. One worker only.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/contract/ids.h"

namespace demarc::steer {

class Detours {
 public:
  static constexpr unsigned capacity = 1024;  // a power of two

  // `hash` is a keyed one of the Call-ID.
  void put(uint64_t hash, contract::WorkerIndex worker) {
    rows_[hash % capacity] = {hash, worker, true};
  }
  void forget(uint64_t hash) {
    Row& row = rows_[hash % capacity];
    if (row.is_set && row.hash == hash) row = {};
  }
  // The worker of the detour; `otherwise` when there is none.
  contract::WorkerIndex find(uint64_t hash, contract::WorkerIndex otherwise) const {
    const Row& row = rows_[hash % capacity];
    return row.is_set && row.hash == hash ? row.worker : otherwise;
  }

 private:
  struct Row {
    uint64_t hash = 0;
    contract::WorkerIndex worker = 0;
    bool is_set = false;
  };
  std::array<Row, capacity> rows_ = {};
};

}  // namespace demarc::steer
