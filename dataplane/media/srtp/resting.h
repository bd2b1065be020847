// Resting: where the SSRCs of a key stand that have no SourceState at the moment.
//
// A key has one only after a fourth SSRC, and a further one when that is full; taken by Contexts
// from a pool. What rests is a SourceState without its windows, so on its return all that is not
// above it counts as used. RFC 3711 sections 3.2.3 and 9.1. One worker only.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/media/srtp/context.h"

namespace demarc::media::srtp {

inline constexpr unsigned max_resting = 15;
// One key may so send for max_sources + max_resting * max_resting_rows SSRCs.
inline constexpr unsigned max_resting_rows = 4;

class Resting {
 public:
  uint32_t next = no_resting;  // index of the key's further one

  bool is_full() const { return count_ == max_resting; }

  // False when it is full.
  bool put(const SourceState& source) {
    if (is_full()) return false;
    places_[count_++] = {.ssrc = source.ssrc,
                         .rtcp_highest = source.rtcp_highest,
                         .highest = source.rtp.highest & max_index,
                         .has_rtp = (source.rtp.bits[0] | source.rtp.bits[1]) != 0,
                         .has_rtcp = source.rtcp_window != 0};
    return true;
  }
  // False when the SSRC does not rest here, with `source` as it was.
  bool look(uint32_t ssrc, SourceState& source) const {
    for (unsigned i = 0; i < count_; ++i) {
      if (places_[i].ssrc != ssrc) continue;
      source = state_of(places_[i]);
      return true;
    }
    return false;
  }
  // False when the SSRC does not rest here.
  bool remove(uint32_t ssrc) {
    for (unsigned i = 0; i < count_; ++i) {
      if (places_[i].ssrc != ssrc) continue;
      remove_place(i);
      return true;
    }
    return false;
  }
  // The one that has rested longest; there must be one.
  void remove_first() { remove_place(0); }

 private:
  struct Place {
    uint32_t ssrc = 0;
    uint32_t rtcp_highest = 0;
    uint64_t highest : 48 = 0;  // of RTP
    uint64_t has_rtp : 1 = 0;
    uint64_t has_rtcp : 1 = 0;
  };

  static SourceState state_of(const Place& place) {
    SourceState source;
    source.ssrc = place.ssrc;
    source.rtcp_highest = place.rtcp_highest;
    source.rtp.highest = place.highest;
    if (place.has_rtp) source.rtp.bits = {~uint64_t{0}, ~uint64_t{0}};
    if (place.has_rtcp) source.rtcp_window = ~uint64_t{0};
    return source;
  }
  void remove_place(unsigned place) {
    --count_;
    for (unsigned i = place; i < count_; ++i) places_[i] = places_[i + 1];
  }

  uint32_t count_ = 0;
  std::array<Place, max_resting> places_ = {};
};
static_assert(sizeof(Resting) <= 256);

}  // namespace demarc::media::srtp
