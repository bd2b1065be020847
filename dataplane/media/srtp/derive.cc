#include "dataplane/media/srtp/derive.h"

#include <algorithm>

namespace demarc::media::srtp {

void derive(Cipher& cipher, Suite suite, std::span<const uint8_t> master, Label label,
            std::span<uint8_t> out) {
  const SuiteTraits traits = traits_of(suite);
  // The salt of 12 octets that AEAD suites have counts as one of 14 with zeros at its end.
  std::array<uint8_t, aes_block_octets> counter = {};
  std::copy_n(master.begin() + traits.key_octets, traits.salt_octets, counter.begin());
  // key_id is the label followed by 48 bits of index / rate, which are zero (RFC 3711
  // section 4.3.1).
  counter[7] = static_cast<uint8_t>(counter[7] ^ static_cast<uint8_t>(label));
  cipher.key_stream(master.first(traits.key_octets), counter, out);
}

}  // namespace demarc::media::srtp
