// The names that we mint: Call-IDs, tags and branches that carry their bucket (decision D5).
//
// A bucket is one of 1,024; a table maps buckets to workers. The bucket is sealed with SipHash
// under keys that survive a restart, so a stranger can neither read it nor make a name that steers
// a message. A name is 23 characters of lower-case base32: 64 bits that make it unique, 10 bits of
// sealed bucket, 41 bits of seal.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/siphash.h"

namespace demarc::contract {

inline constexpr unsigned bucket_count = 1024;
using Bucket = uint16_t;

struct NameKeys {
  SipHashKey seal;     // seals and verifies minted names
  SipHashKey call_id;  // hashes Call-IDs that peers mint
};

struct MintedName {
  static constexpr unsigned length = 23;
  std::array<char, length> text;
  std::string_view view() const { return {text.data(), length}; }
};

// `unique` is random, and nobody can guess the next one.
MintedName mint_name(const NameKeys& keys, Bucket bucket, uint64_t unique);

enum class NameError : uint8_t { not_ours = 1 };
// The bucket of a name that we minted; not_ours for anything else, also when only one bit differs.
Result<Bucket, NameError> bucket_of_name(const NameKeys& keys, std::string_view name);
// The bucket of a Call-ID that a peer minted.
Bucket bucket_of_call_id(const NameKeys& keys, std::string_view call_id);

}  // namespace demarc::contract
