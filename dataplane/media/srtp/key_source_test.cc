#include "dataplane/media/srtp/key_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "dataplane/media/srtp/srtp_harness.h"

namespace demarc::media::srtp {
namespace {

TEST(KeySource, GivesNoKeyTwice) {
  Cipher cipher;
  KeySource source(cipher, Secret{1});
  // The first 16 octets tell: each suite's key has as many before its salt.
  using Octets16 = std::array<uint64_t, 2>;
  constexpr size_t enough = 1'000'000;
  std::vector<Octets16> keys;
  while (keys.size() < enough) {
    const OwnKey number = source.draw();
    for (const Suite suite : all_suites) {
      std::memcpy(&keys.emplace_back(), source.key(number, suite).octets.data(), sizeof(Octets16));
    }
  }
  std::ranges::sort(keys);
  EXPECT_EQ(std::ranges::adjacent_find(keys), keys.end());
}

TEST(KeySource, GivesTheSameKeyForTheSameNumberAndOthersForAnotherSecret) {
  Cipher cipher;
  KeySource source(cipher, Secret{1});
  KeySource other(cipher, Secret{2});
  const OwnKey number = source.draw();
  const Suite suite = Suite::aes_cm_128_hmac_sha1_80;
  EXPECT_EQ(source.key(number, suite).octets, source.key(number, suite).octets);
  EXPECT_NE(source.key(number, suite).octets, other.key(number, suite).octets);
}

TEST(KeySource, SealsAndUnseals) {
  Cipher cipher;
  KeySource source(cipher, Secret{1});
  for (const Suite suite : all_suites) {
    MasterKey key = some_key(suite);
    key.mki = {1, 2, 3};
    key.mki_octets = 3;
    key.lifetime = 77;
    const SealedKey sealed = source.seal(key);
    EXPECT_EQ(memmem(&sealed, sizeof sealed, key.octets.data(), 8), nullptr);
    EXPECT_NE(source.seal(key).octets, sealed.octets);
    const MasterKey back = source.unseal(sealed);
    EXPECT_EQ(back.octets, key.octets);
    EXPECT_EQ(back.suite, suite);
    EXPECT_EQ(back.mki, key.mki);
    EXPECT_EQ(back.mki_octets, 3);
    EXPECT_EQ(back.lifetime, 77u);
  }
}

}  // namespace
}  // namespace demarc::media::srtp
