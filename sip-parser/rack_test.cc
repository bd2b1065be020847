#include "sip-parser/rack.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/number_cases.h"
#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

using support::expect_refused;
using support::parse_guarded;

TEST(RAck, ReadsBothNumbersAndTheMethod) {
  const std::string_view value = "776656 \r\n 1 \t INVITE";
  const Result<RAck, ValueError> rack = parse_guarded(parse_rack, value);
  ASSERT_TRUE(rack);
  EXPECT_EQ(rack->rseq, 776656u);
  EXPECT_EQ(rack->cseq.number, 1u);
  EXPECT_EQ(rack->cseq.method, Method::invite);
}

TEST(RAck, RefusesMistakes) {
  expect_refused(parse_rack, {"", "1", "1 ", "1 2", "1 2 ", "1 INVITE", "1 2 3 INVITE",
                              "1,2 INVITE", "1 2 INVITE x", "1 2INVITE", "a 2 INVITE", "1 a INVITE",
                              "1 2 IN@VITE", "1\r\n2 INVITE"});
}

TEST(RAck, ChecksBothRanges) {
  support::expect_number_range({1, max_rseq},
                               [](const std::string& number) -> Result<uint32_t, ValueError> {
                                 const auto rack = parse_guarded(parse_rack, number + " 1 INVITE");
                                 if (!rack) return Fail{rack.error()};
                                 return rack->rseq;
                               });
  EXPECT_EQ(parse_guarded(parse_rack, "1 2147483647 INVITE")->cseq.number, max_cseq);
  expect_refused(parse_rack, {"1 2147483648 INVITE", "0 1 INVITE"}, ValueError::out_of_range);
}

TEST(RSeq, ChecksItsRange) {
  support::expect_number_range(
      {1, max_rseq}, [](const std::string& number) { return parse_guarded(parse_rseq, number); });
}

}  // namespace
}  // namespace demarc::sip
