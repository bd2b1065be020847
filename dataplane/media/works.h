// Works: all the payload work of one worker, by row, and which of it time moves on.
//
// Owned by Table, which opens and plans rows and lets time pass; read by the work stage for each
// packet of a slot that names a row. One worker only.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/media/slot.h"
#include "dataplane/media/work.h"
#include "dataplane/memory/arena.h"
#include "dataplane/memory/pool.h"

namespace demarc::media {

class Works {
 public:
  struct Limits {
    uint32_t works = 0;          // directions whose payload is worked on
    uint32_t detectors = 0;      // of them, how many are listened to
    uint32_t repacketizers = 0;  // and how many are cut anew
  };
  Works(memory::Arena& arena, const Limits& limits);
  static size_t octets_needed(const Limits& limits);

  // A row for the stream that arrives at `slot`; no_row when none is left.
  uint32_t open(SlotId slot, const Work::Origin& origin);
  // Parts that a plan needs and of which none is left: it goes without.
  struct Missing {
    bool detector = false;
    bool repacketizer = false;
    bool any() const { return detector || repacketizer; }
  };
  // What is done from now on; nothing before.
  Missing plan(uint32_t row, const CodecPlan& plan);
  // See Work: until it is not, the row must stay.
  bool is_shifted(uint32_t row) const { return entries_[row].work.is_shifted(); }
  void close(uint32_t row);

  // One packet of the row's stream; see Work. What is left behind is in output().
  bool process(uint32_t row, Work::Packet& packet, contract::Instant now);
  bool hears_events(uint32_t row, contract::Instant now) const {
    return entries_[row].work.hears_events(now);
  }
  void told_digit(uint32_t row, uint8_t event, contract::Instant now) {
    entries_[row].work.told_digit(event, now);
  }
  bool send_digit(uint32_t row, uint8_t event, uint16_t duration_ms, contract::Instant now);

  // Rows that time moves on; tick() of any of them may take it off the list.
  uint32_t busy() const { return busy_count_; }
  SlotId busy_slot(uint32_t place) const { return entries_[busy_[place].row].slot; }
  // Whether tick() would do anything. Reads nothing of the work itself: many only wait for silence.
  bool is_due(uint32_t place, contract::Instant now) const { return now >= busy_[place].due; }
  // False when the row is busy no longer: another one stands at `place` now, if any.
  bool tick(uint32_t place, contract::Instant now);

  Output& output() { return yield_.output; }
  DigitRing& digits() { return yield_.digits; }
  bool has_digits() const { return !yield_.digits.empty(); }
  // Digits for which there was no room, since the last call of it.
  uint32_t take_lost_digits();
  uint32_t live() const { return entries_.live(); }
  uint32_t free_detectors() const { return detectors_.capacity() - detectors_.live(); }
  uint32_t free_repacketizers() const { return repacketizers_.capacity() - repacketizers_.live(); }
  // For RTCP of the row's stream; nullptr for no_row.
  Work* find(uint32_t row) { return row == no_row ? nullptr : &entries_[row].work; }

 private:
  struct Entry {
    Work work;
    SlotId slot = SlotId::none;
    uint32_t detector = memory::no_index;
    uint32_t repacketizer = memory::no_index;
    uint32_t place = no_row;  // in busy_; none: it is not there
  };
  struct Busy {
    contract::Instant due;
    uint32_t row = no_row;
  };

  void list(uint32_t row, contract::Instant now);
  void unlist(uint32_t place);

  memory::Pool<Entry> entries_;
  memory::Pool<ToneDetector> detectors_;
  memory::Pool<Repacketizer> repacketizers_;
  std::span<Busy> busy_;
  uint32_t busy_count_ = 0;
  Work::Yield yield_;
};

}  // namespace demarc::media
