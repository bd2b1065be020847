#include "sip-parser/media_type.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

#include "sip-parser/parse.h"
#include "tests/support/guarded_buffer.h"

namespace demarc::sip {
namespace {

using support::GuardedBuffer;

Span all_of(std::string_view value) {
  return {0, static_cast<uint16_t>(value.size())};
}

Result<MediaType, ValueError> type_of(std::string_view value) {
  const GuardedBuffer buffer(value, 0, ' ');
  return parse_media_type(all_of(value), buffer.view());
}
Result<AcceptRange, ValueError> range_of(std::string_view value) {
  const GuardedBuffer buffer(value, 0, ' ');
  return parse_accept_range(all_of(value), buffer.view());
}
Result<Disposition, ValueError> disposition_of(std::string_view value) {
  const GuardedBuffer buffer(value, 0, ' ');
  return parse_disposition(all_of(value), buffer.view());
}

constexpr MediaName sdp = {"application", "sdp"};
constexpr MediaName isup = {"application", "ISUP"};

bool allows(std::string_view list, MediaName media) {
  const GuardedBuffer buffer(list, 0, ' ');
  const Result<bool, ValueError> result = accepts(buffer.view(), media);
  EXPECT_TRUE(result) << list;
  return result && *result;
}

TEST(MediaType, ReadsTypeAndParameters) {
  const std::string_view value =
      " Multipart / MIXED\r\n ;Boundary=\"a b\" ; charset = utf-8;x=\"y\\\"z\" ";
  const Result<MediaType, ValueError> media = type_of(value);
  ASSERT_TRUE(media);
  EXPECT_EQ(media->kind, MediaKind::multipart_mixed);
  EXPECT_TRUE(media->is_multipart);
  EXPECT_EQ(text(media->type, value), "Multipart");
  EXPECT_EQ(text(media->subtype, value), "MIXED");
  EXPECT_EQ(text(media->boundary.value, value), "a b");
  EXPECT_EQ(text(media->charset.value, value), "utf-8");
  EXPECT_EQ(text(find_param(media->params, "X", value).value, value), "y\\\"z");
}

TEST(MediaType, HasNoParametersWithoutThem) {
  const Result<MediaType, ValueError> media = type_of("application/sdp");
  ASSERT_TRUE(media);
  EXPECT_TRUE(media->params.empty());
  EXPECT_FALSE(media->boundary.has_value);
  EXPECT_FALSE(media->charset.has_value);
  EXPECT_FALSE(media->is_multipart);
}

TEST(MediaType, KnowsEachKindByItsSpelling) {
  for (unsigned i = 1; i < static_cast<unsigned>(MediaKind::count); ++i) {
    const MediaKind kind = static_cast<MediaKind>(i);
    std::string name(spelling(kind));
    const Result<MediaType, ValueError> media = type_of(name);
    ASSERT_TRUE(media) << name;
    EXPECT_EQ(media->kind, kind) << name;
    EXPECT_EQ(media->is_multipart, name.find("multipart/") == 0) << name;
    for (char& c : name) c = static_cast<char>(std::toupper(c));
    EXPECT_EQ(type_of(name)->kind, kind) << name;
  }
  EXPECT_EQ(spelling(MediaKind::other), "");
  EXPECT_EQ(spelling(MediaKind::count), "");
}

TEST(MediaType, TakesAnyOtherForOther) {
  for (const char* value : {"application/vnd.x", "application/sdpx", "application/sd",
                            "applicatio/nsdp", "text/sdp", "x/y", "applications/dp"}) {
    const Result<MediaType, ValueError> media = type_of(value);
    ASSERT_TRUE(media) << value;
    EXPECT_EQ(media->kind, MediaKind::other) << value;
  }
  EXPECT_TRUE(type_of("multipart/x-new")->is_multipart);
  EXPECT_FALSE(type_of("multipartx/mixed")->is_multipart);
}

TEST(MediaType, RefusesMistakes) {
  for (const char* bad : {"",
                          " ",
                          "application",
                          "application/",
                          "/sdp",
                          "/",
                          "application sdp",
                          "application//sdp",
                          "application/sdp/x",
                          "application/sdp x",
                          "application/sdp,text/plain",
                          "appli(x)/sdp",
                          "*/*",
                          "application/*",
                          "*/sdp",
                          "a/b;",
                          "a/b; ",
                          "a/b;x",
                          "a/b;x=",
                          "a/b;=y",
                          "a/b;x=\"y",
                          "a/b;x=y z",
                          "a/b;;x=y",
                          "a/b;[x]=y",
                          "a/b;x:y=z",
                          "\"a\"/b",
                          "a\r\n/b",
                          "a/b\r\n",
                          "a/b;boundary=x;Boundary=x",
                          "a/b;charset=x;charset=y"}) {
    const Result<MediaType, ValueError> media = type_of(bad);
    ASSERT_FALSE(media) << bad;
    EXPECT_EQ(media.error(), ValueError::bad_syntax) << bad;
  }
}

TEST(MediaType, LimitsItsParameters) {
  std::string value = "a/b";
  for (unsigned i = 0; i < max_params - 1; ++i) value += ";x=y";
  EXPECT_TRUE(type_of(value));
  value += ";x=y";
  EXPECT_TRUE(type_of(value));
  value += ";x=y";
  ASSERT_FALSE(type_of(value));
  EXPECT_EQ(type_of(value).error(), ValueError::too_many);
}

TEST(MediaParam, ComparesWithoutQuotesAndCase) {
  const std::string_view value = ";a=Utf-8;b=\"uTf\\-8\";c=\"x\\\\\";d=\"\";e";
  const auto equals = [&](std::string_view name, std::string_view expected) {
    return param_equals(find_param(all_of(value), name, value), expected, value);
  };
  EXPECT_TRUE(equals("a", "UTF-8"));
  EXPECT_TRUE(equals("b", "utf-8"));
  EXPECT_TRUE(equals("c", "x\\"));
  EXPECT_TRUE(equals("d", ""));
  EXPECT_FALSE(equals("a", "utf-"));
  EXPECT_FALSE(equals("a", "utf-80"));
  EXPECT_FALSE(equals("b", "utf\\-8"));
  EXPECT_FALSE(equals("e", ""));
  EXPECT_FALSE(equals("absent", ""));
}

TEST(MediaParam, IsUnquotedIntoABuffer) {
  const std::string_view value = ";a=\"\\\"x\\\\y\\z\";b=x\\y";
  std::array<char, 5> buffer;
  const Param a = find_param(all_of(value), "a", value);
  ASSERT_TRUE(unquote(a, value, buffer));
  EXPECT_EQ(*unquote(a, value, buffer), "\"x\\yz");
  const Result<std::string_view, ValueError> cut =
      unquote(a, value, std::span<char>(buffer).first(4));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error(), ValueError::out_of_range);
  EXPECT_EQ(*unquote(find_param(all_of(value), "b", value), value, buffer), "x\\y");
  EXPECT_EQ(*unquote(Param{}, value, std::span<char>{}), "");
}

TEST(AcceptRange, ReadsWildcardsAndQuality) {
  const Result<AcceptRange, ValueError> any = range_of(" * / * ; q = 0.5 ");
  ASSERT_TRUE(any);
  EXPECT_TRUE(any->is_any_type);
  EXPECT_TRUE(any->is_any_subtype);
  EXPECT_EQ(any->quality, 500);
  const Result<AcceptRange, ValueError> text_any = range_of("text/*");
  ASSERT_TRUE(text_any);
  EXPECT_FALSE(text_any->is_any_type);
  EXPECT_TRUE(text_any->is_any_subtype);
  EXPECT_EQ(text_any->quality, max_quality);
  const Result<AcceptRange, ValueError> one = range_of("application/SDP;level=1;Q=0;ext");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->kind, MediaKind::sdp);
  EXPECT_EQ(one->quality, 0);
  EXPECT_FALSE(one->is_any_type);
  EXPECT_FALSE(one->is_any_subtype);
}

