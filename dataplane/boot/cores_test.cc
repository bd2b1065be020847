#include "dataplane/boot/cores.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace demarc::boot {
namespace {

struct Parsed {
  bool is_good;
  Cores cores;
  wire::Explanation why;
};

Parsed parse(std::string_view text, unsigned workers, std::span<const int> allowed = {}) {
  Parsed parsed{};
  parsed.is_good = parse_cores(text, workers, allowed, parsed.cores, parsed.why);
  return parsed;
}

TEST(Cores, WithoutAListTheLastOnesAllowedAreTaken) {
  const int allowed[] = {0, 2, 3, 7};
  const Parsed parsed = parse(" ", 2, allowed);
  ASSERT_TRUE(parsed.is_good);
  EXPECT_EQ(parsed.cores.of_worker[0], 3);
  EXPECT_EQ(parsed.cores.of_worker[1], 7);
  EXPECT_EQ(parsed.cores.of_worker[2], -1);
}

TEST(Cores, TwoWorkersMayTakeBothCpusOfASmallMachine) {
  const int allowed[] = {0, 1};
  const Parsed parsed = parse("", 2, allowed);
  ASSERT_TRUE(parsed.is_good);
  EXPECT_EQ(parsed.cores.of_worker[0], 0);
  EXPECT_EQ(parsed.cores.of_worker[1], 1);
}

TEST(Cores, MoreWorkersThanCpusAllowedAreRefused) {
  const int allowed[] = {0, 1};
  const Parsed parsed = parse("", 3, allowed);
  EXPECT_FALSE(parsed.is_good);
  EXPECT_NE(parsed.why.view().find("3 workers"), std::string_view::npos);
  EXPECT_NE(parsed.why.view().find("run on 2"), std::string_view::npos);
}

TEST(Cores, ThisProcessMayRunSomewhere) {
  const std::vector<int> allowed = allowed_cpus();
  ASSERT_FALSE(allowed.empty());
  EXPECT_TRUE(std::is_sorted(allowed.begin(), allowed.end()));
}

TEST(Cores, ListsAndRangesInTheirOrder) {
  const Parsed parsed = parse("7, 2-4,0", 5);
  ASSERT_TRUE(parsed.is_good);
  const int expected[] = {7, 2, 3, 4, 0};
  for (unsigned i = 0; i < 5; ++i) EXPECT_EQ(parsed.cores.of_worker[i], expected[i]);
}

TEST(Cores, MoreCpusThanWorkersIsFine) {
  const Parsed parsed = parse("2-9", 2);
  ASSERT_TRUE(parsed.is_good);
  EXPECT_EQ(parsed.cores.of_worker[1], 3);
  EXPECT_EQ(parsed.cores.of_worker[2], -1);
}

TEST(Cores, TooFewCpusAreRefused) {
  const Parsed parsed = parse("2,3", 3);
  EXPECT_FALSE(parsed.is_good);
  EXPECT_NE(parsed.why.view().find("2 CPUs for 3 workers"), std::string_view::npos);
}

TEST(Cores, WhatIsNoListIsRefused) {
  for (const char* text : {"a", "1,", ",1", "1-", "3-2", "-1", "1024", "1;2", "1 2"}) {
    EXPECT_FALSE(parse(text, 1).is_good) << text;
  }
}

}  // namespace
}  // namespace demarc::boot
