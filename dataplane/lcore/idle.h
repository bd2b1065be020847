// Idle: how long a worker may sleep after a loop that found nothing. Pure; one per worker.
//
// With cores of its own a worker spins. Where cores are shared it sleeps after some empty polls, in
// short steps that grow while nothing comes and never past the next timer, so a packet waits for
// longest_sleep at most.
#pragma once

#include <algorithm>
#include <cstdint>

#include "dataplane/contract/section.h"
#include "dataplane/contract/time.h"

namespace demarc::lcore {

class Idle {
 public:
  static constexpr unsigned polls_before_sleep = 64;
  static constexpr unsigned sleeps_per_step = 8;
  static constexpr contract::Duration shortest_sleep{100'000};
  static constexpr contract::Duration longest_sleep{1'000'000};

  explicit Idle(contract::IdlePolicy policy) : policy_(policy) {}

  struct Loop {
    bool was_busy;
    contract::Instant now;
    contract::Instant next_due;  // the earliest timer; not set: none
  };
  // 0: poll again at once.
  contract::Duration sleep_after(const Loop& loop) {
    if (loop.was_busy || policy_ == contract::IdlePolicy::spin) {
      empty_polls_ = 0;
      sleeps_ = 0;
      return {};
    }
    if (++empty_polls_ < polls_before_sleep) return {};
    const contract::Duration step = shortest_sleep * (1 + int64_t{sleeps_ / sleeps_per_step});
    contract::Duration sleep = std::min(step, longest_sleep);
    if (sleep < longest_sleep) ++sleeps_;
    if (loop.next_due.is_set()) {
      const int64_t until = loop.next_due <= loop.now ? 0 : (loop.next_due - loop.now).ns;
      sleep.ns = std::min(sleep.ns, until);
    }
    return sleep;
  }

 private:
  contract::IdlePolicy policy_;
  unsigned empty_polls_ = 0;
  unsigned sleeps_ = 0;
};

}  // namespace demarc::lcore
