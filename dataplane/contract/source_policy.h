// SourcePolicy: who may send the media of one trunk. Part of its MediaPolicy; compiled by the
// control plane, read by media/.
#pragma once

#include <cstdint>

#include "dataplane/contract/address.h"
#include "dataplane/contract/blob.h"

namespace demarc::contract {

inline constexpr unsigned max_media_sources = 32;  // prefixes of one trunk
inline constexpr uint32_t max_latch_window_ms = 60'000;
inline constexpr uint8_t min_latch_packets = 2;
inline constexpr uint8_t max_latch_packets = 50;

struct MediaPrefix {
  IpAddress address;            // the network's; bits behind the prefix are zero
  uint8_t prefix_length = 128;  // of the IPv4-mapped form: an IPv4 host is 128
  uint8_t reserved[3] = {};
};
static_assert(sizeof(MediaPrefix) == 20);

struct SourcePolicy {
  enum class Mode : uint8_t {
    fixed,     // only the signalled address and port
    latching,  // another may be learnt, within bounds (media/latch.h)
  };
  Mode mode = Mode::fixed;
  uint8_t latch_packets = 5;  // good ones in sequence before a source is learnt
  uint16_t reserved = 0;
  uint32_t latch_window_ms = 10'000;  // after an offer or answer
  // What may be learnt beside the signalled address and that of the call's signalling.
  Array<MediaPrefix> prefixes;
};

}  // namespace demarc::contract
