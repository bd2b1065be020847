// Context: one key in use for one direction of one stream, and where each of its SSRCs stands.
//
// RFC 3711 section 3.2. At most half a KiB; a key of an AEAD suite has a GcmKeys beside it. Keys of
// SRTCP are derived for each packet, as there are few. Owned by Contexts; one worker only.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/media/srtp/master_key.h"
#include "dataplane/media/srtp/passes.h"
#include "dataplane/media/srtp/replay.h"
#include "dataplane/media/srtp/suite.h"

namespace demarc::media::srtp {

// SSRCs that one direction has at once; with another one one of them goes to rest (resting.h),
// never the last one heard.
inline constexpr unsigned max_sources = 3;

inline constexpr uint32_t no_resting = 0xffffffff;

struct SourceState {
  uint32_t ssrc = 0;
  uint32_t rtcp_highest = 0;
  uint64_t rtcp_window = 0;  // bit n: rtcp_highest - n was received; 0 before the first
  // Bits 0 before the first; `highest` is then where this SSRC was under the key before, or 0.
  ReplayWindow rtp;
};

struct alignas(64) Context {
  CounterKeys keys;  // of SRTP, with an AES-CM suite
  std::array<uint8_t, max_master_octets> master = {};
  std::array<uint8_t, max_salt_octets> salt = {};  // of SRTP
  std::array<uint8_t, max_mki_octets> mki = {};
  uint64_t rtp_left = 0;  // packets that may still pass under this key
  uint32_t rtcp_left = 0;
  uint32_t rtcp_next = 0;         // index of the next SRTCP packet that is sent
  uint32_t gcm = 0;               // index of the GcmKeys, with an AEAD suite
  uint32_t resting = no_resting;  // index of its Resting
  uint32_t next = 0xffffffff;     // in a list of KeyRows; no_context at its end
  Suite suite = Suite::aes_cm_128_hmac_sha1_80;
  uint8_t mki_octets = 0;
  uint8_t source_count = 0;
  uint8_t last_source = 0;       // the one heard last
  OwnKey number = OwnKey::none;  // of a key of ours
  std::array<SourceState, max_sources> sources = {};
};
static_assert(sizeof(Context) <= 512);
static_assert(sizeof(Context) + sizeof(GcmKeys) <= 2150);

}  // namespace demarc::media::srtp
