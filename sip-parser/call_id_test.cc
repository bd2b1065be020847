#include "sip-parser/call_id.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

using support::expect_refused;
using support::parse_guarded;

TEST(CallId, IsAWordOrTwo) {
  support::expect_accepted(parse_call_id, {"a", "f81d4fae-7dec@192.0.2.4", "a\"<(b)>{}[]?:\\/@c"});
  const std::string_view value = " x@y\t";
  const Result<Span, ValueError> call_id = parse_guarded(parse_call_id, value);
  ASSERT_TRUE(call_id);
  EXPECT_EQ(text(*call_id, value), "x@y");
}

TEST(CallId, RefusesMistakes) {
  expect_refused(parse_call_id, {"", " ", "@", "a@", "@a", "a@b@c", "a b", "a,b", "a;b", "a=b",
                                 "a\x01", "\xc3\xa4", "a\r\nb", "a\r"});
}

std::vector<std::string> call_ids(std::string_view value, bool& failed) {
  const support::GuardedBuffer buffer(value, 0, ' ');
  CallIdCursor cursor(support::whole(value), buffer.view());
  std::vector<std::string> result;
  Span call_id;
  while (cursor.next(call_id)) result.emplace_back(text(call_id, buffer.view()));
  failed = cursor.failed();
  EXPECT_FALSE(cursor.next(call_id));
  return result;
}

TEST(CallIdCursor, WalksAList) {
  bool failed = true;
  EXPECT_EQ(call_ids("70710@saturn.bell-tel.com , \"<17320@a", failed),
            (std::vector<std::string>{"70710@saturn.bell-tel.com", "\"<17320@a"}));
  EXPECT_FALSE(failed);
}

TEST(CallIdCursor, RefusesMistakes) {
  for (const char* bad : {"", ",", "a,", ",a", "a,,b", "a b", "a;b", "a,b@"}) {
    bool failed = false;
    call_ids(bad, failed);
    EXPECT_TRUE(failed) << bad;
  }
}

}  // namespace
}  // namespace demarc::sip
