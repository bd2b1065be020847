// KeySource: the keys that we send with, and keys of others kept where a call image may be seen.
//
// Owned by Table, used by call/. Both come from the key stream of a secret of this worker, so that
// a call holds numbers and sealed octets, never a key in the clear (decision D31). One worker only.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/media/srtp/cipher.h"
#include "dataplane/media/srtp/master_key.h"

namespace demarc::media::srtp {

using Secret = std::array<uint8_t, 32>;

// A master key of a peer. Plain data; of use to the KeySource that sealed it only.
struct SealedKey {
  uint64_t number = 0;
  uint64_t lifetime = max_lifetime;
  std::array<uint8_t, max_master_octets> octets = {};
  std::array<uint8_t, max_mki_octets> mki = {};
  Suite suite = Suite::aes_cm_128_hmac_sha1_80;
  uint8_t mki_octets = 0;
};

class KeySource {
 public:
  // `secret` must be drawn anew for each worker and each start.
  KeySource(Cipher& cipher, const Secret& secret) : cipher_(cipher), secret_(secret) {}
  ~KeySource() { explicit_bzero(secret_.data(), secret_.size()); }
  KeySource(const KeySource&) = delete;
  KeySource& operator=(const KeySource&) = delete;

  // Never the same twice: each is higher than those before.
  OwnKey draw() { return static_cast<OwnKey>(++last_number_); }
  // The key and salt of that number for a suite; each suite has another one.
  MasterKey key(OwnKey number, Suite suite);

  SealedKey seal(const MasterKey& key);
  MasterKey unseal(const SealedKey& sealed);

 private:
  void stream(uint64_t number, uint8_t purpose, std::span<uint8_t> out);

  Cipher& cipher_;
  Secret secret_;
  uint64_t last_number_ = 0;
};

}  // namespace demarc::media::srtp
