// SourcePolicy: who may send the media of one trunk. Part of its MediaPolicy; compiled by the
// control plane, read by call/.
#pragma once

#include <array>
#include <cstdint>

namespace demarc::contract {

struct SourcePolicy {
  std::array<uint32_t, 2> reserved = {};
};

}  // namespace demarc::contract
