// The simulator's own parts: its reader complains about what is wrong, its source of chance is the
// same everywhere, and a seed plays the same way twice and another one differently.
#include <gtest/gtest.h>

#include "tests/sim/world.h"

namespace demarc::sim {
namespace {

std::string invite() {
  return "INVITE sip:+11@10.9.1.1 SIP/2.0\r\n"
         "Via: SIP/2.0/UDP 10.1.1.1:5060;branch=z9hG4bK1;rport\r\n"
         "Max-Forwards: 69\r\n"
         "From: <sip:+1@10.1.1.1>;tag=a\r\n"
         "To: <sip:+11@10.9.1.1>\r\n"
         "Call-ID: c\r\n"
         "CSeq: 1 INVITE\r\n"
         "Contact: <sip:10.1.1.1>\r\n"
         "Content-Type: application/sdp\r\n"
         "Content-Length: 82\r\n"
         "\r\n"
         "v=0\r\no=- 1 1 IN IP4 10.1.1.1\r\ns=-\r\nc=IN IP4 10.1.1.1\r\nt=0 0\r\n"
         "m=audio 2 RTP/AVP 8\r\n";
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

std::string complaint(const std::string& octets) {
  Text text;
  const std::string_view unread = text.read(octets);
  return std::string(unread.empty() ? complaint_of(text) : unread);
}

TEST(SimText, ReadsWhatTheBoxWrites) {
  const std::string octets = invite();
  ASSERT_EQ(complaint(octets), "");
  Text text;
  static_cast<void>(text.read(octets));
  EXPECT_EQ(text.method, "INVITE");
  EXPECT_EQ(text.branch, "z9hG4bK1");
  EXPECT_EQ(text.from_tag, "a");
  EXPECT_EQ(text.to_tag, "");
  EXPECT_EQ(text.call_id, "c");
  EXPECT_EQ(text.cseq, 1u);
  EXPECT_EQ(text.contact_uri, "sip:10.1.1.1");
  EXPECT_EQ(user_of(text.uri), "+11");
}

TEST(SimText, ComplainsAboutEachMistake) {
  const std::string good = invite();
  EXPECT_NE(complaint(replaced(good, "Content-Length: 82", "Content-Length: 81")), "");
  EXPECT_NE(complaint(replaced(good, "CSeq: 1 INVITE", "CSeq: 1 BYE")), "");
  EXPECT_NE(complaint(replaced(good, ";tag=a", "")), "");
  EXPECT_NE(complaint(replaced(good, "z9hG4bK", "")), "");
  EXPECT_NE(complaint(replaced(good, "Max-Forwards: 69\r\n", "")), "");
  EXPECT_NE(complaint(replaced(good, "Call-ID: c\r\n", "")), "");
  EXPECT_NE(complaint(replaced(good, "Call-ID: c\r\n", "Call-ID: c\r\nCall-ID: c\r\n")), "");
  EXPECT_NE(complaint(replaced(good, "Contact: <sip:10.1.1.1>\r\n", "")), "");
  EXPECT_NE(complaint(replaced(good, "Content-Type: application/sdp\r\n", "")), "");
  EXPECT_NE(complaint(replaced(good, "To: ", "To : ")), "");
  EXPECT_NE(complaint(replaced(good, "Call-ID: c", "Call-ID: c\nX: y")), "");
  EXPECT_NE(complaint(replaced(good, "s=-", "t=-")), "");
  EXPECT_NE(complaint(replaced(good, "SIP/2.0\r\n", "SIP/2.1\r\n")), "");
}

// As another implementation of both generators gives them, so that another compiler or library can
// not change what seeds mean.
TEST(SimRandom, GivesTheSameNumbersEverywhere) {
  Random random(1);
  EXPECT_EQ(random.next(), 0xb3f2af6d0fc710c5u);
  EXPECT_EQ(random.below(1000), 262u);
}

TEST(SimWorld, PlaysASeedTheSameWayTwiceAndAnotherOneDifferently) {
  const auto play = [](uint64_t seed) {
    World world{Options(seed)};
    EXPECT_FALSE(world.run().is_set());
    return world.trace().hash();
  };
  EXPECT_EQ(play(1), play(1));
  EXPECT_NE(play(1), play(2));
}

}  // namespace
}  // namespace demarc::sim
