#include "sip-parser/resource_priority.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(ResourcePriority, ReadsNamespaceAndPriority) {
  const std::string_view value = " DSN.Flash ";
  const Result<ResourcePriority, ValueError> result =
      support::parse_guarded(parse_resource_priority, value);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->name, PriorityNamespace::dsn);
  EXPECT_EQ(result->rank, 1);
  EXPECT_EQ(text(result->namespace_text, value), "DSN");
  EXPECT_EQ(text(result->priority_text, value), "Flash");
}

TEST(ResourcePriority, RanksTheMostUrgentFirst) {
  for (const char* first : {"dsn.flash-override", "drsn.flash-override-override", "q735.0", "ets.0",
                            "wps.0", "esnet.4"}) {
    EXPECT_EQ(support::parse_guarded(parse_resource_priority, first)->rank, 0) << first;
  }
  EXPECT_EQ(support::parse_guarded(parse_resource_priority, "dsn.routine")->rank, 4);
  EXPECT_EQ(support::parse_guarded(parse_resource_priority, "drsn.routine")->rank, 5);
  EXPECT_EQ(support::parse_guarded(parse_resource_priority, "wps.4")->rank, 4);
  EXPECT_EQ(support::parse_guarded(parse_resource_priority, "esnet.0")->rank, 4);
}

TEST(ResourcePriority, HasNoRankForStrangers) {
  EXPECT_EQ(support::parse_guarded(parse_resource_priority, "wps.5")->rank, no_rank);
  const Result<ResourcePriority, ValueError> result =
      support::parse_guarded(parse_resource_priority, "mine.0");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->name, PriorityNamespace::other);
  EXPECT_EQ(result->rank, no_rank);
  EXPECT_EQ(spelling(PriorityNamespace::other), "");
  EXPECT_EQ(spelling(PriorityNamespace::q735), "q735");
}

TEST(ResourcePriority, RefusesMistakes) {
  support::expect_refused(parse_resource_priority,
                          {"", ".", "wps", "wps.", ".1", "a.b.c", "wps. 1", "wps .1", "wps.1;x",
                           "wps.1,wps.2", "w@s.1", "wps.\"1\""});
}

}  // namespace
}  // namespace demarc::sip
