// Monitor: the health of one target (its address seen from one address of ours over one transport),
// from probes by OPTIONS and from what calls showed. No thread, no clock: time is an argument, in
// milliseconds of a clock that only grows.
#pragma once

#include <cstdint>

#include <string_view>

#include "controlplane/health/table.h"
#include "dataplane/contract/stream_fault.h"

namespace demarc::health {

struct Settings {
  uint32_t interval_ms = 0;  // between probes; 0: none are sent
  uint32_t timeout_ms = 4000;
  unsigned failures = 3;   // in a row make it down
  unsigned successes = 2;  // in a row make it up again
  bool is_always = false;  // probed also while calls prove it
  friend bool operator==(const Settings&, const Settings&) = default;
};

inline constexpr uint64_t passive_hold_ms = 30'000;  // down without probes: tried again then
inline constexpr uint64_t max_retry_after_ms = 3'600'000;

// What calls showed, counted since the target is known; see contract::TargetSigns.
struct Signs {
  uint64_t answered = 0;
  uint64_t unanswered = 0;
  uint64_t unavailable = 0;
  uint32_t retry_after_s = 0;
  uint64_t refused = 0;
  contract::StreamFault fault = contract::StreamFault::none;  // of the last one
};

struct Counts {
  uint64_t probes = 0;
  uint64_t answers = 0;
  uint64_t losses = 0;
  uint64_t changes = 0;  // of the state
};

class Monitor {
 public:
  // The first probe comes after `delay_ms`, so that those of many targets do not come at once.
  Monitor(const Settings& settings, uint64_t now_ms, uint64_t delay_ms);

  void change(const Settings& settings, uint64_t now_ms);
  // Whether a probe is due now; it counts as sent then, and on_answer, on_silence or on_unsent
  // must follow.
  bool take_probe(uint64_t now_ms);
  void on_answer(uint16_t status_code, uint32_t retry_after_s, uint64_t round_trip_us,
                 uint64_t now_ms);
  void on_silence(uint64_t now_ms);
  // No connection to it could be made for a probe, or for something else: it is down at once, since
  // that is no lost datagram.
  void on_refused(contract::StreamFault fault, uint64_t now_ms);
  void on_fault(contract::StreamFault fault, uint64_t now_ms) { refused(fault, now_ms); }
  // It could not be sent: says nothing about the target.
  void on_unsent(uint64_t now_ms);
  void on_signs(const Signs& signs, uint64_t now_ms);
  // The next ones are of another row: they are only what to count from.
  void forget_signs() { has_signs_ = false; }
  void tick(uint64_t now_ms);
  // The peer stopped its OPTIONS to us: down until it sends some, whatever else is learnt.
  void set_peer_missing(bool is_missing, uint64_t now_ms);

  State state() const { return is_peer_missing_ ? State::down : state_; }
  const Counts& counts() const { return counts_; }
  uint16_t last_status() const { return last_status_; }  // of a probe; 0: none yet
  uint64_t round_trip_us() const { return round_trip_us_; }
  // Why it is thought to be down, for people; empty while nothing speaks against it.
  std::string_view reason() const;
  uint64_t next_probe_ms() const { return next_probe_ms_; }  // 0: none
  uint64_t since_ms() const { return since_ms_; }            // of this state

 private:
  void answered(uint64_t now_ms);
  void lost(uint64_t now_ms);
  void unavailable(uint32_t retry_after_s, uint64_t now_ms);
  void refused(contract::StreamFault fault, uint64_t now_ms);
  void apply(Event event, uint64_t now_ms);
  void note_change(State before, uint64_t now_ms);

  Settings settings_;
  State state_ = State::unknown;  // by the table
  Counts counts_;
  Signs signs_;
  bool has_signs_ = false;
  bool is_probing_ = false;
  bool is_peer_missing_ = false;
  unsigned losses_ = 0;     // in a row
  unsigned successes_ = 0;  // in a row
  uint64_t next_probe_ms_ = 0;
  uint64_t hold_until_ms_ = 0;
  uint64_t since_ms_;
  uint16_t last_status_ = 0;
  std::string_view reason_;  // a constant
  uint64_t round_trip_us_ = 0;
};

}  // namespace demarc::health
