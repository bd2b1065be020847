#include "controlplane/trunks/route_section.h"

#include <gtest/gtest.h>

#include "controlplane/trunks/trunks_harness.h"
#include "dataplane/number/pattern_store.h"
#include "dataplane/number/rewrite.h"

namespace demarc::trunks {
namespace {

TEST(RouteSection, HasTheNumberRulesOfEachTrunk) {
  IdMap ids;
  const link::SectionSet set = compile(load(std::string(base) + std::string(acme) + R"(
called_out = ['^\+(1\d{10})$ -> $1', '^\+(\d{9}\d+)$ -> 011$1']
extensions = "dropped"
)" + std::string(pbx) + R"(
called_in = '^(1|2)(\d{3})$ -> +1425555$1$2'
)" + std::string(routes)),
                                       {}, ids);
  expect_sound(set);
  contract::Snapshot snapshot;
  snapshot.routes = &as<contract::RouteSection>(set, SectionKind::routes);
  const auto store = number::PatternStore::build(*snapshot.routes, 1, nullptr);
  ASSERT_NE(store, nullptr);
  snapshot.patterns = &store->patterns();
  const TrunkId acme_id{static_cast<uint16_t>(ids.trunks.take("acme"))};
  const TrunkId pbx_id{static_cast<uint16_t>(ids.trunks.take("pbx"))};
  const contract::TrunkNumbers from_pbx = number::numbers_of(snapshot, pbx_id);
  const contract::TrunkNumbers to_acme = number::numbers_of(snapshot, acme_id);
  EXPECT_EQ(from_pbx.called_out, contract::no_row);
  EXPECT_EQ(from_pbx.keeps_extension, 1);
  EXPECT_EQ(to_acme.keeps_extension, 0);
  number::Number called;
  ASSERT_TRUE(number::read_text("2123", called));
  number::rewrite(snapshot, 0, from_pbx.called_in, called);
  EXPECT_EQ(called.view(), "+14255552123");
  const number::Rewrite done = number::rewrite(snapshot, 0, to_acme.called_out, called);
  EXPECT_EQ(called.view(), "14255552123");
  EXPECT_EQ(done.rule, 0u);
  EXPECT_NE(number::rule_of(snapshot, done).line, 0);
}

TEST(RouteSection, DoesNotCompileAgainWhatDidNotChange) {
  IdMap ids;
  numbers::Databases databases;
  Facts facts;
  facts.databases = &databases;
  const std::string text = std::string(base) + std::string(acme) + "called_in = '^(1|2)$ -> 3'\n" +
                           std::string(pbx) + std::string(routes);
  const link::SectionSet first = compile(load(text), {}, ids, facts);
  const link::SectionSet second = compile(load(text), {}, ids, facts);
  EXPECT_EQ(first.blob(SectionKind::routes), second.blob(SectionKind::routes));
  EXPECT_EQ(databases.compiled_count(), 1u);
}

}  // namespace
}  // namespace demarc::trunks
