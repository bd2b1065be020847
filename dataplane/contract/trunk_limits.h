// What a trunk may have at once and in a second, by direction, and what a call beyond that gets;
// the same of groups of trunks, and of numbers that begin alike.
#pragma once

#include <atomic>
#include <cstdint>

#include "dataplane/contract/blob.h"
#include "dataplane/contract/ids.h"

namespace demarc::contract {

// "In" is from the trunk's peer. 0: no limit.
struct TrunkLimits {
  uint32_t calls_in = 0;
  uint32_t calls_out = 0;
  uint32_t rate_in = 0;  // calls a second
  uint32_t rate_out = 0;
  uint32_t kbps = 0;           // of the media of all calls, in one direction
  uint32_t burst = 1;          // calls that may come at once where there is a rate
  uint16_t status_code = 503;  // what a call beyond a limit gets
  uint16_t retry_after_s = 0;  // with it; 0: no Retry-After
};

inline constexpr unsigned max_group_trunks = 16;
inline constexpr uint32_t max_limits = 65534;  // of groups and prefixes

// Trunks that have a limit together. What counts are legs: a call from one of them to another has
// two, one in each direction. 0: no limit.
struct TrunkGroup {
  Text name;
  Array<TrunkId> trunks;   // at most max_group_trunks
  uint32_t max_calls = 0;  // in both directions together
  uint32_t calls_in = 0;
  uint32_t calls_out = 0;
  uint32_t rate = 0;  // calls a second in both directions together
  uint32_t rate_in = 0;
  uint32_t rate_out = 0;
  uint32_t burst = 1;
  uint32_t kbps = 0;              // of the media of all calls, in one direction
  LimitId meter = LimitId::none;  // of each rate; none: there is no such rate
  LimitId meter_in = LimitId::none;
  LimitId meter_out = LimitId::none;
};

// What legs of one trunk may be whose called number, as the rules of the caller's trunk left it,
// begins with a prefix and with no longer one of the same trunk. Rows are found by LimitId; those
// of groups, and of what left the configuration, are holes.
struct PrefixLimit {
  Text prefix;
  uint32_t calls = 0;  // 0: no limit
  uint32_t rate = 0;
  uint32_t burst = 1;
  uint32_t reserved = 0;
};

// Counts of one trunk over all workers, in the shared region (decision D56). Counts go up when a
// leg begins and down when it ends, so they are the size of the live set.
struct alignas(32) TrunkLive {
  std::atomic<uint32_t> calls_in;
  std::atomic<uint32_t> calls_out;
  // When the next call would come if the calls so far had come at the rate, in ns of the
  // dataplane's clock (the "theoretical arrival time" of a leaky bucket as a meter).
  std::atomic<uint64_t> due_in_ns;
  std::atomic<uint64_t> due_out_ns;
  std::atomic<uint32_t> kbps;  // of the media of its legs, where that has a limit
};

// The same of what a LimitId names.
struct alignas(16) LimitLive {
  std::atomic<uint64_t> due_ns;
  std::atomic<uint32_t> calls;
};

// Which limits a call met; bits, for its record.
enum class LimitMet : uint32_t {
  none = 0,
  trunk_calls_in = 1,  // both directions together, met by a call from the peer
  calls_in = 2,
  calls_out = 4,
  rate_in = 8,
  rate_out = 16,
  group_in = 32,  // both directions together, of a group that the caller's trunk is in
  group_out = 64,
  prefix_in = 128,  // of the called number, at the caller's trunk
  prefix_out = 256,
  prefix_rate_in = 512,
  prefix_rate_out = 1024,
  group_rate_in = 2048,  // both directions together
  group_rate_out = 4096,
  bandwidth_in = 8192,
  bandwidth_out = 16384,
  trunk_calls_out = 32768,     // both directions together, met by a call to the peer
  group_one_way_in = 1 << 16,  // of one direction
  group_one_way_out = 1 << 17,
  group_one_way_rate_in = 1 << 18,
  group_one_way_rate_out = 1 << 19,
  group_bandwidth_in = 1 << 20,
  group_bandwidth_out = 1 << 21,
};
inline constexpr unsigned limit_met_bits = 22;

}  // namespace demarc::contract
