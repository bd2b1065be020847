#include "sip-parser/uri_headers.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

std::vector<std::string> walk(std::string_view headers, bool& failed) {
  const support::GuardedBuffer buffer(headers, 0, '=');
  std::vector<std::string> result;
  UriHeader header;
  UriHeaderCursor cursor(support::whole(headers), buffer.view());
  while (cursor.next(header)) {
    result.push_back(std::string(text(header.name, buffer.view())) + "|" +
                     std::string(text(header.value, buffer.view())));
  }
  failed = cursor.failed();
  EXPECT_FALSE(cursor.next(header));
  return result;
}

TEST(UriHeaderCursor, WalksPairs) {
  bool failed = true;
  EXPECT_EQ(walk("", failed), std::vector<std::string>{});
  EXPECT_FALSE(failed);
  EXPECT_EQ(walk("a=b&c=&d=e=f%26", failed), (std::vector<std::string>{"a|b", "c|", "d|e=f%26"}));
  EXPECT_FALSE(failed);
}

TEST(UriHeaderCursor, RefusesMistakes) {
  for (const char* bad : {"a", "=b", "&", "a=b&", "&a=b", "a=b&&c=d", "a=b&c", "a&b=c"}) {
    bool failed = false;
    walk(bad, failed);
    EXPECT_TRUE(failed) << bad;
  }
}

Result<UriHeader, ValueError> find_x(Span headers, std::string_view datagram) {
  return find_uri_header(headers, "x", datagram);
}

TEST(FindUriHeader, FindsTheOneOfAName) {
  const std::string_view headers = "a=1&X=2";
  EXPECT_EQ(text(support::parse_guarded(find_x, headers)->value, headers), "2");
  EXPECT_TRUE(support::parse_guarded(find_x, "a=1")->name.empty());
  EXPECT_EQ(text(support::parse_guarded(find_x, "%78=1")->value, "%78=1"), "1");
  support::expect_refused(find_x, {"x=1&x=2", "x=1&%58=2", "x=1&a", "x"});
}

TEST(FindUriHeader, CountsToTheLimit) {
  std::string headers = "a=";
  for (unsigned i = 0; i < max_uri_headers - 2; ++i) headers += "&a=";
  support::expect_accepted(find_x, {headers, headers + "&a="});
  support::expect_refused(find_x, {headers + "&a=&a="}, ValueError::too_many);
}

}  // namespace
}  // namespace demarc::sip
