#include "dataplane/media/works.h"

namespace demarc::media {

using contract::Instant;
using memory::no_index;

Works::Works(memory::Arena& arena, const Limits& limits)
    : entries_(arena, limits.works),
      detectors_(arena, limits.detectors),
      repacketizers_(arena, limits.repacketizers),
      busy_(arena.take<Busy>(limits.works)),
      yield_{arena.take<Output>(1).front(), arena.take<DigitRing>(1).front()} {}

size_t Works::octets_needed(const Limits& limits) {
  return memory::Pool<Entry>::octets_needed(limits.works) +
         memory::Pool<ToneDetector>::octets_needed(limits.detectors) +
         memory::Pool<Repacketizer>::octets_needed(limits.repacketizers) +
         memory::Arena::octets_for<Busy>(limits.works) + memory::Arena::octets_for<Output>(1) +
         memory::Arena::octets_for<DigitRing>(1);
}

uint32_t Works::open(SlotId slot, const Work::Origin& origin) {
  const uint32_t row = entries_.acquire();
  if (row == no_index) return no_row;
  Entry& entry = entries_[row];
  entry.slot = slot;
  entry.detector = entry.repacketizer = no_index;
  entry.place = no_row;
  entry.work.begin(origin);
  return row;
}

Works::Missing Works::plan(uint32_t row, const CodecPlan& plan) {
  Entry& entry = entries_[row];
  const auto lend = [](auto& pool, uint32_t& index, bool is_wanted) {
    if (is_wanted && index == no_index) index = pool.acquire();
    if (!is_wanted && index != no_index) {
      pool.release(index);
      index = no_index;
    }
    return index == no_index ? nullptr : &pool[index];
  };
  const Work::Parts parts{lend(detectors_, entry.detector, plan.is_listening),
                          lend(repacketizers_, entry.repacketizer, plan.ptime_ms != 0)};
  entry.work.plan(plan, parts);
  return {.detector = parts.detector == nullptr && plan.is_listening,
          .repacketizer = parts.repacketizer == nullptr && plan.ptime_ms != 0};
}

void Works::close(uint32_t row) {
  Entry& entry = entries_[row];
  static_cast<void>(plan(row, {}));  // gives the parts back
  if (entry.place != no_row) unlist(entry.place);
  entries_.release(row);
}

void Works::list(uint32_t row, Instant now) {
  Entry& entry = entries_[row];
  if (!entry.work.is_busy()) return;
  const Instant due = entry.work.due(now);
  if (entry.place == no_row) {
    entry.place = busy_count_;
    busy_[busy_count_++] = {due, row};
  } else if (due < busy_[entry.place].due) {
    busy_[entry.place].due = due;
  }
}

void Works::unlist(uint32_t place) {
  entries_[busy_[place].row].place = no_row;
  const Busy last = busy_[--busy_count_];
  if (place == busy_count_) return;
  busy_[place] = last;
  entries_[last.row].place = place;
}

bool Works::process(uint32_t row, Work::Packet& packet, Instant now) {
  yield_.output.clear();
  const bool goes_on = entries_[row].work.process(packet, yield_, now);
  list(row, now);
  return goes_on;
}

bool Works::send_digit(uint32_t row, uint8_t event, uint16_t duration_ms, Instant now) {
  const bool is_taken = entries_[row].work.send_digit(event, duration_ms, now);
  list(row, now);
  return is_taken;
}

bool Works::tick(uint32_t place, Instant now) {
  yield_.output.clear();
  Work& work = entries_[busy_[place].row].work;
  work.tick(yield_, now);
  busy_[place].due = work.due(now);
  if (work.is_busy()) return true;
  unlist(place);
  return false;
}

uint32_t Works::take_lost_digits() {
  const uint32_t lost = yield_.lost_digits;
  yield_.lost_digits = 0;
  return lost;
}

}  // namespace demarc::media
