// MediaPolicy: how the media of one trunk's calls is handled. Part of its TrunkConfig row, beside
// CallPolicy; compiled by the control plane, read by call/.
#pragma once

#include "dataplane/contract/codec_policy.h"
#include "dataplane/contract/source_policy.h"
#include "dataplane/contract/srtp_policy.h"

namespace demarc::contract {

struct MediaPolicy {
  SrtpPolicy srtp;
  CodecPolicy codecs;
  SourcePolicy sources;
};

}  // namespace demarc::contract