TEST(AcceptRange, ReadsEveryQuality) {
  const struct {
    const char* value;
    uint16_t quality;
  } cases[] = {{"0", 0},     {"0.", 0},     {"0.0", 0},     {"0.000", 0},  {"0.001", 1},
               {"0.01", 10}, {"0.1", 100},  {"0.999", 999}, {"0.12", 120}, {"1", 1000},
               {"1.", 1000}, {"1.0", 1000}, {"1.000", 1000}};
  for (const auto& [value, quality] : cases) {
    const Result<AcceptRange, ValueError> range = range_of("a/b;q=" + std::string(value));
    ASSERT_TRUE(range) << value;
    EXPECT_EQ(range->quality, quality) << value;
  }
}

TEST(AcceptRange, RefusesMistakes) {
  for (const char* bad :
       {"",         "*",           "*/sdp",     "application", "a/b c",       "a/b;q",
        "a/b;q=",   "a/b;q=1.001", "a/b;q=1.1", "a/b;q=2",     "a/b;q=00",    "a/b;q=0.0000",
        "a/b;q=-0", "a/b;q=.5",    "a/b;q=0,5", "a/b;q=0.x",   "a/b;q=\"1\"", "a/b;q=1;q=1",
        "a/b;;",    "a/b;x=\"",    "a/b/c"}) {
    ASSERT_FALSE(range_of(bad)) << bad;
    EXPECT_EQ(range_of(bad).error(), ValueError::bad_syntax) << bad;
  }
}

