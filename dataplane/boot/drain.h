// Drain: how the dataplane ends: no new calls, live calls end by themselves or, after the
// configured time or a second signal, are hung up; what does not answer that is dropped with a
// record; then it is over. Stepped by the main thread. From the hanging up on it is the producer of
// the command rings: an attached control plane sends no commands any more once the region says
// `ending`, and has the settling time to see that.
#pragma once

#include "dataplane/contract/region.h"
#include "dataplane/contract/time.h"

namespace demarc::boot {

class Drain {
 public:
  enum class Phase : uint8_t { not_begun, draining, hanging_up, dropping, over };
  // Live calls that were hung up get this long to be answered.
  static constexpr contract::Duration hang_up_grace = contract::Duration::seconds(3);
  // Then workers get this long to write the records of those that were not.
  static constexpr contract::Duration drop_grace = contract::Duration::seconds(1);
  // Workers and the control plane see the new state, and workers write their rows, within this
  // time.
  static constexpr contract::Duration settling = contract::Duration::milliseconds(20);

  Phase phase() const { return phase_; }
  // A signal came: the first begins, the next hangs up. Without a valid region it is over at once.
  void request(contract::Region& region, contract::Duration drain_time, contract::Instant now);
  void step(contract::Region& region, contract::Instant now);

 private:
  void hang_up_from(contract::Region& region, contract::Instant now);
  void enter(Phase phase, contract::Duration grace, contract::Instant now);
  void push_commands(contract::Region& region);
  bool push_command(contract::Region& region, contract::WorkerIndex worker,
                    contract::CallSlot slot);

  Phase phase_ = Phase::not_begun;
  contract::Instant since_;     // of the phase
  contract::Instant deadline_;  // of the phase
  unsigned worker_ = 0;         // the next row of the directory to hang up or drop
  uint32_t slot_ = 0;
};

}  // namespace demarc::boot
