#include "dataplane/call/bandwidth.h"

#include <gtest/gtest.h>

#include <string>

namespace demarc::call {
namespace {

uint32_t kbps(const std::string& lines, bool is_v6 = false) {
  const std::string body =
      "v=0\r\no=x 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" + lines;
  static sdp::Description description;
  EXPECT_TRUE(sdp::parse(body, description)) << lines;
  return kbps_of(description, body, is_v6);
}

TEST(Bandwidth, IsOfTheFirstCodecWithItsHeaders) {
  EXPECT_EQ(kbps("m=audio 4000 RTP/AVP 0 18\r\n"), 80u);
  EXPECT_EQ(kbps("m=audio 4000 RTP/AVP 18 0\r\n"), 24u);
  EXPECT_EQ(kbps("m=audio 4000 RTP/AVP 101 13 8\r\na=rtpmap:101 telephone-event/8000\r\n"), 80u);
  EXPECT_EQ(kbps("m=audio 4000 RTP/AVP 97\r\na=rtpmap:97 ilbc/8000\r\n"), 32u) << "31.2";
  EXPECT_EQ(kbps("m=audio 4000 RTP/AVP 97\r\na=rtpmap:97 x-new/8000\r\n"), 80u);
}

TEST(Bandwidth, CountsThePacketsOfASecond) {
  EXPECT_EQ(kbps("m=audio 4000 RTP/AVP 8\r\na=ptime:10\r\n"), 96u);
  EXPECT_EQ(kbps("m=audio 4000 RTP/AVP 8\r\na=ptime:40\r\n"), 72u);
  EXPECT_EQ(kbps("m=audio 4000 RTP/AVP 8\r\n", true), 88u);
  EXPECT_EQ(usual_kbps(false), 80u);
  EXPECT_EQ(usual_kbps(true), 88u);
}

TEST(Bandwidth, IsOfEachLineThatIsOn) {
  const std::string audio = "m=audio 4000 RTP/AVP 8\r\n";
  EXPECT_EQ(kbps(audio + audio), 160u);
  EXPECT_EQ(kbps(audio + "m=video 0 RTP/AVP 31\r\n"), 80u);
  EXPECT_EQ(kbps(audio + "m=video 4002 RTP/AVP 31\r\nb=AS:384\r\n"), 464u);
  EXPECT_EQ(kbps("m=video 4002 RTP/AVP 31\r\nb=AS:4294967295\r\n"), 8'000u);
}

}  // namespace
}  // namespace demarc::call
