// Silence: whether what a call's peers send, or do not send, says that one of them is gone
// (decision D118).
//
// Pure; Calls asks once a second.
#pragma once

#include <algorithm>
#include <optional>

#include "dataplane/call/side.h"
#include "dataplane/contract/media_policy.h"
#include "dataplane/contract/record.h"
#include "dataplane/contract/time.h"

namespace demarc::call {

// The silence that ends a call of two trunks: what the more patient one grants, and none where one
// grants any (0).
constexpr contract::Duration common_silence(contract::Duration one, contract::Duration other) {
  if (one.ns == 0 || other.ns == 0) return {};
  return std::max(one, other);
}

// Without RTCP for so long before its last RTP a peer had given reports up: three of its intervals
// (RFC 3550 section 6.2).
inline constexpr contract::Duration report_gap = contract::Duration::seconds(15);

// What comes from one peer, over all streams of the call.
struct PeerMedia {
  contract::Duration timeout;  // of its trunk; 0: never
  contract::SilentPeer alone = contract::SilentPeer::after_rtcp;
  contract::Instant rtp;     // when some came last; UDPTL as well
  contract::Instant rtcp;    // likewise
  bool has_to_send = false;  // RTP, by the last answer
  bool is_two_way = false;   // and it gets some

  // `since`: nothing counts from before.
  bool is_silent(contract::Duration longest, contract::Instant since, contract::Instant now) const {
    return longest.ns != 0 && now - std::max({since, rtp, rtcp}) > longest;
  }
  bool is_gone(contract::Instant since, contract::Instant now) const {
    if (!is_silent(timeout, since, now)) return false;
    switch (alone) {
      case contract::SilentPeer::after_rtcp:
        return is_two_way && rtcp > since && rtcp + report_gap >= rtp;
      case contract::SilentPeer::always:
        return has_to_send;
      case contract::SilentPeer::never:
        break;
    }
    return false;
  }
};

struct CallMedia {
  PeerMedia peers[2];               // [Side]
  contract::Instant since;          // the last answer
  contract::Instant audible_since;  // and since when `is_two_way`
  bool is_two_way = false;          // some stream is: neither side is on hold

  // The silence of both ends the call.
  contract::Duration longest() const {
    return is_two_way ? common_silence(peers[0].timeout, peers[1].timeout) : contract::Duration{};
  }
};

// Why the call is to end, if it is.
inline std::optional<contract::CallEnd> end_for_silence(const CallMedia& media,
                                                        contract::Instant now) {
  const PeerMedia& caller = media.peers[index_of(Side::in)];
  const PeerMedia& called = media.peers[index_of(Side::out)];
  const contract::Duration longest = media.longest();
  const bool are_silent = caller.is_silent(longest, media.audible_since, now) &&
                          called.is_silent(longest, media.audible_since, now);
  if (are_silent) return contract::CallEnd::media_silent;
  if (caller.is_gone(media.since, now)) return contract::CallEnd::caller_silent;
  if (called.is_gone(media.since, now)) return contract::CallEnd::called_silent;
  return std::nullopt;
}

}  // namespace demarc::call
