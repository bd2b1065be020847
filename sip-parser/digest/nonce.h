// The nonces of a server: they carry their time and prove themselves, so nothing is stored when one
// is given out (RFC 7616 sections 3.3 and 5.4).
//
// Made and opened by server.h on the thread that owns the Hasher; no state. A nonce is 64
// lower-case hex digits of these 32 octets, numbers big-endian:
//
//   0   8  made, in milliseconds of the caller's clock
//   8   8  serial: the caller's, never twice at one time, so that two challenges of one millisecond
//          count their requests apart
//  16  16  the first half of HMAC-SHA-256(secret, made serial length source realm), where `length`
//          is that of `source` in 8 octets and keeps source and realm apart
//
// `source` is opaque and not in the nonce: address and port, the trunk, the worker, or whatever
// else a nonce must not be carried away from.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/digest/hasher.h"

namespace demarc::digest {

inline constexpr unsigned nonce_digits = 64;
// A shorter secret is a mistake of who made it.
inline constexpr unsigned min_secret_octets = 16;

struct NonceStamp {
  uint64_t made_ms = 0;
  uint64_t serial = 0;
};

// What a nonce is bound to.
struct NonceBinding {
  std::string_view secret;  // at least min_secret_octets
  std::string_view realm;
  std::string_view source;
};

struct NonceText {
  std::array<char, nonce_digits> digits{};
  std::string_view view() const { return {digits.data(), digits.size()}; }
};

NonceText make_nonce(Hasher& hasher, const NonceBinding& binding, const NonceStamp& stamp);

struct OpenedNonce {
  NonceStamp stamp;
  uint64_t key = 0;  // of the MAC: names this nonce, and nobody can choose it
};

enum class NonceError : uint8_t {
  bad_form = 1,  // not nonce_digits lower-case hex digits
  bad_mac,       // changed, or made for another source, realm or secret
};

// The MAC is compared in constant time. Whether the nonce is too old is the caller's question.
Result<OpenedNonce, NonceError> open_nonce(Hasher& hasher, const NonceBinding& binding,
                                           std::string_view nonce);

}  // namespace demarc::digest
