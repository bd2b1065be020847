#include "controlplane/numbers/cost_file.h"

#include <gtest/gtest.h>

namespace demarc::numbers {
namespace {

TEST(CostFile, ReadsPrefixesAndCosts) {
  const CostTable table = read_costs(
      "prefix,cost\n# "
      "landline\n+44,0.012\r\n\"+4479*\",\"0.055\",mobile\n*,1\n+1,0\n+2,4000.000001\n");
  EXPECT_TRUE(table.mistakes.empty());
  ASSERT_EQ(table.rows.size(), 5u);
  EXPECT_EQ(table.rows[0].prefix, "");
  EXPECT_EQ(table.rows[0].millionths, 1'000'000u);
  EXPECT_EQ(table.rows[1].millionths, 0u);
  EXPECT_EQ(table.rows[2].millionths, 4'000'000'001u);
  EXPECT_EQ(table.rows[3].prefix, "+44");
  EXPECT_EQ(table.rows[3].millionths, 12'000u);
  EXPECT_EQ(table.rows[4].prefix, "+4479");
}

TEST(CostFile, TellsOfEachMistakeWithItsLine) {
  const CostTable table = read_costs(
      "+44 0.01\n+4x,0.01\n+45,dear\n+46,4001\n+47,1.\n+48,0.0000001\n+49,1\n+49,2\n+50,-1\n" +
      std::string(63, '1') + ",1\n");
  ASSERT_EQ(table.mistakes.size(), 9u);
  const uint32_t lines[] = {1, 2, 3, 4, 5, 6, 8, 9, 10};
  for (size_t i = 0; i < table.mistakes.size(); ++i) EXPECT_EQ(table.mistakes[i].line, lines[i]);
  EXPECT_EQ(table.rows.size(), 1u);
}

}  // namespace
}  // namespace demarc::numbers
