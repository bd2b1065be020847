#include "sip-parser/digest/client_nonce.h"

#include <cstring>
#include <limits>

#include "sip-parser/base/check.h"
#include "sip-parser/write.h"

namespace demarc::digest {

bool ClientNonce::adopt(std::string_view content) {
  std::array<char, max_nonce_octets> unfolded;
  sip::Writer writer(unfolded);
  writer.unfolded(content);
  if (writer.failed()) return false;
  const std::string_view fresh = writer.written();
  if (has_nonce_ && fresh == nonce()) return true;
  if (!fresh.empty()) std::memcpy(nonce_.data(), fresh.data(), fresh.size());
  nonce_size_ = static_cast<uint16_t>(fresh.size());
  has_nonce_ = true;
  next_count_ = 1;
  cnonce_size_ = 0;
  return true;
}

void ClientNonce::skip_counts(uint32_t count) {
  const uint32_t last = std::numeric_limits<uint32_t>::max();
  if (next_count_ != 0) next_count_ = count > last - next_count_ ? 0 : next_count_ + count;
}

std::string_view ClientNonce::session_cnonce(std::string_view fresh) {
  DEMARC_CHECK(fresh.size() <= cnonce_.size());
  if (cnonce_size_ == 0 && !fresh.empty()) {
    std::memcpy(cnonce_.data(), fresh.data(), fresh.size());
    cnonce_size_ = static_cast<uint8_t>(fresh.size());
  }
  return {cnonce_.data(), cnonce_size_};
}

}  // namespace demarc::digest
