// "Why is there no audio": one verdict per direction of an m-line, in plain words, from what the
// dataplane counted. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dataplane/contract/media_summary.h"

namespace demarc::media_report {

enum class Verdict : uint8_t {
  flowing,          // packets arrive and go on
  no_media,         // the call has none
  on_hold,          // the peer may not send, as SDP says
  no_address,       // the peer named no address that it sends from
  nothing_arrives,  // not one packet
  wrong_source,     // packets arrive, from elsewhere than signalled
  not_rtp,          // packets arrive that are none
  not_aimed,        // the other side named no address to send to
  no_route,         // there is no way to the other side
  tx_full,          // the outgoing port takes no more
  learning,         // its source is still being learnt
  wrong_key,        // SRTP that is not made with the key in its SDP, or no SRTP at all
  replayed,         // SRTP that came before, or goes back in its numbers
  no_key,           // SRTP before the key was known
  key_spent,        // the key of SRTP may not be used any longer for it
  stopped,          // packets went on, and none came for a while
  only_rtcp,        // reports and no media
  off,              // the last answer left the m-line out
  bypassed,         // it goes from peer to peer, and nobody here sees it
};

struct Finding {
  Verdict verdict = Verdict::no_media;
  std::string sentence;
};

// Names of the peers, as sentences call them: "caller", "called".
struct Parties {
  std::string_view from;
  std::string_view to;
};

// Silence so long is worth a word.
inline constexpr uint64_t stopped_after_ns = 3'000'000'000;

// What arrives from `parties.from`; `back` is the other direction. `now_unix_ns` is when the
// summary was taken: of a record, the call's end.
Finding verdict_of(const contract::MediaSummary& media, const contract::MediaSummary& back,
                   const Parties& parties, uint64_t now_unix_ns);

std::string_view spelling(Verdict verdict);

}  // namespace demarc::media_report
