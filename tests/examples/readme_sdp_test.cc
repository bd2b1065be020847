// The examples of sip-parser/sdp/README.md.
#include <gtest/gtest.h>

#include <string>

#include "tests/examples/readme_sdp.h"

namespace demarc {
namespace {

constexpr std::string_view key = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
const std::string offer =
    "v=0\r\n"
    "o=- 1 1 IN IP4 192.0.2.1\r\n"
    "s=-\r\n"
    "c=IN IP4 192.0.2.1\r\n"
    "t=0 0\r\n"
    "m=audio 4000 RTP/SAVP 0\r\n"
    "a=crypto:1 NEW_SUITE inline:AAAA\r\n"
    "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" +
    std::string(key) + "\r\n";

TEST(SdpExamples, FindAKeyAndPrintOurs) {
  sdp::Description description;
  char room[1024];
  sip::Writer writer(room);
  const sdp::PrintedCrypto ours[] = {{.tag = 1,
                                      .suite = sdp::CryptoSuite::aes_cm_128_hmac_sha1_32,
                                      .key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"}};
  ASSERT_TRUE(readme_sdp::print_secured(offer, description, ours, writer));
  sdp::Crypto found;
  ASSERT_TRUE(readme_sdp::find_key(description, description.media[0], offer, found));
  EXPECT_EQ(found.tag, 2u);
  EXPECT_EQ(text(found.keys[0].key, offer), key);
  EXPECT_EQ(writer.written().find(key), std::string_view::npos);
  EXPECT_NE(writer.written().find("m=audio 20000 RTP/SAVP 0\r\n"), std::string_view::npos);
  EXPECT_NE(writer.written().find("a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:AAECAwQF"),
            std::string_view::npos);
}

TEST(SdpExamples, SayThatThereIsNoKey) {
  sdp::Description description;
  const std::string_view plain(offer.data(), offer.find("a=crypto:2"));
  ASSERT_TRUE(sdp::parse(plain, description));
  sdp::Crypto found;
  EXPECT_FALSE(readme_sdp::find_key(description, description.media[0], plain, found));
}

}  // namespace
}  // namespace demarc
