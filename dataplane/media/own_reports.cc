#include "dataplane/media/own_reports.h"

#include <algorithm>

#include "sip-parser/base/check.h"

namespace demarc::media {

using contract::Instant;
using memory::no_index;

OwnReports::OwnReports(memory::Arena& arena, uint32_t rows, uint64_t seed)
    : entries_(arena.take<Entry>(rows)), random_(seed | 1) {
  first_.fill(no_index);
}

size_t OwnReports::octets_needed(uint32_t rows) {
  return memory::Arena::octets_for<Entry>(rows);
}

uint64_t OwnReports::random() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return random_ * 0x2545f4914f6cdd1d;
}

uint64_t OwnReports::spread(contract::Duration interval) {
  const auto ticks = static_cast<uint64_t>(interval.ns / tick.ns);
  return ticks / 2 + (random() >> 32) % (ticks + 1);
}

void OwnReports::start(uint32_t row, Instant now) {
  DEMARC_CHECK(!is_started(row));
  if (live_ == 0) cursor_ = tick_of(now);
  entries_[row] = Entry();
  OwnReport& report = entries_[row].report;
  report.ssrc = static_cast<uint32_t>(random() >> 32) | 1;
  for (uint32_t& word : report.name) word = static_cast<uint32_t>(random() >> 32);
  entries_[row].is_started = true;
  ++live_;
  insert(row, tick_of(now) + spread({report_interval.ns / 2}));
}

void OwnReports::stop(uint32_t row) {
  if (!is_started(row)) return;
  remove(row);
  entries_[row].is_started = false;
  --live_;
}

void OwnReports::insert(uint32_t row, uint64_t due) {
  Entry& entry = entries_[row];
  uint32_t& first = first_[due % bucket_count];
  entry.due = static_cast<uint32_t>(due);
  entry.previous = no_index;
  entry.next = first;
  if (first != no_index) entries_[first].previous = row;
  first = row;
}

void OwnReports::remove(uint32_t row) {
  const Entry& entry = entries_[row];
  if (entry.previous == no_index) {
    first_[entry.due % bucket_count] = entry.next;
  } else {
    entries_[entry.previous].next = entry.next;
  }
  if (entry.next != no_index) entries_[entry.next].previous = entry.previous;
}

uint32_t OwnReports::take_due(Instant now) {
  const uint64_t end = tick_of(now);
  if (live_ == 0) return no_row;
  // After a long standstill every bucket is looked at once; what is in none was due by then.
  if (end > cursor_ + bucket_count) cursor_ = end - bucket_count;
  for (; cursor_ <= end; ++cursor_) {
    for (uint32_t row = first_[cursor_ % bucket_count]; row != no_index; row = entries_[row].next) {
      // Of another turn of the wheel.
      if (static_cast<int32_t>(entries_[row].due - static_cast<uint32_t>(cursor_)) > 0) continue;
      remove(row);
      insert(row, end + spread(report_interval));
      return row;
    }
  }
  return no_row;
}

Instant OwnReports::next_due() const {
  if (live_ == 0) return {};
  uint64_t due = cursor_;
  while (due < cursor_ + look_ahead && first_[due % bucket_count] == no_index) ++due;
  return Instant{due * static_cast<uint64_t>(tick.ns)};
}

}  // namespace demarc::media
