#include "dataplane/contract/region.h"

#include <bit>
#include <new>

namespace demarc::contract {
namespace {

constexpr uint64_t align(uint64_t octets) {
  return (octets + 63) / 64 * 64;
}

constexpr uint64_t command_octets = align(CommandRing::octets_needed(command_ring_capacity));
constexpr uint64_t event_octets = align(EventRing::octets_needed(event_ring_capacity));
constexpr uint64_t outside_request_octets =
    align(OutsideRequestRing::octets_needed(outside_ring_capacity));
constexpr uint64_t outside_event_octets =
    align(OutsideEventRing::octets_needed(outside_ring_capacity));
uint64_t record_octets(uint32_t capacity) {
  return align(RecordRing::octets_needed(capacity));
}

// The same arithmetic makes a region and checks a foreign one.
RegionPlan plan_of(const RegionSizes& sizes) {
  RegionPlan plan;
  plan.sizes = sizes;
  uint64_t next = align(sizeof(RegionHeader));
  const auto take = [&](uint64_t octets) {
    const uint64_t offset = next;
    next += align(octets);
    return offset;
  };
  const uint64_t workers = sizes.workers;
  plan.workers = take(workers * sizeof(WorkerRow));
  plan.trunk_counters = take(workers * sizes.trunk_capacity * sizeof(TrunkCounters));
  plan.trunk_live = take(uint64_t{sizes.trunk_capacity} * sizeof(std::atomic<uint32_t>));
  plan.trunk_limits = take(uint64_t{sizes.trunk_capacity} * sizeof(TrunkLive));
  plan.limit_live = take(uint64_t{sizes.limit_capacity} * sizeof(LimitLive));
  plan.targets = take(uint64_t{sizes.target_capacity} * sizeof(TargetRow));
  plan.directory = take(workers * sizes.calls_per_worker * sizeof(DirectoryCell));
  plan.streams = take(workers * stream_rows(sizes.calls_per_worker) * sizeof(StreamCell));
  plan.commands = take(workers * command_octets);
  plan.events = take(workers * event_octets);
  plan.records = take(workers * record_octets(sizes.record_ring_capacity));
  plan.target_signs = take(workers * sizes.target_capacity * sizeof(TargetSigns));
  plan.outside_requests = take(workers * outside_request_octets);
  plan.outside_events = take(workers * outside_event_octets);
  plan.total_octets = next;
  return plan;
}

}  // namespace

size_t Region::octets_needed(const RegionSizes& sizes) {
  return plan_of(sizes).total_octets;
}

Region Region::create(std::span<std::byte> memory, const RegionSizes& sizes, uint64_t boot_id) {
  const RegionPlan plan = plan_of(sizes);
  DEMARC_CHECK(memory.size() >= plan.total_octets);
  auto* header = new (memory.data()) RegionHeader{};
  header->boot_id = boot_id;
  header->plan = plan;
  const Region region(header);
  // Counters, rows and cells are all valid as zeroes, which fresh shared memory is.
  for (unsigned worker = 0; worker < sizes.workers; ++worker) {
    CommandRing::create(region.at(plan.commands + worker * command_octets), command_ring_capacity);
    EventRing::create(region.at(plan.events + worker * event_octets), event_ring_capacity);
    OutsideRequestRing::create(region.at(plan.outside_requests + worker * outside_request_octets),
                               outside_ring_capacity);
    OutsideEventRing::create(region.at(plan.outside_events + worker * outside_event_octets),
                             outside_ring_capacity);
    RecordRing::create(region.at(plan.records + worker * record_octets(sizes.record_ring_capacity)),
                       sizes.record_ring_capacity);
  }
  return region;
}

Region Region::attach(std::span<std::byte> memory) {
  if (memory.size() < sizeof(RegionHeader)) return Region();
  auto* header = reinterpret_cast<RegionHeader*>(memory.data());
  const RegionPlan& plan = header->plan;
  if (header->magic != region_magic || header->layout != layout_version ||
      plan.sizes.workers == 0 || plan.sizes.workers > max_workers ||
      !std::has_single_bit(plan.sizes.record_ring_capacity) || plan_of(plan.sizes) != plan ||
      plan.total_octets > memory.size()) {
    return Region();
  }
  return Region(header);
}

WorkerRow& Region::worker(WorkerIndex worker) const {
  DEMARC_DCHECK(worker < sizes().workers);
  return reinterpret_cast<WorkerRow*>(at(header_->plan.workers))[worker];
}

TrunkCounters& Region::trunk_counters(WorkerIndex worker, TrunkId trunk) const {
  DEMARC_DCHECK(worker < sizes().workers && index_of(trunk) < sizes().trunk_capacity);
  return reinterpret_cast<TrunkCounters*>(at(
      header_->plan.trunk_counters))[worker * uint64_t{sizes().trunk_capacity} + index_of(trunk)];
}

std::atomic<uint32_t>& Region::trunk_live(TrunkId trunk) const {
  DEMARC_DCHECK(index_of(trunk) < sizes().trunk_capacity);
  return reinterpret_cast<std::atomic<uint32_t>*>(at(header_->plan.trunk_live))[index_of(trunk)];
}

TrunkLive& Region::trunk_limits(TrunkId trunk) const {
  DEMARC_DCHECK(index_of(trunk) < sizes().trunk_capacity);
  return reinterpret_cast<TrunkLive*>(at(header_->plan.trunk_limits))[index_of(trunk)];
}

LimitLive& Region::limit_live(LimitId limit) const {
  DEMARC_DCHECK(index_of(limit) < sizes().limit_capacity);
  return reinterpret_cast<LimitLive*>(at(header_->plan.limit_live))[index_of(limit)];
}

TargetRow& Region::target(TargetId target) const {
  DEMARC_DCHECK(index_of(target) < sizes().target_capacity);
  return reinterpret_cast<TargetRow*>(at(header_->plan.targets))[index_of(target)];
}

DirectoryCell& Region::directory(WorkerIndex worker, CallSlot slot) const {
  DEMARC_DCHECK(worker < sizes().workers && index_of(slot) < sizes().calls_per_worker);
  return reinterpret_cast<DirectoryCell*>(
      at(header_->plan.directory))[worker * uint64_t{sizes().calls_per_worker} + index_of(slot)];
}

StreamCell& Region::stream(WorkerIndex worker, uint32_t index) const {
  const uint32_t rows = stream_rows(sizes().calls_per_worker);
  DEMARC_DCHECK(worker < sizes().workers && index < rows);
  return reinterpret_cast<StreamCell*>(at(header_->plan.streams))[worker * uint64_t{rows} + index];
}

// A row may have gone to another call since it was named.
unsigned Region::further_streams(const DirectoryRow& row, FurtherStreams& rows) const {
  unsigned count = 0;
  for (const uint32_t place : row.further) {
    if (place == 0 || place > stream_rows(sizes().calls_per_worker)) continue;
    const bool is_read = stream(row.worker, place - 1).load(rows[count]);
    if (is_read && rows[count].serial == row.serial) ++count;
  }
  return count;
}

CommandRing Region::commands(WorkerIndex worker) const {
  return CommandRing::attach(at(header_->plan.commands + worker * command_octets), command_octets);
}

EventRing Region::events(WorkerIndex worker) const {
  return EventRing::attach(at(header_->plan.events + worker * event_octets), event_octets);
}

TargetSigns& Region::target_signs(WorkerIndex worker, TargetId target) const {
  DEMARC_DCHECK(worker < sizes().workers && index_of(target) < sizes().target_capacity);
  return reinterpret_cast<TargetSigns*>(at(
      header_->plan.target_signs))[worker * uint64_t{sizes().target_capacity} + index_of(target)];
}

OutsideRequestRing Region::outside_requests(WorkerIndex worker) const {
  return OutsideRequestRing::attach(
      at(header_->plan.outside_requests + worker * outside_request_octets), outside_request_octets);
}

OutsideEventRing Region::outside_events(WorkerIndex worker) const {
  return OutsideEventRing::attach(at(header_->plan.outside_events + worker * outside_event_octets),
                                  outside_event_octets);
}

RecordRing Region::records(WorkerIndex worker) const {
  const uint64_t octets = record_octets(sizes().record_ring_capacity);
  return RecordRing::attach(at(header_->plan.records + worker * octets), octets);
}

}  // namespace demarc::contract
