// Built where libsrtp2 is there.
#include "tests/system/probe/secrecy.h"

#include <gtest/gtest.h>

namespace demarc::probe {

namespace {

SecrecyOptions with(SrtpUse use) {
  return {use, "AES_CM_128_HMAC_SHA1_80", false};
}

std::string sdp(std::string_view protocol, const std::string& key_line) {
  return "v=0\r\nm=audio 4000 " + std::string(protocol) + " 8\r\n" + key_line;
}

// Both ends after one offer and its answer.
struct Pair {
  Pair(SrtpUse caller_use, SrtpUse called_use)
      : caller(with(caller_use)), called(with(called_use)) {
    is_taken = called.take_offer(sdp(caller.offered_protocol(), caller.key_line())) &&
               caller.take_answer(sdp(called.answered_protocol(), called.answered_key_line()));
  }
  Secrecy caller;
  Secrecy called;
  bool is_taken = false;
};

std::vector<uint8_t> packet() {
  std::vector<uint8_t> octets(172, 7);
  octets[0] = 0x80;
  return octets;
}

}  // namespace

TEST(Secrecy, IsAgreedWhereBothHaveIt) {
  for (const SrtpUse use : {SrtpUse::optional, SrtpUse::required}) {
    Pair pair(use, use);
    ASSERT_TRUE(pair.is_taken);
    const std::vector<uint8_t> secret = pair.caller.protect(packet(), false);
    EXPECT_EQ(secret.size(), 182U);
    EXPECT_EQ(pair.called.unprotect(secret, false), packet());
    EXPECT_TRUE(pair.called.unprotect(secret, false).empty()) << "a replay";
    EXPECT_TRUE(pair.caller.unprotect(packet(), false).empty()) << "plain";
  }
}

TEST(Secrecy, IsNoneWhereOneHasNone) {
  Pair pair(SrtpUse::optional, SrtpUse::off);
  EXPECT_TRUE(pair.is_taken);
  EXPECT_EQ(pair.caller.protect(packet(), false), packet());
  EXPECT_FALSE(Pair(SrtpUse::required, SrtpUse::off).is_taken);
  EXPECT_FALSE(Pair(SrtpUse::off, SrtpUse::required).is_taken);
}

TEST(Secrecy, FindsTheKeyOfItsSuite) {
  const std::string body =
      "a=crypto:1 AEAD_AES_256_GCM inline:AAAA\r\n"
      "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:BBBB|2^31|1:1\r\n";
  EXPECT_EQ(key_in(body, "AEAD_AES_256_GCM"), "AAAA");
  EXPECT_EQ(key_in(body, "AES_CM_128_HMAC_SHA1_80"), "BBBB");
  EXPECT_EQ(key_in(body, "AES_CM_128_HMAC_SHA1_32"), "");
  EXPECT_EQ(key_in("a=crypto:1\r\n", "AEAD_AES_256_GCM"), "");
}

}  // namespace demarc::probe
