#include "dataplane/call/media_ledger.h"

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

namespace demarc::call {
namespace {

static_assert(max_streams == contract::max_further_streams + 1);

// Before the first answer nobody has said anything that holds.
bool is_agreed(const Stream& stream) {
  return stream.direction[0] != contract::MediaDirection::unknown ||
         stream.direction[1] != contract::MediaDirection::unknown;
}

// Whether the row of a call rather has `one`: what is in use, then audio, then what SDP has first.
bool comes_before(const contract::MediaSummary& one, const contract::MediaSummary& other) {
  if (one.is_off != other.is_off) return other.is_off;
  const bool is_audio = one.kind == contract::MediaKind::audio;
  if (is_audio != (other.kind == contract::MediaKind::audio)) return is_audio;
  return one.media_index < other.media_index;
}

}  // namespace

void MediaLedger::read(const Call& call, Streams& streams) const {
  const int64_t offset = region_.header().wall_offset_ns.load(std::memory_order_relaxed);
  const bool is_answered = std::any_of(call.streams.begin(), call.streams.end(), is_agreed);
  for (const Stream& stream : call.streams) {
    if (!stream.is_open()) continue;
    Media& media = streams.media[streams.count++];
    for (unsigned side = 0; side < 2; ++side) {
      new (&media[side]) contract::MediaSummary(media_.summary(stream.slots[side], offset));
      media[side].direction = stream.direction[side];
      media[side].media_index = stream.media_index;
      media[side].kind = stream.media_kind;
      media[side].is_off = is_answered && !is_agreed(stream);
    }
  }
  unsigned first = 0;
  for (unsigned i = 0; i < streams.count; ++i) {
    for (contract::MediaSummary& media : streams.media[i]) {
      media.streams = static_cast<uint8_t>(streams.count);
    }
    if (comes_before(streams.media[i][0], streams.media[first][0])) first = i;
  }
  if (first != 0) std::swap(streams.media[0], streams.media[first]);
}

// What the row and the record of a call have of its media itself; past us there is nothing to
// count.
void MediaLedger::show_first(const Call& call, const Streams& streams,
                             contract::MediaSummary (&shown)[2]) {
  if (streams.count != 0) {
    std::copy(std::begin(streams.media[0]), std::end(streams.media[0]), shown);
  }
  const bool is_past_us = call.is_bypassed && call.answered.is_set();
  for (contract::MediaSummary& media : shown) media.is_bypassed = is_past_us;
}

void MediaLedger::write(Call& call, contract::DirectoryRow& row) {
  Streams streams;
  read(call, streams);
  show_first(call, streams, row.media);
  for (unsigned i = 0; i < contract::max_further_streams; ++i) {
    uint32_t& place = call.stream_rows[i];
    if (i + 1 >= streams.count) {
      if (place != memory::no_index) places_.release(std::exchange(place, memory::no_index));
      continue;
    }
    if (place == memory::no_index) place = places_.acquire();
    if (place == memory::no_index) {
      if (!std::exchange(call.lacks_stream_row, true)) {
        region_.worker(worker_).counters.add(contract::WorkerCounter::stream_rows_full);
      }
      continue;
    }
    contract::StreamRow further;
    further.serial = call.serial;
    std::copy(std::begin(streams.media[i + 1]), std::end(streams.media[i + 1]), further.media);
    region_.stream(worker_, place).store(further);
    row.further[i] = place + 1;
  }
}

void MediaLedger::fill(const Call& call, contract::CallRecord& record) const {
  Streams streams;
  read(call, streams);
  show_first(call, streams, record.media);
  for (unsigned i = 0; i < streams.count; ++i) {
    for (unsigned side = 0; side < 2; ++side) add(record.totals[side], streams.media[i][side]);
  }
}

void MediaLedger::fill(const contract::DirectoryRow& row, contract::CallRecord& record) const {
  contract::Region::FurtherStreams further;
  const unsigned count = region_.further_streams(row, further);
  for (unsigned side = 0; side < 2; ++side) {
    record.media[side] = row.media[side];
    add(record.totals[side], row.media[side]);
    for (unsigned i = 0; i < count; ++i) add(record.totals[side], further[i].media[side]);
  }
}

void MediaLedger::release(Call& call) {
  for (uint32_t& place : call.stream_rows) {
    if (place != memory::no_index) places_.release(std::exchange(place, memory::no_index));
  }
}

}  // namespace demarc::call
