// CallTally: what call records say, summed up by trunk: how calls ended, why they failed, how long
// they took, how they sounded. Since the control plane started, each record once.
//
// add() is called by the record reader's thread once a record is durable, the rest by any thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "dataplane/contract/record.h"
#include "dataplane/contract/trunk_limits.h"

namespace demarc::metrics {

inline constexpr size_t limit_count = contract::limit_met_bits;
inline constexpr size_t class_count = 5;  // none, 3xx to 6xx
// Beyond, further trunks are not counted: as many as there may be at once.
inline constexpr size_t max_tallied_trunks = 65'534;

inline constexpr std::array<double, 10> post_dial_bounds = {0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 15, 30};
inline constexpr std::array<double, 9> setup_bounds = {0.25, 1, 2, 5, 10, 20, 30, 60, 180};
inline constexpr std::array<double, 10> duration_bounds = {1,   10,  30,   60,   120,
                                                           300, 600, 1800, 3600, 14400};
inline constexpr std::array<double, 9> loss_bounds = {0,    0.001, 0.0025, 0.005, 0.01,
                                                      0.02, 0.05,  0.1,    0.25};
inline constexpr std::array<double, 9> jitter_bounds = {0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                        0.02,   0.04,  0.08,   0.16};
inline constexpr std::array<double, 9> round_trip_bounds = {0.005, 0.01, 0.02, 0.05, 0.1,
                                                            0.15,  0.3,  0.5,  1};
inline constexpr std::array<double, 9> mos_bounds = {1.5, 2, 2.5, 3, 3.5, 3.8, 4, 4.2, 4.4};

// Counts up to each bound, and of what is above all of them.
template <size_t bounds>
struct Tally {
  std::array<uint64_t, bounds + 1> counts = {};
  double sum = 0;

  void add(const std::array<double, bounds>& upper, double value) {
    size_t i = 0;
    while (i < bounds && value > upper[i]) ++i;
    ++counts[i];
    sum += value;
  }
};

struct DirectionTally {
  std::array<uint64_t, contract::call_end_count> ends = {};
  Tally<post_dial_bounds.size()> post_dial;
  Tally<setup_bounds.size()> setup;
  Tally<duration_bounds.size()> duration;
};

struct TrunkTally {
  DirectionTally in;   // calls from its peer
  DirectionTally out;  // calls to it
  std::array<uint64_t, class_count> call_failures = {};
  std::array<uint64_t, class_count> target_failures = {};
  std::array<uint64_t, limit_count> limits_met = {};
  Tally<loss_bounds.size()> loss;
  Tally<loss_bounds.size()> worst_loss;  // of the m-lines of a call
  Tally<jitter_bounds.size()> jitter;
  Tally<round_trip_bounds.size()> round_trip;
  Tally<mos_bounds.size()> mos;
  // RTP packets as they arrive from its peer, of all calls together.
  uint64_t silent_streams = 0;  // the worst of a call, of which nothing went on
  uint64_t rtp_duplicates = 0;
  uint64_t rtp_late = 0;
  uint64_t burst_packets = 0;  // expected within bursts of losses (RFC 3611 section 4.7.2)
  uint64_t burst_lost = 0;     // of those
};
using TrunkTallies = std::map<std::string, TrunkTally, std::less<>>;

// A spool file comes from a disk: its lengths are not trusted.
std::string name_in(const contract::FixedText<62>& text);

class CallTally {
 public:
  // The name of a trunk, empty when there is none with that id any more.
  using NameOf = std::function<std::string(contract::TrunkId)>;
  explicit CallTally(NameOf name_of, size_t most_trunks = max_tallied_trunks)
      : name_of_(std::move(name_of)), most_trunks_(most_trunks) {}

  void add(const contract::CallRecord& record);
  // Those of these trunks; what is known of others is forgotten.
  TrunkTallies of(const std::set<std::string>& trunks);

 private:
  TrunkTally* find(const std::string& trunk);

  const NameOf name_of_;
  const size_t most_trunks_;
  std::mutex mutex_;  // guards what follows
  TrunkTallies tallies_;
};

}  // namespace demarc::metrics
