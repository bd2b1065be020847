// Cipher: AES in counter mode, HMAC-SHA1 and AES-GCM over packets, in bursts.
//
// One per worker, made at start, when it allocates what it needs; never afterwards. By libipsec-mb
// where the processor has AES-NI and AVX, else by OpenSSL's EVP; both give the same octets. Called
// by Contexts. FIPS 197, SP 800-38A, SP 800-38D, RFC 2104.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/media/srtp/evp.h"
#include "dataplane/media/srtp/multi_buffer.h"
#include "dataplane/media/srtp/passes.h"

namespace demarc::media::srtp {

class Cipher {
 public:
  enum class Kind : uint8_t { multi_buffer, evp };
  // What this processor is best served by.
  static Kind best();

  explicit Cipher(Kind kind = best())
      : kind_(kind), multi_buffer_(kind == Kind::multi_buffer), evp_(kind == Kind::evp) {}
  Cipher(const Cipher&) = delete;
  Cipher& operator=(const Cipher&) = delete;
  Kind kind() const { return kind_; }

  // The key stream of AES (key of 16 or 32 octets) from this counter block on, into `out`.
  void key_stream(std::span<const uint8_t> key,
                  const std::array<uint8_t, aes_block_octets>& counter, std::span<uint8_t> out);
  void expand(std::span<const uint8_t> key, std::span<const uint8_t, sha1_octets> auth_key,
              CounterKeys& keys);
  void expand(std::span<const uint8_t> key, GcmKeys& keys);
  // All of them, in whatever order; each is done when this returns.
  void run(std::span<CounterPass> passes, Way way);
  void run(GcmPass& pass, Way way);

 private:
  Kind kind_;
  MultiBuffer multi_buffer_;
  Evp evp_;
};

}  // namespace demarc::media::srtp
