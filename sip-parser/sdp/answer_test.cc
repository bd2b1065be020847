#include "sip-parser/sdp/answer.h"

#include <gtest/gtest.h>

#include "sip-parser/sdp/sdp_harness.h"

namespace demarc::sdp {
namespace {

std::string body_of(std::string_view media) {
  return std::string(session_lines) + std::string(media);
}

AnswerCheck check(std::string_view offered, std::string_view answered) {
  const Read offer(body_of(offered));
  const Read answer(body_of(answered));
  EXPECT_EQ(offer.error, SdpError{});
  EXPECT_EQ(answer.error, SdpError{});
  return answers({offer.description, offer.body}, {answer.description, answer.body});
}
AnswerFault fault(std::string_view offered, std::string_view answered) {
  return check(offered, answered).fault;
}

constexpr std::string_view offer =
    "m=audio 1 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";

TEST(Answer, MayTakeSomeOfTheFormats) {
  EXPECT_EQ(fault(offer, offer), AnswerFault::none);
  EXPECT_EQ(fault(offer, "m=audio 9 RTP/AVP 8\r\n"), AnswerFault::none);
  EXPECT_EQ(fault(offer, "m=audio 9 RTP/AVP 8\r\na=rtpmap:8 pcma/8000/1\r\n"), AnswerFault::none);
  EXPECT_EQ(fault("m=image 1 udptl t38\r\n", "m=image 1 UDPTL T38\r\n"), AnswerFault::none);
  EXPECT_EQ(fault("m=audio 1 RTP/AVP 96\r\n", "m=audio 1 RTP/AVP 96\r\n"), AnswerFault::none);
}

TEST(Answer, MayNumberFormatsAnew) {
  EXPECT_EQ(fault(offer, "m=audio 9 RTP/AVP 0 96\r\na=rtpmap:96 telephone-event/8000\r\n"),
            AnswerFault::none);
}

TEST(Answer, HasAsManyMediaAsItsOffer) {
  const std::string two = std::string(offer) + std::string(offer);
  EXPECT_EQ(fault(offer, two), AnswerFault::media_count);
  EXPECT_EQ(fault(two, offer), AnswerFault::media_count);
  EXPECT_EQ(fault("", ""), AnswerFault::none);
}

TEST(Answer, HasTheMediaAndProtocolOfItsOffer) {
  EXPECT_EQ(fault(offer, "m=video 1 RTP/AVP 0\r\n"), AnswerFault::media_type);
  EXPECT_EQ(fault(offer, "m=audio 1 RTP/SAVP 0\r\n"), AnswerFault::protocol);
  EXPECT_EQ(fault("m=audio 1 X 0\r\n", "m=audio 1 Y 0\r\n"), AnswerFault::protocol);
  EXPECT_EQ(fault("m=audio 1 X 0\r\n", "m=audio 1 X 0\r\n"), AnswerFault::none);
}

TEST(Answer, MayRefuseButNotRevive) {
  EXPECT_EQ(fault(offer, "m=audio 0 RTP/AVP 99\r\n"), AnswerFault::none);
  EXPECT_EQ(fault(offer, "m=video 0 RTP/AVP 0\r\n"), AnswerFault::media_type);
  EXPECT_EQ(fault("m=audio 0 RTP/AVP 0\r\n", "m=audio 1 RTP/AVP 0\r\n"), AnswerFault::revived);
  EXPECT_EQ(fault("m=audio 0 RTP/AVP 0\r\n", "m=audio 0 RTP/AVP 0\r\n"), AnswerFault::none);
}

TEST(Answer, SharesAFormatWithItsOffer) {
  EXPECT_EQ(fault(offer, "m=audio 1 RTP/AVP 18\r\n"), AnswerFault::no_common_format);
  EXPECT_EQ(fault(offer, "m=audio 1 RTP/AVP 101\r\na=rtpmap:101 opus/48000/2\r\n"),
            AnswerFault::no_common_format);
  EXPECT_EQ(fault(offer, "m=audio 1 RTP/AVP 0 18\r\n"), AnswerFault::added_format);
  EXPECT_EQ(fault("m=audio 1 RTP/AVP 96\r\n", "m=audio 1 RTP/AVP 97\r\n"),
            AnswerFault::no_common_format);
}

TEST(Answer, SendsAndReceivesWhatTheOfferAllows) {
  const auto directions = [](std::string_view offered, std::string_view answered) {
    return fault(std::string(offer) + "a=" + std::string(offered) + "\r\n",
                 std::string(offer) + "a=" + std::string(answered) + "\r\n");
  };
  for (const auto& [offered, answered] : {std::pair{"sendrecv", "sendonly"},
                                          {"sendonly", "recvonly"},
                                          {"sendonly", "inactive"},
                                          {"recvonly", "sendonly"},
                                          {"inactive", "inactive"}}) {
    EXPECT_EQ(directions(offered, answered), AnswerFault::none) << offered << answered;
  }
  for (const auto& [offered, answered] : {std::pair{"sendonly", "sendrecv"},
                                          {"sendonly", "sendonly"},
                                          {"recvonly", "sendrecv"},
                                          {"inactive", "recvonly"}}) {
    EXPECT_EQ(directions(offered, answered), AnswerFault::wrong_direction) << offered << answered;
  }
}

TEST(Answer, IsToldTheWorstFaultAndItsPlace) {
  const std::string offered = std::string(offer) + std::string(offer) + std::string(offer);
  const AnswerCheck worst =
      check(offered, "m=audio 1 RTP/AVP 0 18\r\nm=video 1 RTP/AVP 0\r\nm=video 1 RTP/AVP 0\r\n");
  EXPECT_EQ(worst.fault, AnswerFault::media_type);
  EXPECT_EQ(worst.media_index, 1);
}

TEST(Answer, FindsAFormatByItsCodec) {
  const Read ours(body_of(offer));
  const Read theirs(body_of("m=audio 1 RTP/AVP 97\r\na=rtpmap:97 Telephone-Event/8000\r\n"));
  const Format* format =
      find_format(ours.media(), ours.body, theirs.media().formats[0], theirs.body);
  ASSERT_NE(format, nullptr);
  EXPECT_EQ(format->payload_type, 101);
}

TEST(Answer, NamesItsFaults) {
  for (unsigned i = 0; i < static_cast<unsigned>(AnswerFault::count); ++i) {
    EXPECT_FALSE(spelling(static_cast<AnswerFault>(i)).empty()) << i;
  }
  EXPECT_EQ(spelling(AnswerFault::count), "");
}

}  // namespace
}  // namespace demarc::sdp
