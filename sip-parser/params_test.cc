#include "sip-parser/params.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/guarded_buffer.h"

namespace demarc::sip {
namespace {

struct Walk {
  std::vector<std::string> params;  // "name=value", with quotes where they stood
  bool failed = false;
  ValueError error = ValueError::bad_syntax;
};

Walk walk(std::string_view params) {
  // No padding: value parsers never look behind their span.
  const support::GuardedBuffer buffer(params, 0, ' ');
  const std::string_view datagram = buffer.view();
  Walk result;
  Param param;
  ParamCursor cursor({0, static_cast<uint16_t>(params.size())}, datagram);
  while (cursor.next(param)) {
    std::string one(text(param.name, datagram));
    if (param.has_value) {
      const std::string_view quote = param.has_quotes ? "\"" : "";
      one.append("=").append(quote).append(text(param.value, datagram)).append(quote);
    }
    result.params.push_back(one);
  }
  result.failed = cursor.failed();
  result.error = cursor.error();
  EXPECT_FALSE(cursor.next(param));
  return result;
}

using Strings = std::vector<std::string>;

TEST(ParamCursor, WalksParameters) {
  EXPECT_EQ(walk("").params, Strings{});
  EXPECT_EQ(walk(";lr").params, Strings{"lr"});
  EXPECT_EQ(walk(";a=1;b;c=\"x;\\\"y\";d=[::1]").params,
            (Strings{"a=1", "b", "c=\"x;\\\"y\"", "d=[::1]"}));
  EXPECT_EQ(walk(";branch=z9hG4bK==@{1}").params, Strings{"branch=z9hG4bK==@{1}"});
  EXPECT_EQ(walk(";q=\"\"").params, Strings{"q=\"\""});
}

TEST(ParamCursor, SkipsWhiteSpaceAndFolds) {
  EXPECT_EQ(walk("  ;\r\n\ta \t=\r\n  1 ; b ").params, (Strings{"a=1", "b"}));
}

TEST(ParamCursor, RefusesMistakes) {
  for (const char* bad :
       {";",    ";;",        ";a;",      ";a;;b",      ";=x",         ";a=",     ";a= ;b", "a",
        ";a b", ";a=b c",    ";a=\"x",   ";a=\"x\\\"", ";a=\"x\"y",   ";a=\"\\", ";a=b,c", ";a=<x>",
        ";a,b", ";a=x\"y\"", ";a\r\n;b", ";a=\r\nb",   ";\xc3\xa4=1", ";a=\x01"}) {
    const Walk result = walk(bad);
    EXPECT_TRUE(result.failed) << bad;
    EXPECT_EQ(result.error, ValueError::bad_syntax) << bad;
  }
}

TEST(ParamCursor, CountsToItsLimit) {
  const auto many = [](unsigned count) {
    std::string result;
    for (unsigned i = 0; i < count; ++i) result += ";p";
    return result;
  };
  EXPECT_FALSE(walk(many(max_params - 1)).failed);
  EXPECT_FALSE(walk(many(max_params)).failed);
  EXPECT_EQ(walk(many(max_params)).params.size(), max_params);
  const Walk result = walk(many(max_params + 1));
  EXPECT_TRUE(result.failed);
  EXPECT_EQ(result.error, ValueError::too_many);
}

TEST(FindParam, ComparesNamesWithoutCase) {
  const std::string_view datagram = ";Tag=1;LR;tag=2";
  const Span span = span_of(datagram, datagram);
  EXPECT_EQ(text(find_param(span, "tag", datagram).value, datagram), "1");
  const Param lr = find_param(span, "lr", datagram);
  EXPECT_FALSE(lr.has_value);
  EXPECT_FALSE(lr.name.empty());
  const Param absent = find_param(span, "ta", datagram);
  EXPECT_TRUE(absent.name.empty());
  EXPECT_FALSE(absent.has_value);
  EXPECT_TRUE(find_param(Span{}, "x", "").name.empty());
}

Strings elements(std::string_view value) {
  const support::GuardedBuffer buffer(value, 0, ' ');
  Strings result;
  Span element;
  ListCursor cursor({0, static_cast<uint16_t>(value.size())}, buffer.view());
  while (cursor.next(element)) result.emplace_back(text(element, buffer.view()));
  return result;
}

TEST(ListCursor, SeparatesAtCommas) {
  EXPECT_EQ(elements("a"), Strings{"a"});
  EXPECT_EQ(elements(" a ,\r\n b\t,c "), (Strings{"a", "b", "c"}));
}

TEST(ListCursor, IgnoresCommasInQuotesAndBrackets) {
  EXPECT_EQ(elements("\"a,\\\",b\" <sip:x,y@z>;p=\"1,2\", <sip:\"q>,r"),
            (Strings{"\"a,\\\",b\" <sip:x,y@z>;p=\"1,2\"", "<sip:\"q>", "r"}));
}

TEST(ListCursor, GivesEmptyElementsToBeRefused) {
  EXPECT_EQ(elements(""), Strings{});
  EXPECT_EQ(elements(" \t"), Strings{});
  EXPECT_EQ(elements(","), (Strings{"", ""}));
  EXPECT_EQ(elements("a,,b"), (Strings{"a", "", "b"}));
  EXPECT_EQ(elements("a, "), (Strings{"a", ""}));
}

TEST(ListCursor, TakesTheRestOfWhatIsNotTerminated) {
  EXPECT_EQ(elements("\"a,b"), Strings{"\"a,b"});
  EXPECT_EQ(elements("<a,b"), Strings{"<a,b"});
  EXPECT_EQ(elements("\"a,b\\"), Strings{"\"a,b\\"});
}

}  // namespace
}  // namespace demarc::sip
