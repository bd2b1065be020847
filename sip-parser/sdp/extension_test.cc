#include "sip-parser/sdp/extension.h"

#include <gtest/gtest.h>

#include "sip-parser/sdp/sdp_harness.h"

namespace demarc::sdp {
namespace {

TEST(ExtensionMap, ReadsAllOfItsParts) {
  const std::string_view value = "4/recvonly http://example.com/082005/ext.htm#ttime  short x";
  const Result<ExtensionMap, ValueError> map = read_value(parse_extension_map, value);
  ASSERT_TRUE(map);
  EXPECT_EQ(map->id, 4);
  EXPECT_TRUE(map->has_direction);
  EXPECT_EQ(map->direction, Direction::recvonly);
  EXPECT_EQ(text(map->uri, value), "http://example.com/082005/ext.htm#ttime");
  EXPECT_EQ(text(map->attributes, value), "short x");
  EXPECT_FALSE(read_value(parse_extension_map, "1 urn:x")->has_direction);
}

TEST(ExtensionMap, ChecksItsNumber) {
  for (const auto& [text, is_taken] : boundaries(1, max_extension_id)) {
    if (text == "1 1") continue;
    EXPECT_EQ(read_value(parse_extension_map, text + " urn:x").has_value(), is_taken) << text;
  }
  for (const auto& [id, is_taken] : {std::pair{min_offered_extension_id - 1, false},
                                     std::pair{min_offered_extension_id + 0, true},
                                     std::pair{max_offered_extension_id + 0, true},
                                     std::pair{max_offered_extension_id + 1, false}}) {
    EXPECT_EQ(read_value(parse_extension_map, std::to_string(id) + " urn:x").has_value(), is_taken);
  }
}

TEST(ExtensionMap, RefusesMistakes) {
  for (const char* bad :
       {"", "1", "1 ", "1/ urn:x", "1/both urn:x", "x urn:x", "/sendrecv urn:x"}) {
    EXPECT_FALSE(read_value(parse_extension_map, bad)) << bad;
  }
}

TEST(RtcpFeedback, ReadsAllOfItsParts) {
  const std::string_view value = "96 nack pli x";
  const Result<RtcpFeedback, ValueError> feedback = read_value(parse_rtcp_feedback, value);
  ASSERT_TRUE(feedback);
  EXPECT_EQ(feedback->payload_type, 96);
  EXPECT_EQ(text(feedback->type, value), "nack");
  EXPECT_EQ(text(feedback->parameters, value), "pli x");
  EXPECT_EQ(read_value(parse_rtcp_feedback, "* ccm")->payload_type, no_payload_type);
  EXPECT_TRUE(read_value(parse_rtcp_feedback, "* ccm")->parameters.empty());
}

TEST(RtcpFeedback, ChecksItsNumber) {
  for (const auto& [text, is_taken] : boundaries(0, max_payload_type)) {
    if (text == "1 1") continue;
    EXPECT_EQ(read_value(parse_rtcp_feedback, text + " nack").has_value(), is_taken) << text;
  }
  for (const char* bad : {"", "*", "96", "96 ", "** nack", "96 a/b"}) {
    EXPECT_FALSE(read_value(parse_rtcp_feedback, bad)) << bad;
  }
}

}  // namespace
}  // namespace demarc::sdp
