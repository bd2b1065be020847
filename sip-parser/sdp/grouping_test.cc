#include "sip-parser/sdp/grouping.h"

#include <gtest/gtest.h>

#include "sip-parser/sdp/sdp_harness.h"

namespace demarc::sdp {
namespace {

TEST(Ssrc, ReadsItsAttribute) {
  const std::string_view value = "4294967295 cname:user@host:1 x";
  const Result<Ssrc, ValueError> ssrc = read_value(parse_ssrc, value);
  ASSERT_TRUE(ssrc);
  EXPECT_EQ(ssrc->id, UINT32_MAX);
  EXPECT_EQ(text(ssrc->attribute, value), "cname");
  EXPECT_EQ(text(ssrc->value, value), "user@host:1 x");
  EXPECT_TRUE(read_value(parse_ssrc, "1 flag")->value.empty());
}

TEST(Ssrc, ChecksItsNumber) {
  for (const auto& [text, is_taken] : boundaries(0, UINT32_MAX)) {
    EXPECT_EQ(read_value(parse_ssrc, text + " cname:x").has_value(), is_taken) << text;
  }
  EXPECT_EQ(read_value(parse_ssrc, "4294967296 cname:x").error(), ValueError::out_of_range);
}

TEST(Ssrc, RefusesMistakes) {
  for (const char* bad : {"", "1", "1 ", "1 :x", "1 a b", "x cname:x"}) {
    EXPECT_FALSE(read_value(parse_ssrc, bad)) << bad;
  }
}

TEST(Group, ReadsSemanticsAndMembers) {
  const std::string_view value = "BUNDLE audio video";
  const Result<Group, ValueError> group = read_value(parse_group, value);
  ASSERT_TRUE(group);
  EXPECT_EQ(group->semantics, GroupSemantics::bundle);
  Span rest = group->members;
  Span member;
  ASSERT_TRUE(take_member(rest, value, member));
  EXPECT_EQ(text(member, value), "audio");
  ASSERT_TRUE(take_member(rest, value, member));
  EXPECT_EQ(text(member, value), "video");
  EXPECT_FALSE(take_member(rest, value, member));
}

TEST(Group, KnowsItsSemantics) {
  EXPECT_EQ(read_value(parse_group, "LS 1")->semantics, GroupSemantics::ls);
  EXPECT_EQ(read_value(parse_group, "FID 1")->semantics, GroupSemantics::fid);
  EXPECT_EQ(read_value(parse_group, "X-NEW 1")->semantics, GroupSemantics::other);
  EXPECT_TRUE(read_value(parse_group, "BUNDLE")->members.empty());
}

TEST(Group, RefusesMistakes) {
  for (const char* bad : {"", " ", "A/B", "LS a/b", "LS a b:c"}) {
    EXPECT_FALSE(read_value(parse_group, bad)) << bad;
  }
}

TEST(SsrcGroup, HasNumbersForMembers) {
  EXPECT_EQ(read_value(parse_ssrc_group, "FID 1 2")->semantics, GroupSemantics::fid);
  for (const auto& [text, is_taken] : boundaries(0, UINT32_MAX)) {
    if (text.empty() || text == "1 1") continue;
    EXPECT_EQ(read_value(parse_ssrc_group, "SIM 7 " + text).has_value(), is_taken) << text;
  }
}

TEST(Msid, ReadsBothOfItsParts) {
  const std::string_view value = "stream track";
  const Result<Msid, ValueError> msid = read_value(parse_msid, value);
  ASSERT_TRUE(msid);
  EXPECT_EQ(text(msid->id, value), "stream");
  EXPECT_EQ(text(msid->application_data, value), "track");
  EXPECT_TRUE(read_value(parse_msid, "-")->application_data.empty());
}

TEST(Msid, MeasuresItsPartsToTheirLimit) {
  const auto sized = [](size_t id, size_t data) {
    return read_value(parse_msid, std::string(id, 'x') + " " + std::string(data, 'y')).has_value();
  };
  EXPECT_TRUE(sized(max_msid_octets - 1, max_msid_octets - 1));
  EXPECT_TRUE(sized(max_msid_octets, max_msid_octets));
  EXPECT_FALSE(sized(max_msid_octets + 1, 1));
  EXPECT_FALSE(sized(1, max_msid_octets + 1));
  for (const char* bad : {"", "a b c", "a/b", "a b/c"}) {
    EXPECT_FALSE(read_value(parse_msid, bad)) << bad;
  }
}

TEST(Token, IsTheValueOfMidAndLabel) {
  EXPECT_EQ(read_value(parse_mid, "audio1")->length, 6);
  EXPECT_EQ(read_value(parse_label, "1")->length, 1);
  for (const char* bad : {"", "a b", "a/b"}) {
    EXPECT_FALSE(read_value(parse_mid, bad)) << bad;
    EXPECT_FALSE(read_value(parse_label, bad)) << bad;
  }
}

TEST(Content, IsAListOfTokens) {
  const std::string_view value = "slides, main,alt";
  const Span all{0, static_cast<uint16_t>(value.size())};
  for (const char* content : {"slides", "main", "alt"}) {
    EXPECT_TRUE(has_content(all, value, content)) << content;
  }
  EXPECT_FALSE(has_content(all, value, "mai"));
}

}  // namespace
}  // namespace demarc::sdp
