// OwnReports: when the next RTCP report of ours to each peer is due, and what the last one said.
//
// One row for each direction of a stream, under the index of its Observed: the report goes to the
// peer that this direction's media goes to. Owned by Table (send_reports.cc), which asks at each of
// its ticks. Intervals are five seconds, each between a half and one and a half of them at random
// (RFC 3550 sections 6.2 and 6.3.1; there is one member on either side, so no more is to be
// reckoned with). A wheel of fixed size; start, stop and the next one cost the same however many
// there are. One worker only.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/contract/time.h"
#include "dataplane/media/report_writer.h"
#include "dataplane/media/slot.h"
#include "dataplane/memory/arena.h"
#include "dataplane/memory/pool.h"

namespace demarc::media {

inline constexpr contract::Duration report_interval = contract::Duration::seconds(5);
// RFC 3550 section 6.3.5: a member that was silent for five intervals is gone.
inline constexpr contract::Duration report_timeout = contract::Duration::seconds(25);

struct OwnReport {
  uint32_t ssrc = 0;  // of ours, as long as nothing was sent to the peer
  NameBits name = {};
  // As the last report said. Packets modulo 2^32, as a report has them.
  uint32_t ssrc_sent = 0;
  uint32_t ssrc_heard = 0;
  uint32_t packets_before = 0;  // that were sent under other SSRCs
  uint32_t packets_sent = 0;
  uint64_t octets_before = 0;
  uint64_t octets_sent = 0;
  uint32_t expected = 0;
  uint32_t received = 0;
};

class OwnReports {
 public:
  static constexpr contract::Duration tick = contract::Duration::milliseconds(5);

  // `seed` of what is random; any number.
  OwnReports(memory::Arena& arena, uint32_t rows, uint64_t seed);
  static size_t octets_needed(uint32_t rows);

  // The first report is due after half an interval or so.
  void start(uint32_t row, contract::Instant now);
  // Nothing for a row that was not started.
  void stop(uint32_t row);
  bool is_started(uint32_t row) const { return entries_[row].is_started; }
  // False: the peer wants no RTCP (RFC 3556). True again after each start().
  void allow(uint32_t row, bool is_allowed) { entries_[row].is_allowed = is_allowed; }
  bool is_allowed(uint32_t row) const { return entries_[row].is_allowed; }
  OwnReport& operator[](uint32_t row) { return entries_[row].report; }

  // A row that is due, which is due again after an interval; no_row when there is none for now.
  uint32_t take_due(contract::Instant now);
  // Not after the next one is due, and not set where none will be; at most look_ahead away.
  contract::Instant next_due() const;
  uint32_t live() const { return live_; }

 private:
  static constexpr unsigned bucket_count = 2048;  // 10 seconds, beyond the longest interval
  static constexpr unsigned look_ahead = 32;      // buckets

  struct Entry {
    OwnReport report;
    uint32_t due = 0;  // in ticks, modulo 2^32: 248 days
    uint32_t next = memory::no_index;
    uint32_t previous = memory::no_index;
    bool is_started = false;
    bool is_allowed = true;
  };
  static_assert(sizeof(Entry) == 72);

  static uint64_t tick_of(contract::Instant now) { return now.ns / static_cast<uint64_t>(tick.ns); }
  void insert(uint32_t row, uint64_t due);
  void remove(uint32_t row);
  uint64_t random();
  // Between a half and one and a half of `interval`, in ticks.
  uint64_t spread(contract::Duration interval);

  std::span<Entry> entries_;
  std::array<uint32_t, bucket_count> first_;
  uint64_t cursor_ = 0;  // the tick that is looked at next
  uint64_t random_;
  uint32_t live_ = 0;
};

}  // namespace demarc::media
