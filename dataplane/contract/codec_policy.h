// CodecPolicy: what SDP may say of the media of one trunk, and what is done with its payload. Part
// of its MediaPolicy; compiled by the control plane, read by call/.
#pragma once

#include <array>
#include <cstdint>

namespace demarc::contract {

struct CodecPolicy {
  std::array<uint32_t, 2> reserved = {};
};

}  // namespace demarc::contract
