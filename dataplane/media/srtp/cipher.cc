#include "dataplane/media/srtp/cipher.h"

namespace demarc::media::srtp {

Cipher::Kind Cipher::best() {
  return MultiBuffer::is_fast_here() ? Kind::multi_buffer : Kind::evp;
}

void Cipher::key_stream(std::span<const uint8_t> key,
                        const std::array<uint8_t, aes_block_octets>& counter,
                        std::span<uint8_t> out) {
  if (kind_ == Kind::multi_buffer) return multi_buffer_.key_stream(key, counter, out);
  evp_.key_stream(key, counter, out);
}

void Cipher::expand(std::span<const uint8_t> key, std::span<const uint8_t, sha1_octets> auth_key,
                    CounterKeys& keys) {
  if (kind_ == Kind::multi_buffer) return multi_buffer_.expand(key, auth_key, keys);
  evp_.expand(key, auth_key, keys);
}

void Cipher::expand(std::span<const uint8_t> key, GcmKeys& keys) {
  if (kind_ == Kind::multi_buffer) return multi_buffer_.expand(key, keys);
  evp_.expand(key, keys);
}

void Cipher::run(std::span<CounterPass> passes, Way way) {
  if (kind_ == Kind::multi_buffer) return multi_buffer_.run(passes, way);
  evp_.run(passes, way);
}

void Cipher::run(GcmPass& pass, Way way) {
  if (kind_ == Kind::multi_buffer) return multi_buffer_.run(pass, way);
  evp_.run(pass, way);
}

}  // namespace demarc::media::srtp
