#include "dataplane/media/srtp/key_source.h"

#include <cstring>

namespace demarc::media::srtp {
namespace {

constexpr uint8_t sealing = 0xff;  // beside the numbers of suites

}  // namespace

// A counter block is used for one number and purpose only; its last octets count the blocks.
void KeySource::stream(uint64_t number, uint8_t purpose, std::span<uint8_t> out) {
  std::array<uint8_t, aes_block_octets> counter = {};
  std::memcpy(counter.data(), &number, sizeof number);
  counter[8] = purpose;
  cipher_.key_stream(secret_, counter, out);
}

MasterKey KeySource::key(OwnKey number, Suite suite) {
  MasterKey key;
  key.suite = suite;
  stream(static_cast<uint64_t>(number), static_cast<uint8_t>(suite),
         std::span(key.octets).first(traits_of(suite).master_octets()));
  return key;
}

SealedKey KeySource::seal(const MasterKey& key) {
  SealedKey sealed{++last_number_, key.lifetime, {}, key.mki, key.suite, key.mki_octets};
  stream(sealed.number, sealing, sealed.octets);
  for (size_t i = 0; i < sealed.octets.size(); ++i) sealed.octets[i] ^= key.octets[i];
  return sealed;
}

MasterKey KeySource::unseal(const SealedKey& sealed) {
  MasterKey key;
  stream(sealed.number, sealing, key.octets);
  for (size_t i = 0; i < key.octets.size(); ++i) key.octets[i] ^= sealed.octets[i];
  key.lifetime = sealed.lifetime;
  key.mki = sealed.mki;
  key.suite = sealed.suite;
  key.mki_octets = sealed.mki_octets;
  return key;
}

}  // namespace demarc::media::srtp
