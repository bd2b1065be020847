// The two sides of a call: "in" called us, "out" is called by us (RFC 7092 section 3.1).
#pragma once

#include <cstdint>

namespace demarc::call {

enum class Side : uint8_t { in = 0, out = 1 };

constexpr Side other(Side side) {
  return side == Side::in ? Side::out : Side::in;
}
constexpr unsigned index_of(Side side) {
  return static_cast<unsigned>(side);
}

}  // namespace demarc::call
