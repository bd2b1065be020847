#include "tests/system/probe/sip_text.h"

#include <gtest/gtest.h>

namespace demarc::probe {

TEST(SipText, ReadsARequestWithCompactNames) {
  const auto message =
      parse_sip("BYE sip:a@192.0.2.1 SIP/2.0\r\ni: x\r\nt: <sip:b@c>;tag=9\r\n\r\n");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->method, "BYE");
  EXPECT_EQ(message->field("Call-ID"), "x");
  EXPECT_EQ(parameter(message->field("To"), "tag"), "9");
}

TEST(SipText, RefusesWhatIsNotSip) {
  EXPECT_FALSE(parse_sip("hello"));
  EXPECT_FALSE(parse_sip("hello\r\n\r\n"));
  EXPECT_FALSE(parse_sip("SIP/2.0 200 OK\r\nno colon\r\n\r\n"));
  EXPECT_FALSE(parse_sip("SIP/2.0 abc OK\r\n\r\n"));
}

TEST(SipText, FindsTheAudioAddressOfBothFamilies) {
  const auto four = audio_address("c=IN IP4 192.0.2.7\r\nm=audio 4000 RTP/AVP 8\r\n");
  ASSERT_TRUE(four);
  EXPECT_EQ(four->text(), "192.0.2.7:4000");
  const auto six = audio_address("c=IN IP6 2001:db8::7\r\nm=audio 4000 RTP/AVP 8\r\n");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->text(), "[2001:db8::7]:4000");
  EXPECT_FALSE(audio_address("c=IN IP4 192.0.2.7\r\nm=audio 0 RTP/AVP 8\r\n"));
}

TEST(Address, RefusesWhatIsNotOne) {
  EXPECT_FALSE(parse_address("192.0.2", 5060));
  EXPECT_FALSE(parse_address("192.0.2.1:99999", 5060));
  EXPECT_FALSE(parse_address("[2001:db8::1", 5060));
}

TEST(NatMap, SendsThePublicAddressToThePrivateOne) {
  const NatMap nat = {.public_host = "203.0.113.1", .private_host = "10.0.0.1"};
  EXPECT_EQ(nat.apply(*parse_address("203.0.113.1:7000", 0)).text(), "10.0.0.1:7000");
  EXPECT_EQ(nat.apply(*parse_address("203.0.113.2:7000", 0)).text(), "203.0.113.2:7000");
}

}  // namespace demarc::probe