TEST(Accepts, MatchesTypesWithoutCase) {
  EXPECT_TRUE(allows("text/plain, Application/SDP", sdp));
  EXPECT_TRUE(allows("application/isup;version=itu-t92+", isup));
  EXPECT_FALSE(allows("text/plain,application/isup", sdp));
  EXPECT_FALSE(allows("text/sdp", sdp));
  EXPECT_FALSE(allows("", sdp));
  EXPECT_FALSE(allows("  ", sdp));
}

TEST(Accepts, MatchesWildcards) {
  EXPECT_TRUE(allows("*/*", sdp));
  EXPECT_TRUE(allows("application/*", sdp));
  EXPECT_FALSE(allows("text/*", sdp));
}

TEST(Accepts, LetsTheNarrowestRangeDecide) {
  EXPECT_FALSE(allows("*/*, application/sdp;q=0", sdp));
  EXPECT_FALSE(allows("application/sdp;q=0.0, */*;q=1", sdp));
  EXPECT_TRUE(allows("*/*, application/sdp;q=0", isup));
  EXPECT_FALSE(allows("*/*, application/*;q=0", isup));
  EXPECT_TRUE(allows("*/*;q=0, application/*;q=0, application/sdp;q=0.001", sdp));
  EXPECT_TRUE(allows("application/sdp;q=0, application/sdp", sdp));
  EXPECT_TRUE(allows("application/sdp, application/sdp;q=0", sdp));
}

TEST(Accepts, FailsOnAMistakeAnywhere) {
  for (const char* bad : {"application/sdp,", ",application/sdp", "application/sdp, x",
                          "application/sdp;q=9", "application/sdp, */x"}) {
    EXPECT_FALSE(accepts(bad, sdp)) << bad;
  }
}

TEST(Accepts, IsForListsThatASpanCanHold) {
  std::string list = "application/sdp";
  list.resize(max_message_octets, ' ');
  EXPECT_TRUE(allows(list, sdp));
  list += ' ';
  ASSERT_FALSE(accepts(list, sdp));
  EXPECT_EQ(accepts(list, sdp).error(), ValueError::out_of_range);
}

