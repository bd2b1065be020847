// Region: the shared memory that the dataplane lays out once its sizes are known, and hands to the
// control plane as a memfd. Everything in it is found by the offsets of RegionHeader.
//
// Who writes what: worker rows, counters, signs, directory, rows of streams, event tails and record
// tails by their worker; targets and the tails of commands and outside requests by the control
// plane; record heads by the records' reader; the header's clock and state by the dataplane's main
// thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/contract/command.h"
#include "dataplane/contract/counters.h"
#include "dataplane/contract/delay_histogram.h"
#include "dataplane/contract/directory.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/outside.h"
#include "dataplane/contract/record.h"
#include "dataplane/contract/section.h"
#include "dataplane/contract/target_signs.h"
#include "dataplane/contract/target_table.h"

namespace demarc::contract {

inline constexpr uint32_t region_magic = 0x47455244;  // "DREG"
inline constexpr uint64_t command_ring_capacity = 1024;
inline constexpr uint64_t event_ring_capacity = 4096;

enum class DataplaneState : uint32_t {
  starting,
  running,
  draining,  // no new calls; those that live may end by themselves
  stopped,
  ending,  // after draining: the dataplane's main thread hangs up what lives
};

struct RegionSizes {
  uint16_t workers = 1;
  uint32_t calls_per_worker = 0;
  uint32_t trunk_capacity = 0;
  uint32_t target_capacity = 0;
  uint32_t record_ring_capacity = 0;  // a power of two
  uint32_t limit_capacity = 0;
  friend bool operator==(const RegionSizes&, const RegionSizes&) = default;
};

// Where everything lies, in octets from the region's begin; follows from the sizes.
struct RegionPlan {
  RegionSizes sizes;
  uint64_t workers = 0;
  uint64_t trunk_counters = 0;
  uint64_t trunk_live = 0;
  uint64_t trunk_limits = 0;
  uint64_t limit_live = 0;
  uint64_t targets = 0;
  uint64_t directory = 0;
  uint64_t streams = 0;
  uint64_t commands = 0;
  uint64_t events = 0;
  uint64_t records = 0;
  uint64_t target_signs = 0;
  uint64_t outside_requests = 0;
  uint64_t outside_events = 0;
  uint64_t total_octets = 0;
  friend bool operator==(const RegionPlan&, const RegionPlan&) = default;
};

struct RegionHeader {
  uint32_t magic = region_magic;
  uint16_t layout = layout_version;
  uint64_t boot_id = 0;  // random, new at each start of the dataplane
  RegionPlan plan;
  alignas(64) std::atomic<DataplaneState> state;
  std::atomic<int64_t> wall_offset_ns;  // CLOCK_REALTIME - CLOCK_MONOTONIC, renewed each second
  StreamCounters streams;
};

// One per worker; lines of its own.
struct alignas(64) WorkerRow {
  std::atomic<uint64_t> generation;  // of the snapshot that the worker runs with
  std::atomic<uint64_t> loops;       // heartbeat
  std::atomic<uint64_t> busy_ns;     // time in loops that found work
  std::atomic<uint32_t> live_calls;
  std::atomic<uint32_t> live_transactions;
  std::atomic<uint32_t> free_datagrams;
  std::atomic<uint32_t> free_tone_detectors;
  std::atomic<uint32_t> free_repacketizers;
  WorkerCounters counters;
  DelayHistogram relay_delay;  // of media packets, from the poll that took them to the port
};

class Region {
 public:
  Region() = default;
  static size_t octets_needed(const RegionSizes& sizes);
  // Lays a region out in zeroed memory of that size, 64-octet aligned.
  static Region create(std::span<std::byte> memory, const RegionSizes& sizes, uint64_t boot_id);
  // The region that the other side laid out. Not valid when anything in its header is off.
  static Region attach(std::span<std::byte> memory);

  bool is_valid() const { return header_ != nullptr; }
  RegionHeader& header() { return *header_; }
  const RegionHeader& header() const { return *header_; }
  const RegionSizes& sizes() const { return header_->plan.sizes; }
  unsigned workers() const { return sizes().workers; }

  WorkerRow& worker(WorkerIndex worker) const;
  TrunkCounters& trunk_counters(WorkerIndex worker, TrunkId trunk) const;
  // Calls in progress of a trunk over all workers: the one atomic that workers share (D5).
  std::atomic<uint32_t>& trunk_live(TrunkId trunk) const;
  // The same by direction, with the meters of its rates.
  TrunkLive& trunk_limits(TrunkId trunk) const;
  LimitLive& limit_live(LimitId limit) const;
  TargetRow& target(TargetId target) const;
  DirectoryCell& directory(WorkerIndex worker, CallSlot slot) const;
  // One of stream_rows().
  StreamCell& stream(WorkerIndex worker, uint32_t index) const;
  // The m-lines of a call that its row has not, as far as they can be read; how many those are.
  using FurtherStreams = std::array<StreamRow, max_further_streams>;
  unsigned further_streams(const DirectoryRow& row, FurtherStreams& rows) const;
  CommandRing commands(WorkerIndex worker) const;
  EventRing events(WorkerIndex worker) const;
  RecordRing records(WorkerIndex worker) const;
  TargetSigns& target_signs(WorkerIndex worker, TargetId target) const;
  OutsideRequestRing outside_requests(WorkerIndex worker) const;
  OutsideEventRing outside_events(WorkerIndex worker) const;

 private:
  explicit Region(RegionHeader* header) : header_(header) {}
  std::byte* at(uint64_t offset) const { return reinterpret_cast<std::byte*>(header_) + offset; }

  RegionHeader* header_ = nullptr;
};

}  // namespace demarc::contract
