#include "sip-parser/option_tags.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sip-parser/parse.h"
#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(OptionTags, ReadsASet) {
  const Result<OptionTags, ValueError> tags =
      support::parse_guarded(parse_option_tags, "100rel, Timer,x-mine , timer");
  ASSERT_TRUE(tags);
  EXPECT_EQ(tags->known, EnumSet(OptionTag::reliable_provisional, OptionTag::timer));
  EXPECT_EQ(tags->unknown_count, 1);
  EXPECT_TRUE(support::parse_guarded(parse_option_tags, "")->known.empty());
}

TEST(OptionTags, KnowsEveryWord) {
  for (unsigned i = 0; i < static_cast<unsigned>(OptionTag::other); ++i) {
    const OptionTag tag = static_cast<OptionTag>(i);
    EXPECT_EQ(option_tag(spelling(tag)), tag);
  }
  EXPECT_EQ(spelling(OptionTag::other), "");
  EXPECT_EQ(option_tag("100re"), OptionTag::other);
  EXPECT_EQ(option_tag(""), OptionTag::other);
}

TEST(OptionTags, RefusesMistakes) {
  support::expect_refused(parse_option_tags, {",", "100rel,", ",100rel", "100rel timer", "a;b"});
}

// What the Unsupported of a 420 would list when we support 100rel only.
TEST(OptionTags, GivesTheTextOfWhatIsNotSupported) {
  const std::string text =
      "INVITE sip:a SIP/2.0\r\nRequire: 100rel, x-one\r\nRequire: timer,x-two\r\n\r\n" +
      std::string(padding_octets, ' ');
  const std::string_view datagram(text.data(), text.size() - padding_octets);
  Message message;
  ASSERT_TRUE(parse(datagram, message));
  const Result<OptionTags, ValueError> tags =
      option_tags_of(message, HeaderName::require, datagram);
  ASSERT_TRUE(tags);
  EXPECT_EQ(tags->known, EnumSet(OptionTag::reliable_provisional, OptionTag::timer));
  EXPECT_EQ(tags->unknown_count, 2);
  EXPECT_TRUE(option_tags_of(message, HeaderName::supported, datagram)->known.empty());

  const EnumSet supported(OptionTag::reliable_provisional);
  std::vector<std::string> unsupported;
  for (const HeaderField* field = message.first(HeaderName::require); field != nullptr;
       field = message.next(*field)) {
    OptionTag tag{};
    Span token;
    OptionTagCursor cursor(field->value, datagram);
    while (cursor.next(tag, token)) {
      if (!supported.has(tag)) unsupported.emplace_back(demarc::text(token, datagram));
    }
    EXPECT_FALSE(cursor.failed());
  }
  EXPECT_EQ(unsupported, (std::vector<std::string>{"x-one", "timer", "x-two"}));
}

TEST(OptionTagCursor, StaysFailed) {
  const std::string_view value = "a b,c";
  OptionTagCursor cursor(support::whole(value), value);
  OptionTag tag{};
  Span token;
  EXPECT_FALSE(cursor.next(tag, token));
  EXPECT_TRUE(cursor.failed());
  EXPECT_FALSE(cursor.next(tag, token));
}

TEST(EnumSet, IsASet) {
  EnumSet<OptionTag> set;
  EXPECT_TRUE(set.empty());
  set.add(OptionTag::uui);
  set.add(EnumSet(OptionTag::path, OptionTag::uui));
  EXPECT_EQ(set.size(), 2u);
  EXPECT_TRUE(set.has(OptionTag::path));
  EXPECT_FALSE(set.has(OptionTag::gruu));
  EXPECT_TRUE(set.has_all(EnumSet(OptionTag::uui)));
  EXPECT_FALSE(set.has_all(EnumSet(OptionTag::uui, OptionTag::gruu)));
  EXPECT_TRUE(set.has_any(EnumSet(OptionTag::uui, OptionTag::gruu)));
  EXPECT_FALSE(set.has_any(EnumSet(OptionTag::gruu)));
  set.remove(OptionTag::path);
  EXPECT_EQ(set, EnumSet(OptionTag::uui));
}

}  // namespace
}  // namespace demarc::sip
