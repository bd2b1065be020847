#include "dataplane/contract/minted_name.h"

#include <cstring>

namespace demarc::contract {
namespace {

// 115 bits of one name.
__extension__ using Bits = unsigned __int128;

constexpr uint64_t seal_mask = (1ull << 41) - 1;

struct Sealed {
  uint64_t unique;
  uint64_t tail;  // 10 bits of masked bucket above 41 bits of seal
};

Sealed seal(const NameKeys& keys, uint64_t unique, uint64_t bucket) {
  const uint64_t mask = siphash(keys.seal, unique);
  // A second, independent value: the bucket joins the hash, so moving bits between names fails.
  const uint64_t proof = siphash(keys.seal, ~unique ^ (bucket << 48) ^ mask);
  return {unique, (((bucket ^ mask) & (bucket_count - 1)) << 41) | (proof & seal_mask)};
}

// Eight characters of base32, 0-9 and a-v: the lower 40 bits, the highest of them first.
void put_letters(uint64_t bits, char* text) {
  constexpr uint64_t each = 0x0101010101010101u;
  // Halves, quarters, then five bits in each octet.
  uint64_t digits = (bits & 0x000fffff) | (bits & 0xfffff00000) << 12;
  digits = (digits & 0x000003ff000003ff) | (digits & 0x000ffc00000ffc00) << 6;
  digits = (digits & 0x001f001f001f001f) | (digits & 0x03e003e003e003e0) << 3;
  const uint64_t is_letter = (digits + (0x80 - 10) * each) >> 7 & each;
  digits += '0' * each + is_letter * ('a' - '0' - 10);
  const uint64_t in_order = __builtin_bswap64(digits);
  std::memcpy(text, &in_order, sizeof in_order);
}

int value_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'v') return c - 'a' + 10;
  return -1;
}

}  // namespace

MintedName mint_name(const NameKeys& keys, Bucket bucket, uint64_t unique) {
  const Sealed sealed = seal(keys, unique, bucket);
  // 115 bits: the upper 64 are `unique`, the lower 51 `tail`. The last eight characters overlap the
  // eight before them by one.
  const Bits bits = Bits{sealed.unique} << 51 | sealed.tail;
  MintedName name;
  static_assert(MintedName::length == 23);
  put_letters(static_cast<uint64_t>(bits >> 75), name.text.data());
  put_letters(static_cast<uint64_t>(bits >> 35), name.text.data() + 8);
  put_letters(static_cast<uint64_t>(bits), name.text.data() + 15);
  return name;
}

Result<Bucket, NameError> bucket_of_name(const NameKeys& keys, std::string_view name) {
  if (name.size() != MintedName::length) return Fail{NameError::not_ours};
  Bits bits = 0;
  for (const char c : name) {
    const int value = value_of(c);
    if (value < 0) return Fail{NameError::not_ours};
    bits = (bits << 5) | static_cast<unsigned>(value);
  }
  const uint64_t unique = static_cast<uint64_t>(bits >> 51);
  const uint64_t tail = static_cast<uint64_t>(bits) & ((1ull << 51) - 1);
  const uint64_t bucket = ((tail >> 41) ^ siphash(keys.seal, unique)) & (bucket_count - 1);
  if (seal(keys, unique, bucket).tail != tail) return Fail{NameError::not_ours};
  return static_cast<Bucket>(bucket);
}

Bucket bucket_of_call_id(const NameKeys& keys, std::string_view call_id) {
  return static_cast<Bucket>(siphash(keys.call_id, call_id) & (bucket_count - 1));
}

}  // namespace demarc::contract
