// AttemptStore: the targets that a call has tried, for its record. Nearly all calls try one or two,
// so that a call has the first and the last one itself; those between are in a pool that the calls
// of a worker share (decision D137).
//
// Used by Calls. One worker only.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "dataplane/contract/record.h"
#include "dataplane/memory/pool.h"

namespace demarc::call {

// Part of Call; read and written by AttemptStore.
struct Attempts {
  uint8_t count = 0;
  uint32_t between = memory::no_index;
  std::array<contract::Attempt, 2> ends;  // the first and the last one, once there are two
};

class AttemptStore {
 public:
  AttemptStore(memory::Arena& arena, uint32_t calls) : between_(arena, calls) {}
  static size_t octets_needed(uint32_t calls) {
    return memory::Pool<Between>::octets_needed(calls);
  }

  // The newest one. To be asked once there is one.
  static contract::Attempt& last(Attempts& attempts) {
    DEMARC_DCHECK(attempts.count != 0);
    return attempts.ends[attempts.count == 1 ? 0 : 1];
  }
  // Of more than a record has places for those before the last are counted only. False when the one
  // before it had to be forgotten, uncounted, as too many calls have tried many.
  [[nodiscard]] bool add(Attempts& attempts, const contract::Attempt& attempt) {
    if (attempts.count >= attempts.ends.size() && !keep_last(attempts)) {
      last(attempts) = attempt;
      return false;
    }
    if (attempts.count != std::numeric_limits<uint8_t>::max()) ++attempts.count;
    last(attempts) = attempt;
    return true;
  }
  void fill(const Attempts& attempts, contract::CallRecord& record) const {
    record.attempt_count = attempts.count;
    const unsigned kept = std::min<unsigned>(attempts.count, contract::max_attempts);
    for (unsigned i = 0; i < kept; ++i) {
      const bool is_end = i == 0 || i + 1 == kept;
      record.attempts[i] =
          is_end ? attempts.ends[i == 0 ? 0 : 1] : between_[attempts.between].attempts[i - 1];
    }
  }
  // The call is over and has its record.
  void release(Attempts& attempts) {
    if (attempts.between != memory::no_index) between_.release(attempts.between);
    attempts.between = memory::no_index;
  }
  // Calls that have tried more than two.
  uint32_t live() const { return between_.live(); }

 private:
  struct Between {
    std::array<contract::Attempt, contract::max_attempts - 2> attempts;
  };

  bool keep_last(Attempts& attempts) {
    if (attempts.between == memory::no_index) attempts.between = between_.acquire();
    if (attempts.between == memory::no_index) return false;
    const unsigned place = attempts.count - 2u;
    Between& between = between_[attempts.between];
    if (place < between.attempts.size()) between.attempts[place] = last(attempts);
    return true;
  }

  memory::Pool<Between> between_;
};

}  // namespace demarc::call
