#include "dataplane/call/transfers/session_fit.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace demarc::call::transfers {
namespace {

std::string sdp(const std::string& lines) {
  return "v=0\r\no=x 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" + lines;
}

bool fits(const std::string& shown, const std::string& own, const std::string& other) {
  const std::string bodies[] = {sdp(shown), sdp(own), sdp(other)};
  std::unique_ptr<sdp::Description> models[3];
  for (unsigned i = 0; i < 3; ++i) {
    models[i] = std::make_unique<sdp::Description>();
    EXPECT_TRUE(sdp::parse(bodies[i], *models[i])) << bodies[i];
  }
  return fits(Said{*models[0], bodies[0]}, {*models[1], bodies[1]}, {*models[2], bodies[2]});
}

constexpr const char* pcma = "m=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";

TEST(SessionFit, TheSameCodecsUnderTheSameNumbersFit) {
  EXPECT_TRUE(fits(pcma, pcma, pcma));
  EXPECT_TRUE(fits(pcma, pcma,
                   "m=audio 9 RTP/AVP 101 0 8\r\na=rtpmap:8 pcma/8000\r\n"
                   "a=rtpmap:101 telephone-event/8000\r\n"))
      << "more, in another order, with the rtpmap of a static type";
}

TEST(SessionFit, OnlyWhatThePeerMaySendHasToBeTaken) {
  const char* wide = "m=audio 4000 RTP/AVP 0 8 9\r\n";
  const char* narrow = "m=audio 4000 RTP/AVP 8\r\n";
  EXPECT_TRUE(fits(wide, narrow, narrow)) << "it was shown more than it can do";
  EXPECT_FALSE(fits(wide, wide, narrow)) << "it may send PCMU, which the other does not take";
}

TEST(SessionFit, AnotherNumberForTheSameCodecDoesNotFit) {
  EXPECT_FALSE(
      fits(pcma, pcma, "m=audio 4000 RTP/AVP 8 96\r\na=rtpmap:96 telephone-event/8000\r\n"));
  EXPECT_FALSE(fits("m=audio 4 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n",
                    "m=audio 4 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n",
                    "m=audio 4 RTP/AVP 96\r\na=rtpmap:96 G726-32/8000\r\n"));
}

TEST(SessionFit, NumbersOfThePeersOwnMayDiffer) {
  const char* shown = "m=audio 4 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n";
  const char* own = "m=audio 4 RTP/AVP 111\r\na=rtpmap:111 opus/48000/2\r\n";
  EXPECT_TRUE(fits(shown, own, shown)) << "it sends what we were to be sent";
}

TEST(SessionFit, AnotherDirectionDoesNotFit) {
  const std::string held = std::string(pcma) + "a=sendonly\r\n";
  const std::string holding = std::string(pcma) + "a=recvonly\r\n";
  EXPECT_FALSE(fits(held, holding, pcma));
  EXPECT_FALSE(fits(pcma, pcma, held));
  EXPECT_TRUE(fits(held, holding, held));
}

TEST(SessionFit, LinesAndWhichOfThemAreOnMustBeTheSame) {
  const std::string video = std::string(pcma) + "m=video 4002 RTP/AVP 99\r\n";
  const std::string off = std::string(pcma) + "m=video 0 RTP/AVP 99\r\n";
  EXPECT_FALSE(fits(video, video, pcma));
  EXPECT_FALSE(fits(video, video, off));
  EXPECT_FALSE(fits(off, off, video));
  EXPECT_FALSE(fits(pcma, pcma, video));
  EXPECT_TRUE(fits(off, video, off));
  EXPECT_TRUE(fits(video, off, off)) << "the peer has refused it";
}

TEST(SessionFit, LinesThatAreOffNeedNotBeThere) {
  const std::string off = std::string(pcma) + "m=video 0 RTP/AVP 99\r\n";
  EXPECT_TRUE(fits(pcma, pcma, off));
  EXPECT_TRUE(fits(off, off, pcma));
  EXPECT_TRUE(fits(pcma, off, pcma));
}

TEST(SessionFit, AnotherProtocolDoesNotFit) {
  const char* fax = "m=image 4000 udptl t38\r\n";
  EXPECT_TRUE(fits(fax, fax, fax));
  EXPECT_FALSE(fits(fax, fax, pcma));
}

// Each leg has keys of its own.
TEST(SessionFit, KeysMakeNoDifferenceAndFeedbackDoes) {
  const std::string plain = "m=audio 4 RTP/AVP 8\r\n";
  const std::string secure = "m=audio 4 RTP/SAVP 8\r\n";
  EXPECT_TRUE(fits(secure, plain, plain));
  EXPECT_TRUE(fits(plain, plain, secure));
  EXPECT_FALSE(fits(secure, plain, "m=audio 4 RTP/AVPF 8\r\n"));
  EXPECT_FALSE(fits("m=audio 4 RTP/AVPF 8\r\n", plain, secure));
}

// What is left of `own` as an answer to `offer`: port, formats and direction of each line.
std::string narrowed(const std::string& own, const std::string& offer) {
  const std::string bodies[] = {sdp(own), sdp(offer)};
  const auto one = std::make_unique<sdp::Description>();
  const auto other = std::make_unique<sdp::Description>();
  EXPECT_TRUE(sdp::parse(bodies[0], *one) && sdp::parse(bodies[1], *other));
  if (!narrow(*one, bodies[0], {*other, bodies[1]})) return "nothing";
  std::string out;
  for (unsigned i = 0; i < one->media_count; ++i) {
    const sdp::Media& line = one->media[i];
    out.append(std::to_string(line.port));
    for (unsigned k = 0; k < line.format_count; ++k) {
      out.append(" ").append(text(line.formats[k].text, bodies[0]));
    }
    out.append(" ").append(line.port == 0 ? "" : sdp::spelling(one->direction_of(line)));
    out.append(";");
  }
  return out;
}

TEST(SessionFit, AnOfferBecomesAnAnswerWithItsOwnNumbers) {
  EXPECT_EQ(narrowed("m=audio 4 RTP/AVP 0 8 96\r\na=rtpmap:96 telephone-event/8000\r\n",
                     "m=audio 5 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"),
            "4 8 96 sendrecv;");
}

TEST(SessionFit, AnAnswerTakesNoMoreLinesThanTheOfferHas) {
  const std::string audio = "m=audio 4 RTP/AVP 8\r\n";
  const std::string both = audio + "m=image 6 udptl t38\r\n";
  EXPECT_EQ(narrowed(both, audio), "4 8 sendrecv;");
  EXPECT_EQ(narrowed(audio, both), "4 8 sendrecv;");
  EXPECT_EQ(narrowed(both, audio + "m=image 0 udptl t38\r\n"), "4 8 sendrecv;0 t38 ;");
  EXPECT_EQ(narrowed(both, both), "4 8 sendrecv;6 t38 sendrecv;");
}

TEST(SessionFit, ADirectionIsAnsweredByItsMirror) {
  const std::string line = "m=audio 4 RTP/AVP 8\r\n";
  EXPECT_EQ(narrowed(line, line + "a=sendonly\r\n"), "4 8 recvonly;");
  EXPECT_EQ(narrowed(line + "a=sendonly\r\n", line), "4 8 sendonly;");
  EXPECT_EQ(narrowed(line + "a=sendonly\r\n", line + "a=sendonly\r\n"), "4 8 inactive;");
}

TEST(SessionFit, WithoutACodecInCommonNothingIsLeft) {
  EXPECT_EQ(narrowed("m=audio 4 RTP/AVP 0\r\n", "m=audio 5 RTP/AVP 8\r\n"), "nothing");
  EXPECT_EQ(narrowed("m=audio 4 RTP/AVP 0 96\r\na=rtpmap:96 telephone-event/8000\r\n",
                     "m=audio 5 RTP/AVP 8 96\r\na=rtpmap:96 telephone-event/8000\r\n"),
            "nothing")
      << "digits alone are no call";
  EXPECT_EQ(narrowed("m=audio 4 RTP/AVP 8\r\n", "m=video 5 RTP/AVP 8\r\n"), "nothing");
}

TEST(SessionFit, LinesWithAndWithoutKeysAnswerOneAnother) {
  EXPECT_EQ(narrowed("m=audio 4 RTP/SAVP 8\r\n", "m=audio 5 RTP/SAVP 8\r\n"), "4 8 sendrecv;");
  EXPECT_EQ(narrowed("m=audio 4 RTP/SAVP 8\r\n", "m=audio 5 RTP/AVP 8\r\n"), "4 8 sendrecv;");
  EXPECT_EQ(narrowed("m=audio 4 RTP/SAVPF 8\r\n", "m=audio 5 RTP/AVPF 8\r\n"), "4 8 sendrecv;");
  EXPECT_EQ(narrowed("m=audio 4 RTP/AVPF 8\r\n", "m=audio 5 RTP/AVP 8\r\n"), "nothing")
      << "feedback that the other one did not offer";
  EXPECT_EQ(narrowed("m=audio 4 RTP/AVP 8\r\n", "m=audio 5 udptl t38\r\n"), "nothing");
}

TEST(SessionFit, WithKeysANumberIsACodecToo) {
  const std::string opus = "m=audio 4 RTP/SAVP 96\r\na=rtpmap:96 opus/48000/2\r\n";
  const std::string amr = "m=audio 4 RTP/SAVP 96\r\na=rtpmap:96 AMR/8000\r\n";
  EXPECT_TRUE(fits(opus, opus, opus));
  EXPECT_FALSE(fits(opus, opus, amr));
}

TEST(SessionFit, NamesTheLinesThatAreHeld) {
  const std::string body = sdp(std::string(pcma) + "a=sendonly\r\nm=video 5 RTP/AVP 99\r\n" +
                               "m=audio 6 RTP/AVP 8\r\na=inactive\r\n");
  const auto model = std::make_unique<sdp::Description>();
  ASSERT_TRUE(sdp::parse(body, *model));
  EXPECT_EQ(held_lines({*model, body}), 0b101);
}

}  // namespace
}  // namespace demarc::call::transfers
