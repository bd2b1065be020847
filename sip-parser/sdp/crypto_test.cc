#include "sip-parser/sdp/crypto.h"

#include <gtest/gtest.h>

#include "sip-parser/sdp/base64.h"
#include "sip-parser/sdp/sdp_harness.h"

namespace demarc::sdp {
namespace {

const std::string key30(40, 'A');

Result<Crypto, ValueError> read(std::string_view value) {
  return read_value(parse_crypto, value);
}

std::string key_of(size_t octets) {
  std::string text(base64_size(octets), 'A');
  for (size_t i = 0; i < (3 - octets % 3) % 3; ++i) text[text.size() - 1 - i] = '=';
  return text;
}

TEST(Crypto, ReadsALine) {
  const std::string value = "1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|2^20|1:4";
  const Result<Crypto, ValueError> crypto = read(value);
  ASSERT_TRUE(crypto);
  EXPECT_EQ(crypto->tag, 1u);
  EXPECT_EQ(crypto->suite, CryptoSuite::aes_cm_128_hmac_sha1_80);
  EXPECT_EQ(text(crypto->suite_text, value), "AES_CM_128_HMAC_SHA1_80");
  ASSERT_EQ(crypto->key_count, 1);
  EXPECT_EQ(text(crypto->keys[0].key, value), key30);
  EXPECT_EQ(crypto->keys[0].lifetime, 1u << 20);
  EXPECT_EQ(text(crypto->keys[0].mki, value), "1");
  EXPECT_EQ(crypto->keys[0].mki_octets, 4);
}

TEST(Crypto, ReadsKeysWithAnyOfTheirParts) {
  const std::string begin = "1 AES_CM_128_HMAC_SHA1_32 inline:" + key30;
  EXPECT_EQ(read(begin)->keys[0].lifetime, 0u);
  EXPECT_EQ(read(begin)->keys[0].mki_octets, 0);
  EXPECT_EQ(read(begin + "|1048576")->keys[0].lifetime, 1048576u);
  EXPECT_EQ(read(begin + "|7:1")->keys[0].mki_octets, 1);
  EXPECT_EQ(read(begin + "|7:1")->keys[0].lifetime, 0u);
}

TEST(Crypto, ReadsSeveralKeysToTheirLimit) {
  const auto many = [](unsigned count) {
    std::string value = "1 AES_CM_128_HMAC_SHA1_80 ";
    for (unsigned i = 0; i < count; ++i) {
      value += (i == 0 ? "inline:" : ";inline:") + key30 + "|2^20|" + std::to_string(i) + ":1";
    }
    return read(value);
  };
  EXPECT_EQ(many(max_crypto_keys - 1)->key_count, max_crypto_keys - 1);
  EXPECT_EQ(many(max_crypto_keys)->key_count, max_crypto_keys);
  EXPECT_EQ(many(max_crypto_keys + 1).error(), ValueError::too_many);
}

TEST(Crypto, ReadsSessionParameters) {
  const Result<Crypto, ValueError> crypto =
      read("1 F8_128_HMAC_SHA1_80 inline:" + key30 +
           " KDR=24 UNENCRYPTED_SRTP UNENCRYPTED_SRTCP UNAUTHENTICATED_SRTP FEC_ORDER=SRTP_FEC "
           "FEC_KEY=inline:x WSH=64 -X-OPTIONAL");
  ASSERT_TRUE(crypto);
  EXPECT_EQ(crypto->suite, CryptoSuite::f8_128_hmac_sha1_80);
  EXPECT_EQ(crypto->kdr, 24);
  EXPECT_EQ(crypto->wsh, 64u);
  EXPECT_EQ(crypto->fec_order, FecOrder::srtp_fec);
  EXPECT_TRUE(crypto->is_unencrypted_srtp && crypto->is_unencrypted_srtcp);
  EXPECT_TRUE(crypto->is_unauthenticated_srtp && crypto->has_fec_key);
  EXPECT_FALSE(crypto->has_unknown_parameter);
  EXPECT_TRUE(read("1 X inline:AAAA X-MANDATORY=1")->has_unknown_parameter);
  EXPECT_EQ(read("1 X inline:AAAA FEC_ORDER=FEC_SRTP")->fec_order, FecOrder::fec_srtp);
}

TEST(Crypto, KnowsSuitesAndTheirKeys) {
  for (unsigned i = 1; i < static_cast<unsigned>(CryptoSuite::count); ++i) {
    const auto suite = static_cast<CryptoSuite>(i);
    const std::string begin = "1 " + std::string(spelling(suite)) + " inline:";
    EXPECT_EQ(crypto_suite(spelling(suite)), suite);
    const uint8_t octets = key_octets(suite);
    const Result<Crypto, ValueError> crypto = read(begin + key_of(octets));
    ASSERT_TRUE(crypto) << begin;
    EXPECT_EQ(crypto->suite, suite);
    EXPECT_FALSE(read(begin + key_of(octets - 1u))) << begin;
    EXPECT_FALSE(read(begin + key_of(octets + 1u))) << begin;
  }
  EXPECT_EQ(key_octets(CryptoSuite::aes_cm_128_hmac_sha1_80), 30);
  EXPECT_EQ(key_octets(CryptoSuite::aes_256_cm_hmac_sha1_32), 46);
  EXPECT_EQ(key_octets(CryptoSuite::aead_aes_128_gcm), 28);
  EXPECT_EQ(key_octets(CryptoSuite::aead_aes_256_gcm), 44);
  EXPECT_EQ(key_octets(CryptoSuite::other), 0);
  EXPECT_EQ(key_octets(CryptoSuite::count), 0);
  EXPECT_EQ(spelling(CryptoSuite::count), "");
}

TEST(Crypto, KeepsASuiteThatItDoesNotKnow) {
  const Result<Crypto, ValueError> crypto = read("999999999 NEW_SUITE inline:AAAA");
  ASSERT_TRUE(crypto);
  EXPECT_EQ(crypto->suite, CryptoSuite::other);
}

TEST(Crypto, ChecksItsNumbers) {
  const std::string begin = "1 AES_CM_128_HMAC_SHA1_80 inline:" + key30;
  // What stands behind a blank is a word of its own.
  const auto expect = [&begin](std::string_view before, uint64_t minimum, uint64_t maximum) {
    for (const auto& [text, is_taken] : boundaries(minimum, maximum)) {
      if (text == "1 1") continue;
      EXPECT_EQ(read(begin + std::string(before) + text).has_value(), is_taken) << before << text;
    }
  };
  expect("|", 1, max_key_lifetime);
  expect("|2^", 0, 48);
  expect("|1:", 1, max_mki_octets);
  expect(" KDR=", 0, max_kdr);
  expect(" WSH=", min_wsh, max_wsh);
  for (const auto& [text, is_taken] : boundaries(0, max_crypto_tag)) {
    EXPECT_EQ(read(text + begin.substr(1)).has_value(), is_taken) << text;
  }
}

TEST(Crypto, MeasuresTheMkiToItsLimit) {
  const auto sized = [](size_t size) {
    return read("1 X inline:AAAA|" + std::string(size, '1') + ":4").has_value();
  };
  EXPECT_TRUE(sized(max_mki_octets - 1));
  EXPECT_TRUE(sized(max_mki_octets));
  EXPECT_FALSE(sized(max_mki_octets + 1));
}

TEST(Crypto, SaysWhyATagIsRefused) {
  EXPECT_EQ(read("1000000000 X inline:AAAA").error(), ValueError::out_of_range);
  EXPECT_EQ(read("x X inline:AAAA").error(), ValueError::bad_syntax);
}

TEST(Crypto, RefusesMistakes) {
  for (const char* bad : {"",
                          "1",
                          "1 X",
                          "1 X ",
                          "1 X x",
                          "1 X inline:",
                          "1 X inline",
                          "1 X outline:AAAA",
                          "1 X/Y inline:AAAA",
                          "1 X inline:A",
                          "1 X inline:A*AA",
                          "1 X inline:AAAA|",
                          "1 X inline:AAAA|2^20|",
                          "1 X inline:AAAA||1:1",
                          "1 X inline:AAAA|1:1|2^20",
                          "1 X inline:AAAA|2^20|1:1|",
                          "1 X inline:AAAA|2^20|2^20",
                          "1 X inline:AAAA|2^20|1:1|1:1",
                          "1 X inline:AAAA|:1",
                          "1 X inline:AAAA|1:",
                          "1 X inline:AAAA|x:1",
                          "1 X inline:AAAA;",
                          "1 X inline:AAAA;;inline:AAAA",
                          "1 X ;inline:AAAA",
                          "1 X inline:AAAA;AAAA",
                          "1 X inline:AAAA FEC_ORDER=x",
                          "1 X inline:AAAA KDR=",
                          "1 X inline:AAAA X\tY",
                          "0000000001 X inline:AAAA"}) {
    EXPECT_FALSE(read(bad)) << bad;
  }
}

}  // namespace
}  // namespace demarc::sdp
