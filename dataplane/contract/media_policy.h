// MediaPolicy: how the media of one trunk's calls is handled. Part of its TrunkConfig row, beside
// CallPolicy; compiled by the control plane, read by call/.
#pragma once

#include <cstdint>

#include "dataplane/contract/codec_policy.h"
#include "dataplane/contract/source_policy.h"
#include "dataplane/contract/srtp_policy.h"

namespace demarc::contract {

// When the silence of this trunk's peer ends a call although the other one is heard.
enum class SilentPeer : uint8_t {
  never,
  after_rtcp,  // both ways were open, and its RTCP went on until it fell silent
  always,      // it had to send
};

struct MediaPolicy {
  SrtpPolicy srtp;
  CodecPolicy codecs;
  SourcePolicy sources;
};

}  // namespace demarc::contract
