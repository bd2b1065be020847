// Candidates of a burst as packets of srtp/, and back.
//
// Shared by the stages unprotect() and protect(). One worker only.
#pragma once

#include <array>
#include <span>

#include "dataplane/media/burst.h"
#include "dataplane/media/key_rows.h"
#include "dataplane/media/srtp/contexts.h"

namespace demarc::media {

class ThroughKeys {
 public:
  static constexpr unsigned max_packets = relay_burst + max_made_packets;

  // Those that go on and have a key at that end of their slot, `in` or `out`, which is on its way
  // into the cache then. What has to wait for a key goes no further. What we made ourselves came
  // from nobody, so it has no key to be opened with.
  void gather(Burst& burst, uint32_t KeyRows::Row::*end, bool with_made) {
    KeyRows& keys = *burst.keys;
    for (Candidate& candidate : burst.all()) {
      if ((candidate.is_made && !with_made) || candidate.verdict != Verdict::go) continue;
      if (candidate.slot->crypto == no_row) continue;
      const uint32_t context = keys[candidate.slot->crypto].*end;
      if (context == KeyRows::plain) continue;
      if (context == KeyRows::awaiting) {
        candidate.verdict = Verdict::no_key;
        continue;
      }
      keys.contexts().prefetch(context);
      add(candidate, context);
    }
  }
  std::span<srtp::Packet> packets() { return {packets_.data(), count_}; }
  // After the burst went through: lengths, and verdicts of what failed.
  template <class VerdictOf>
  void take_back(VerdictOf verdict_of) {
    for (unsigned i = 0; i < count_; ++i) {
      Candidate& candidate = *candidates_[i];
      candidate.length = packets_[i].length;
      candidate.room_behind = packets_[i].room;
      candidate.is_changed = true;
      candidate.verdict = verdict_of(packets_[i].outcome);
      candidate.is_authentic |= packets_[i].outcome == srtp::Outcome::done;
    }
  }

 private:
  void add(Candidate& candidate, uint32_t context) {
    candidates_[count_] = &candidate;
    packets_[count_] = {.context = context,
                        .is_rtcp = candidate.is_rtcp,
                        .octets = candidate.payload,
                        .length = candidate.length,
                        .room = candidate.room_behind,
                        .outcome = srtp::Outcome::done};
    ++count_;
  }

  unsigned count_ = 0;
  std::array<Candidate*, max_packets> candidates_;
  std::array<srtp::Packet, max_packets> packets_;
};

}  // namespace demarc::media
