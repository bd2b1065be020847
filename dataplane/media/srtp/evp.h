// Evp: the Cipher by OpenSSL, for processors that libipsec-mb has no fast code for, and as a second
// opinion in tests. Its functions are those of cipher.h, which calls them.
//
// Ciphers are fetched and their contexts made at start; setting key and IV of a context allocates
// nothing. EVP_DigestInit_ex() and EVP_MAC_init() of OpenSSL 3.0 do allocate, and HMAC states can
// not be kept ready by them without that; so SHA-1 is called by its own functions, which libcrypto
// still has and marks deprecated.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/media/srtp/passes.h"

struct evp_cipher_ctx_st;  // of OpenSSL

namespace demarc::media::srtp {

class Evp {
 public:
  // One that is not used takes nothing and may not be called.
  explicit Evp(bool is_used);
  ~Evp();
  Evp(const Evp&) = delete;
  Evp& operator=(const Evp&) = delete;

  void key_stream(std::span<const uint8_t> key,
                  const std::array<uint8_t, aes_block_octets>& counter, std::span<uint8_t> out);
  void expand(std::span<const uint8_t> key, std::span<const uint8_t, sha1_octets> auth_key,
              CounterKeys& keys);
  void expand(std::span<const uint8_t> key, GcmKeys& keys);
  void run(std::span<CounterPass> passes, Way way);
  void run(GcmPass& pass, Way way);

 private:
  void cipher(std::span<const uint8_t> key, const std::array<uint8_t, aes_block_octets>& iv,
              std::span<uint8_t> text);
  evp_cipher_ctx_st* counter_128_ = nullptr;
  evp_cipher_ctx_st* counter_256_ = nullptr;
  evp_cipher_ctx_st* gcm_128_ = nullptr;
  evp_cipher_ctx_st* gcm_256_ = nullptr;
};

}  // namespace demarc::media::srtp
