// Base64 (RFC 4648 section 4) as keys of a=crypto are written.
//
// Used by crypto.cc and by whoever makes or takes SRTP keys. Pure functions, any thread; nothing is
// kept of what passes through.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace demarc::sdp {

// How many octets the text stands for; -1 when it is not base64. The '=' at the end may be missing,
// as some peers leave them out; they may not be half there.
int base64_octets(std::string_view text);
// Into `octets`, which has to be of the size that base64_octets() said. False when the text is not
// base64 or of another size.
bool base64_decode(std::string_view text, std::span<uint8_t> octets);
// With the '=' at the end. Empty when `text` is too small; else the part of it that was written.
std::string_view base64_encode(std::span<const uint8_t> octets, std::span<char> text);

constexpr size_t base64_size(size_t octets) {
  return (octets + 2) / 3 * 4;
}

}  // namespace demarc::sdp
