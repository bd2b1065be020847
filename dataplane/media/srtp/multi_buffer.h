// MultiBuffer: the Cipher by libipsec-mb. Its functions are those of cipher.h, which calls them.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/media/srtp/passes.h"

struct IMB_MGR;  // of libipsec-mb

namespace demarc::media::srtp {

class MultiBuffer {
 public:
  // More in one burst would push the packets out of the first cache.
  static constexpr unsigned max_burst = 64;

  // One that is not used takes nothing and may not be called.
  explicit MultiBuffer(bool is_used);
  ~MultiBuffer();
  MultiBuffer(const MultiBuffer&) = delete;
  MultiBuffer& operator=(const MultiBuffer&) = delete;

  static bool is_fast_here();
  void key_stream(std::span<const uint8_t> key,
                  const std::array<uint8_t, aes_block_octets>& counter, std::span<uint8_t> out);
  void expand(std::span<const uint8_t> key, std::span<const uint8_t, sha1_octets> auth_key,
              CounterKeys& keys);
  void expand(std::span<const uint8_t> key, GcmKeys& keys);
  void run(std::span<CounterPass> passes, Way way);
  void run(GcmPass& pass, Way way);

 private:
  IMB_MGR* manager_ = nullptr;
};

}  // namespace demarc::media::srtp
