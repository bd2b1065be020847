#include "sip-parser/digest/nonce.h"

#include <openssl/crypto.h>

#include "sip-parser/base/check.h"

namespace demarc::digest {
namespace {

constexpr unsigned number_octets = 8;
constexpr unsigned stamp_octets = 2 * number_octets;
constexpr unsigned mac_octets = 16;
static_assert(stamp_octets + mac_octets == max_hash_octets);
static_assert(nonce_digits == 2 * max_hash_octets);

void put(uint64_t number, uint8_t* to) {
  for (unsigned i = 0; i < number_octets; ++i) to[i] = static_cast<uint8_t>(number >> (56 - 8 * i));
}

uint64_t get(const uint8_t* from) {
  uint64_t number = 0;
  for (unsigned i = 0; i < number_octets; ++i) number = number << 8 | from[i];
  return number;
}

HashValue mac_of(Hasher& hasher, const NonceBinding& binding, std::string_view stamp) {
  DEMARC_CHECK(binding.secret.size() >= min_secret_octets);
  std::array<uint8_t, number_octets> length;
  put(binding.source.size(), length.data());
  const std::array pieces = {
      stamp,
      std::string_view(reinterpret_cast<const char*>(length.data()), length.size()),
      binding.source,
      binding.realm,
  };
  return hmac_sha_256(hasher, binding.secret, pieces);
}

}  // namespace

NonceText make_nonce(Hasher& hasher, const NonceBinding& binding, const NonceStamp& stamp) {
  HashValue value;
  value.size = stamp_octets;
  put(stamp.made_ms, value.octets.data());
  put(stamp.serial, value.octets.data() + number_octets);
  const HashValue mac = mac_of(hasher, binding, value.view());
  for (unsigned i = 0; i < mac_octets; ++i) value.octets[stamp_octets + i] = mac.octets[i];
  value.size = max_hash_octets;
  NonceText text;
  text.digits = to_hex(value).digits;
  return text;
}

Result<OpenedNonce, NonceError> open_nonce(Hasher& hasher, const NonceBinding& binding,
                                           std::string_view nonce) {
  HashValue value;
  if (!from_hex(nonce, max_hash_octets, value)) return Fail{NonceError::bad_form};
  // One nonce has one spelling, ours.
  if (to_hex(value).view() != nonce) return Fail{NonceError::bad_form};
  const HashValue mac = mac_of(hasher, binding, value.view().substr(0, stamp_octets));
  if (CRYPTO_memcmp(mac.octets.data(), value.octets.data() + stamp_octets, mac_octets) != 0) {
    return Fail{NonceError::bad_mac};
  }
  OpenedNonce opened;
  opened.stamp.made_ms = get(value.octets.data());
  opened.stamp.serial = get(value.octets.data() + number_octets);
  opened.key = get(value.octets.data() + stamp_octets);
  return opened;
}

}  // namespace demarc::digest