TEST(Accepts, ReadsAllAcceptFieldsOfAMessage) {
  const auto allows_in = [](std::string_view fields, MediaName media) {
    const std::string datagram = "INVITE sip:a SIP/2.0\r\n" + std::string(fields) + "l: 0\r\n\r\n";
    const GuardedBuffer buffer(datagram, padding_octets, ' ');
    Message message;
    EXPECT_TRUE(parse(buffer.view(), message));
    return accepts(message, buffer.view(), media);
  };
  EXPECT_TRUE(*allows_in("", sdp));
  EXPECT_FALSE(*allows_in("", isup));
  EXPECT_FALSE(*allows_in("Accept:\r\n", sdp));
  EXPECT_FALSE(*allows_in("Accept: text/nobodyKnowsThis\r\n", sdp));
  EXPECT_TRUE(*allows_in("Accept: text/plain\r\nTo: x\r\naccept: application/isup\r\n", isup));
  EXPECT_FALSE(*allows_in("Accept: */*\r\nAccept: application/isup;q=0\r\n", isup));
  EXPECT_FALSE(allows_in("Accept: */*\r\nAccept: x\r\n", isup));
}

// More than any fixed array would hold.
TEST(Accepts, ReadsAListOfAnyLength) {
  std::string list;
  for (int i = 0; i < 3000; ++i) list += "text/x" + std::to_string(i) + ", ";
  EXPECT_TRUE(allows(list + "application/sdp", sdp));
  EXPECT_FALSE(allows(list + "application/isup", sdp));
}

TEST(Disposition, ReadsTypeAndHandling) {
  const Result<Disposition, ValueError> session = disposition_of("session");
  ASSERT_TRUE(session);
  EXPECT_EQ(session->kind, DispositionKind::session);
  EXPECT_TRUE(session->is_required);
  const std::string_view value = " SIGNAL ; Handling = Optional ; x ";
  const Result<Disposition, ValueError> signal = disposition_of(value);
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->kind, DispositionKind::signal);
  EXPECT_EQ(text(signal->type, value), "SIGNAL");
  EXPECT_FALSE(signal->is_required);
  EXPECT_TRUE(disposition_of("render;handling=required")->is_required);
  EXPECT_TRUE(disposition_of("render;handling=perhaps")->is_required);
  EXPECT_EQ(disposition_of("x-new")->kind, DispositionKind::other);
}

TEST(Disposition, KnowsEachKindByItsSpelling) {
  std::set<std::string_view> names;
  for (unsigned i = 1; i < static_cast<unsigned>(DispositionKind::count); ++i) {
    const DispositionKind kind = static_cast<DispositionKind>(i);
    EXPECT_EQ(disposition_of(spelling(kind))->kind, kind);
    names.insert(spelling(kind));
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(DispositionKind::count) - 1);
  EXPECT_EQ(spelling(DispositionKind::other), "");
  EXPECT_EQ(spelling(DispositionKind::count), "");
}

TEST(Disposition, RefusesMistakes) {
  for (const char* bad :
       {"", " ", ";handling=optional", "session x", "session;", "session,render", "session/x",
        "session;handling", "session;handling=", "session;handling=\"optional\"",
        "session;handling=a=b", "session;handling=optional;handling=optional"}) {
    ASSERT_FALSE(disposition_of(bad)) << bad;
    EXPECT_EQ(disposition_of(bad).error(), ValueError::bad_syntax) << bad;
  }
}

TEST(Disposition, DefaultsByTheMediaType) {
  EXPECT_EQ(default_disposition(MediaKind::sdp), DispositionKind::session);
  EXPECT_EQ(default_disposition(MediaKind::isup), DispositionKind::render);
  EXPECT_EQ(default_disposition(MediaKind::other), DispositionKind::render);
}

}  // namespace
}  // namespace demarc::sip
