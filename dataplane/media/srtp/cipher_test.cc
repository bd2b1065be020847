#include "dataplane/media/srtp/cipher.h"

#include <gtest/gtest.h>

#include <random>

#include "dataplane/media/srtp/srtp_harness.h"
#include "tests/support/seed.h"

namespace demarc::media::srtp {
namespace {

class Ciphers : public ::testing::TestWithParam<Cipher::Kind> {
 protected:
  Cipher cipher_{GetParam()};
};

std::array<uint8_t, 16> counter_block(std::string_view hex) {
  std::array<uint8_t, 16> block;
  const Octets octets = from_hex(hex);
  std::copy(octets.begin(), octets.end(), block.begin());
  return block;
}

// RFC 3711 appendix B.2.
TEST_P(Ciphers, GiveTheKeyStreamOfRfc3711) {
  const Octets key = from_hex("2b7e151628aed2a6abf7158809cf4f3c");
  Octets out(0xff02 * 16);
  cipher_.key_stream(key, counter_block("f0f1f2f3f4f5f6f7f8f9fafbfcfd0000"), out);
  const auto block = [&](size_t number) {
    return Octets(out.begin() + static_cast<long>(number * 16),
                  out.begin() + static_cast<long>(number * 16 + 16));
  };
  EXPECT_EQ(block(0), from_hex("e03ead0935c95e80e166b16dd92b4eb4"));
  EXPECT_EQ(block(1), from_hex("d23513162b02d0f72a43a2fe4a5f97ab"));
  EXPECT_EQ(block(0xff00), from_hex("362b7c3c6773516318a077d7fc5073ae"));
  EXPECT_EQ(block(0xff01), from_hex("6a2cc3787889374fbeb4c81b17ba6c44"));
}

// RFC 7714 sections 16.1.1 and 16.2.1.
TEST_P(Ciphers, GiveThePacketsOfRfc7714) {
  const Octets key = from_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  const Octets header = from_hex("8040f17b8041f8d35501a0b2");
  const std::string_view plain = "Gallia est omnis divisa in partes tres";
  const std::string_view wanted[] = {
      "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
      "899d7f27beb16a9152cf765ee4390cce",
      "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b"
      "7aa3db36dfffd6b0f9bb7878d7a76c13"};
  for (unsigned i = 0; i < 2; ++i) {
    auto keys = std::make_unique<GcmKeys>();
    const uint32_t key_octets = i == 0 ? 16 : 32;
    cipher_.expand(std::span(key).first(key_octets), *keys);
    Octets text(plain.begin(), plain.end());
    text.reserve(text.size() + max_tag_octets);  // it stays where it is
    GcmPass pass;
    pass.keys = keys.get();
    pass.key_octets = key_octets;
    pass.header = header;
    pass.text = text.data();
    pass.text_length = static_cast<uint32_t>(text.size());
    const Octets iv = from_hex("51753c6580c2726f20718414");
    std::copy(iv.begin(), iv.end(), pass.iv.begin());
    cipher_.run(pass, Way::protect);
    text.insert(text.end(), pass.tag.begin(), pass.tag.end());
    EXPECT_EQ(text, from_hex(wanted[i]));
    const auto tag = pass.tag;
    cipher_.run(pass, Way::unprotect);
    EXPECT_EQ(pass.tag, tag);
    EXPECT_TRUE(std::equal(plain.begin(), plain.end(), text.begin(),
                           [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; }));
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Ciphers,
                         ::testing::Values(Cipher::Kind::multi_buffer, Cipher::Kind::evp));

// Both kinds over the same random packets, both ways, in bursts of every size.
TEST(CipherKinds, GiveTheSameOctets) {
  const unsigned seed = support::test_seed();
  SCOPED_TRACE(seed);
  std::mt19937 engine(seed);
  const auto random = [&engine] { return static_cast<uint32_t>(engine()); };
  Cipher fast(Cipher::Kind::multi_buffer);
  Cipher slow(Cipher::Kind::evp);
  const auto draw = [&](size_t count) {
    Octets octets(count);
    for (uint8_t& octet : octets) octet = static_cast<uint8_t>(random());
    return octets;
  };
  for (unsigned round = 0; round < 200; ++round) {
    const uint32_t key_octets = round % 2 == 0 ? 16 : 32;
    const Octets key = draw(key_octets);
    const Octets auth = draw(sha1_octets);
    CounterKeys fast_keys;
    CounterKeys slow_keys;
    fast.expand(key, std::span<const uint8_t, sha1_octets>(auth.data(), sha1_octets), fast_keys);
    slow.expand(key, std::span<const uint8_t, sha1_octets>(auth.data(), sha1_octets), slow_keys);
    const size_t count = 1 + random() % 130;
    std::vector<Octets> a;
    std::vector<CounterPass> passes(count);
    for (CounterPass& pass : passes) {
      const uint32_t offset = 12 + random() % 60;
      const uint32_t length = round == 0 ? 0 : random() % 1400;
      a.push_back(draw(offset + length + suffix_octets));
      pass = {&fast_keys, a.back().data(), key_octets, offset, length, {}, {}};
      const Octets iv = draw(14);
      std::copy(iv.begin(), iv.end(), pass.iv.begin());
    }
    std::vector<Octets> b = a;
    std::vector<CounterPass> others = passes;
    for (size_t i = 0; i < count; ++i) {
      others[i].keys = &slow_keys;
      others[i].packet = b[i].data();
    }
    const Way way = random() % 2 == 0 ? Way::protect : Way::unprotect;
    fast.run(passes, way);
    slow.run(others, way);
    for (size_t i = 0; i < count; ++i) {
      ASSERT_EQ(a[i], b[i]);
      ASSERT_TRUE(
          std::equal(passes[i].tag.begin(), passes[i].tag.begin() + 10, others[i].tag.begin()));
    }
  }
}

}  // namespace
}  // namespace demarc::media::srtp
