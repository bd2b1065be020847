// MediaTotals: what one direction of all m-lines of a call did together, and which of them did
// worst. Part of each call record: the ledgers of m-lines beside the first are shown while the call
// lives.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/contract/media_summary.h"

namespace demarc::contract {

// The m-line whose peer was to send and was heard worst: nothing of it went on, or else the most of
// its RTP was lost.
struct WorstStream {
  uint32_t rtp_expected = 0;
  uint32_t rtp_lost = 0;
  uint32_t jitter_us = 0;
  uint8_t media_index = 0;
  MediaKind kind = MediaKind::other;
  bool is_set = false;  // false: no peer was to send anything
  bool is_silent = false;
};

// As the fields of MediaSummary, summed up.
struct MediaTotals {
  uint64_t packets_in = 0;
  uint64_t octets_in = 0;
  uint64_t packets_relayed = 0;
  uint64_t packets_dropped = 0;
  uint32_t made = 0;
  uint32_t absorbed = 0;
  std::array<uint32_t, media_drop_count> drops = {};
  uint32_t rtp_expected = 0;
  uint32_t rtp_lost = 0;
  uint32_t rtp_duplicate = 0;
  uint32_t rtp_late = 0;
  uint32_t burst_packets = 0;
  uint32_t burst_lost = 0;
  WorstStream worst;
  uint8_t streams = 0;  // that were summed up
};

inline bool is_to_send(const MediaSummary& media) {
  return !media.is_off && media.direction != MediaDirection::recvonly &&
         media.direction != MediaDirection::inactive;
}

constexpr bool is_worse(const WorstStream& one, const WorstStream& than) {
  if (!than.is_set || one.is_silent != than.is_silent) return !than.is_set || one.is_silent;
  // Of the other nothing was expected: it went on without RTP that could be lost.
  if (than.rtp_expected == 0) return one.rtp_lost != 0;
  // By what part of each was lost, without dividing.
  return uint64_t{one.rtp_lost} * than.rtp_expected > uint64_t{than.rtp_lost} * one.rtp_expected;
}

inline void add(MediaTotals& totals, const MediaSummary& one) {
  if (one.streams == 0) return;
  ++totals.streams;
  totals.packets_in += one.packets_in;
  totals.octets_in += one.octets_in;
  totals.packets_relayed += one.packets_relayed;
  totals.packets_dropped += one.packets_dropped;
  totals.made += one.made;
  totals.absorbed += one.absorbed;
  for (unsigned i = 0; i < media_drop_count; ++i) totals.drops[i] += one.drops[i];
  totals.rtp_expected += one.rtp_expected;
  totals.rtp_lost += one.rtp_lost;
  totals.rtp_duplicate += one.rtp_duplicate;
  totals.rtp_late += one.rtp_late;
  totals.burst_packets += one.burst_packets;
  totals.burst_lost += one.burst_lost;
  if (!is_to_send(one)) return;
  const WorstStream worst = {.rtp_expected = one.rtp_expected,
                             .rtp_lost = one.rtp_lost,
                             .jitter_us = one.jitter_us,
                             .media_index = one.media_index,
                             .kind = one.kind,
                             .is_set = true,
                             .is_silent = one.packets_relayed <= one.made};
  if (is_worse(worst, totals.worst)) totals.worst = worst;
}

}  // namespace demarc::contract
