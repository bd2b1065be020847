// ClientNonce: the nonce that a client uses in one realm of one peer, and how often it has (RFC
// 7616 sections 3.4 and 3.5).
//
// Owned by who sends the requests, one for each realm of each next hop; touched by its worker only.
// Fixed size and pointer-free.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace demarc::digest {

// Nonces and cnonces beyond these are refused, never cut.
inline constexpr size_t max_nonce_octets = 512;
inline constexpr size_t max_cnonce_octets = 64;

class ClientNonce {
 public:
  // The nonce of a challenge or the nextnonce of an Authentication-Info, as it stands between the
  // quotes; folds become SP. Another nonce than before begins to count at 1 again; the same one
  // goes on. False, and nothing changed, when it is too long.
  [[nodiscard]] bool adopt(std::string_view content);

  bool has_nonce() const { return has_nonce_; }
  // As between quotes, without folds. Valid until the next adopt().
  std::string_view nonce() const { return {nonce_.data(), nonce_size_}; }
  // The count of the next request; 0 when all were used, and only another nonce helps.
  uint32_t next_count() const { return next_count_; }
  void use_count() { skip_counts(1); }
  // For a node that takes over: skips what the other one may have used.
  void skip_counts(uint32_t count);

  // The cnonce of a -sess algorithm: the first one stays for the life of the nonce. Not longer than
  // max_cnonce_octets.
  std::string_view session_cnonce(std::string_view fresh);

 private:
  uint32_t next_count_ = 0;
  uint16_t nonce_size_ = 0;
  uint8_t cnonce_size_ = 0;
  bool has_nonce_ = false;
  std::array<char, max_nonce_octets> nonce_{};
  std::array<char, max_cnonce_octets> cnonce_{};
};

}  // namespace demarc::digest
