// Timing: the timers of RFC 3261 section 17 (table 4 of its appendix A) and RFC 6026, settable per
// trunk. Given by call/ with each new transaction, which keeps its own copy, so that a change of
// configuration does not reach a transaction that runs. Timers I and K are t4.
#pragma once

#include <algorithm>

#include "dataplane/contract/section.h"
#include "dataplane/contract/time.h"

namespace demarc::transaction {

struct Timing {
  contract::Duration t1 = contract::Duration::milliseconds(500);
  contract::Duration t2 = contract::Duration::milliseconds(4000);
  contract::Duration t4 = contract::Duration::milliseconds(5000);
  // How long an INVITE waits for any response: timer B; 64*T1 unless the trunk says less. Other
  // requests are tried their full time: a BYE or CANCEL that gives up early leaves its peer in a
  // call that is over.
  contract::Duration no_response = contract::Duration::milliseconds(32000);

  contract::Duration timer_b() const { return no_response; }
  // As long as its peer may repeat a final response: "at least 32 s" is too short for a slow T1.
  contract::Duration timer_d() const {
    return std::max(contract::Duration::seconds(32), timer_h());
  }
  contract::Duration timer_f() const { return t1 * 64; }
  contract::Duration timer_h() const { return t1 * 64; }
  contract::Duration timer_j() const { return t1 * 64; }
  contract::Duration timer_l() const { return t1 * 64; }  // RFC 6026
  contract::Duration timer_m() const { return t1 * 64; }  // RFC 6026
  // When timer E of a request is set to T2 for the first time: 3.5 s with the usual timers. A
  // server that has said nothing by then says 100 (RFC 4320 section 4.1).
  contract::Duration until_e_is_t2() const {
    contract::Duration passed;
    for (contract::Duration e = t1; e > contract::Duration{} && e < t2; e = e * 2) {
      passed = passed + e;
    }
    return passed;
  }
};

inline Timing timing_of(const contract::TrunkConfig& trunk) {
  return {contract::Duration::milliseconds(trunk.timer_t1_ms),
          contract::Duration::milliseconds(trunk.timer_t2_ms),
          contract::Duration::milliseconds(trunk.timer_t4_ms),
          contract::Duration::milliseconds(trunk.no_response_timeout_ms)};
}

}  // namespace demarc::transaction
