#include "controlplane/numbers/prefix_file.h"

#include <gtest/gtest.h>

namespace demarc::numbers {
namespace {

TEST(PrefixFile, ReadsTheFirstColumnSorted) {
  const PrefixTable table = read_prefixes(
      "prefix,cost\n# landline\n+4479,0.055\r\n\"+44*\",0.012,\"United Kingdom\"\n\n  *72  \n+1\n");
  EXPECT_TRUE(table.mistakes.empty());
  ASSERT_EQ(table.rows.size(), 4u);
  EXPECT_EQ(table.rows[0], "*72");
  EXPECT_EQ(table.rows[1], "+1");
  EXPECT_EQ(table.rows[2], "+44");
  EXPECT_EQ(table.rows[3], "+4479");
  EXPECT_EQ(table.rows.line(2), 4u);
}

TEST(PrefixFile, TellsOfEachBadRowWithItsLineAndColumn) {
  const PrefixTable table = read_prefixes("+44\n  \"+4x9\",1\n*\n,mobile\n+1\n+44\n" +
                                          std::string(63, '1') + "\n+49 30\n+44,again\n");
  const std::vector<std::pair<uint32_t, uint32_t>> wanted = {{2, 6}, {3, 1}, {4, 1}, {6, 1},
                                                             {7, 1}, {8, 4}, {9, 1}};
  ASSERT_EQ(table.mistakes.size(), wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(table.mistakes[i].line, wanted[i].first);
    EXPECT_EQ(table.mistakes[i].column, wanted[i].second) << table.mistakes[i].line;
  }
  EXPECT_EQ(table.rows.size(), 2u);
}

TEST(PrefixFile, CountsTheMistakesThatItDoesNotName) {
  std::string text;
  for (size_t i = 0; i < max_mistakes + 7; ++i) text += "1x\n";
  const PrefixTable table = read_prefixes(text);
  EXPECT_EQ(table.mistakes.size(), max_mistakes);
  EXPECT_EQ(table.more_mistakes, 7u);
}

TEST(PrefixFile, HasAHeadingInItsFirstRowOnly) {
  EXPECT_EQ(read_prefixes("destination\n+44\n").rows.size(), 1u);
  EXPECT_EQ(read_prefixes("+44\ndestination\n").mistakes.size(), 1u);
  // What can be dialled is no heading, though it has no digit.
  for (const char* first : {"+\n", "\"*#\",x\n"}) {
    EXPECT_EQ(read_prefixes(std::string(first) + "+44\n").rows.size(), 2u) << first;
  }
}

TEST(PrefixFile, KnowsTheLengthsOfItsPrefixes) {
  const PrefixTable table = read_prefixes("4\n+4420\n");
  for (size_t length = 0; length <= contract::max_number_length; ++length) {
    EXPECT_EQ(table.rows.has_length(length), length == 1 || length == 5) << length;
  }
}

}  // namespace
}  // namespace demarc::numbers
