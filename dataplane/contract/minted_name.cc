#include "dataplane/contract/minted_name.h"

namespace demarc::contract {
namespace {

// 115 bits of one name.
__extension__ using Bits = unsigned __int128;

constexpr char alphabet[] = "0123456789abcdefghijklmnopqrstuv";
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

int value_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'v') return c - 'a' + 10;
  return -1;
}

}  // namespace

MintedName mint_name(const NameKeys& keys, Bucket bucket, Entropy& entropy) {
  const Sealed sealed = seal(keys, entropy.next(), bucket);
  // 115 bits: the upper 64 are `unique`, the lower 51 `tail`. In two words, of 12 and 11
  // characters.
  constexpr unsigned first_half = 12;
  uint64_t upper = sealed.unique >> 4;
  uint64_t lower = (sealed.unique & 15) << 51 | sealed.tail;
  MintedName name;
  for (unsigned i = first_half; i != 0; --i, upper >>= 5) name.text[i - 1] = alphabet[upper & 31];
  for (unsigned i = MintedName::length; i != first_half; --i, lower >>= 5) {
    name.text[i - 1] = alphabet[lower & 31];
  }
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
