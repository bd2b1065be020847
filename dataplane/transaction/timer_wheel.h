// TimerWheel: every timer of one worker. Hierarchical, ticks of 1.048576 ms (2^20 ns); start and
// cancel in constant time; a timer never fires early, and late by less than two ticks. One worker
// only; called by transaction/, call/ and the engine's loop. The timers are those of RFC 3261
// section 17 and whatever a call waits for.
//
// Four levels of 256 buckets: level 0 has a bucket per tick, each further level one per 256 buckets
// of the level below, so the wheel sees 52 days ahead. What is due later waits in the last bucket
// and is placed again when that bucket's turn comes. A bit per bucket says which are occupied, so
// that a long sleep of the caller costs the timers in it and not the ticks in it.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/contract/time.h"
#include "dataplane/memory/arena.h"
#include "dataplane/memory/pool.h"

namespace demarc::transaction {

// What a timer says when it fires. Its meaning belongs to whoever started it.
struct TimerEvent {
  enum class Owner : uint8_t { transaction, call, outside };
  Owner owner = Owner::transaction;
  uint8_t name = 0;         // of an enum of the owner's
  uint32_t subject = 0;     // index of the element concerned
  uint32_t generation = 0;  // of that element
};

// A started timer; none when there is nothing to cancel.
struct TimerId {
  uint32_t index = memory::no_index;
  uint32_t generation = 0;
  bool is_set() const { return index != memory::no_index; }
};

class TimerWheel {
 public:
  static constexpr unsigned tick_shift = 20;

  TimerWheel(memory::Arena& arena, uint32_t capacity, contract::Instant now);
  static size_t octets_needed(uint32_t capacity);

  // none (is_set() false) when the wheel has no room; the caller counts that. Sized so that it can
  // not happen: every element that may own timers brings its number.
  TimerId start(contract::Instant due, const TimerEvent& event);
  // Cancels if it has not fired, and forgets the id. Cancelling twice, or after it fired, does
  // nothing. An event that expire() has already given out is the caller's: see its generation.
  void cancel(TimerId& id);
  // Fills `out` with events that are due by `now`, oldest tick first, and returns how many; call
  // again while it returns out.size(). Timers started by handling them fire in the same call
  // sequence when already due.
  uint32_t expire(contract::Instant now, std::span<TimerEvent> out);
  uint32_t live() const { return nodes_.live(); }
  bool has_room(uint32_t count) const { return nodes_.capacity() - nodes_.live() >= count; }
  // The earliest instant at which something may be due (may be early, never late); not set when
  // there is no timer.
  contract::Instant next_due() const;

 private:
  static constexpr unsigned level_bits = 8;
  static constexpr unsigned level_count = 4;
  static constexpr unsigned buckets_per_level = 1u << level_bits;
  static constexpr unsigned words_per_level = buckets_per_level / 64;
  static constexpr uint64_t no_tick = ~uint64_t{0};

  // In the ring of its bucket: the first one's `previous` is the last.
  struct Node {
    TimerEvent event;
    uint16_t bucket = 0;  // level * buckets_per_level + place in the level
    uint64_t due_tick = 0;
    uint32_t next = memory::no_index;
    uint32_t previous = memory::no_index;
  };
  static_assert(sizeof(Node) == 32);

  void link(uint32_t index);
  void unlink(uint32_t index);
  void enter(uint64_t tick);
  void cascade(unsigned bucket);
  unsigned distance_to_occupied(unsigned level, unsigned from) const;
  uint64_t next_tick() const;

  memory::Pool<Node> nodes_;
  std::span<uint32_t> heads_;  // level_count * buckets_per_level
  std::array<uint64_t, level_count * words_per_level> occupied_{};
  uint64_t current_tick_;  // every earlier tick is done; this one's bucket may still hold timers
};

}  // namespace demarc::transaction
