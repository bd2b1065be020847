#include "controlplane/trunks/route_section.h"

#include <gtest/gtest.h>

#include "controlplane/trunks/trunks_harness.h"
#include "dataplane/number/display_name.h"
#include "dataplane/number/pattern_store.h"
#include "dataplane/number/rewrite.h"
#include "dataplane/route/route.h"

namespace demarc::trunks {
namespace {

TEST(RouteSection, HasTheNumberRulesOfEachTrunk) {
  IdMap ids;
  const link::SectionSet set = compile(load(std::string(base) + std::string(acme) + R"(
called_out = ['^\+(1\d{10})$ -> $1', '^\+(\d{9}\d+)$ -> 011$1']
caller_names = '^\+1 -> "abroad"'
called_names = '^\+1 -> remove'
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
  EXPECT_EQ(from_pbx.caller_names, contract::no_row);
  number::DisplayName name;
  EXPECT_EQ(number::display_name(snapshot, 0, to_acme.caller_names, "+1", name),
            number::NameResult::set);
  EXPECT_EQ(name.view(), "abroad");
  EXPECT_EQ(number::display_name(snapshot, 0, to_acme.called_names, "+1", name),
            number::NameResult::removed);
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
  const std::string text = std::string(base) + std::string(acme) + "called_in = '^(1|22)$ -> 3'\n" +
                           std::string(pbx) + std::string(routes);
  const link::SectionSet first = compile(load(text), {}, ids, facts);
  const link::SectionSet second = compile(load(text), {}, ids, facts);
  EXPECT_EQ(first.blob(SectionKind::routes), second.blob(SectionKind::routes));
  EXPECT_EQ(databases.compiled_count(), 1u);
}

// Routes of one trunk in the order of their priorities, found by everything that they ask.
TEST(RouteSection, HasRoutesInTheOrderOfTheirPriorities) {
  IdMap ids;
  const std::string text = std::string(base) + std::string(acme) + std::string(pbx) + R"(
[trunk.backup]
realm = "outside"
peer = "198.51.100.30"
port = 5070
[[route]]
from = "pbx"
to = "acme"
[[route]]
from = "pbx"
to = "backup"
prefix = "+44"
[[route]]
from = "pbx"
to = "backup"
priority = 10
called = '^\+1(?!900)\d{10}$'
[[route]]
from = "pbx"
to = "backup"
priority = 5
calling_prefix = "+49"
prefix = "+4420"
[[route]]
from = "pbx"
to = ["backup", "acme"]
priority = 7
calling = '(1|2)$'
prefix = "+7"
hunt = "weighted"
weights = [3, 1]
emergency = true
[[route]]
from = "acme"
to = "pbx"
)";
  const link::SectionSet set = compile(load(text), {}, ids);
  const contract::SectionBounds bounds = {2, set.realms, set.trunks, 8, 8};
  ASSERT_EQ(contract::check_section(set.blob(SectionKind::routes), bounds),
            contract::SectionError::none);
  contract::Snapshot snapshot;
  snapshot.routes = &as<contract::RouteSection>(set, SectionKind::routes);
  const auto store = number::PatternStore::build(*snapshot.routes, 1, nullptr);
  ASSERT_NE(store, nullptr);
  snapshot.patterns = &store->patterns();
  const auto id = [&ids](const char* name) {
    return TrunkId{static_cast<uint16_t>(ids.trunks.take(name))};
  };
  const auto to = [&](const char* called, const char* calling = "") {
    return route::match(snapshot, {id("pbx"), called, called[0] != 'a', calling}).to;
  };
  EXPECT_EQ(to("+4930123"), id("acme"));
  EXPECT_EQ(to("+44111"), id("backup"));
  EXPECT_EQ(to("+14255550123"), id("backup"));
  EXPECT_EQ(to("+19005550123"), id("acme"));
  EXPECT_EQ(to("alice"), id("acme"));
  EXPECT_EQ(to("+7123", "+45"), id("acme"));
  const route::Match russia = route::match(snapshot, {id("pbx"), "+7123", true, "+4511"});
  EXPECT_EQ(russia.to, id("backup"));
  EXPECT_TRUE(russia.is_emergency);
  EXPECT_EQ(route::match(snapshot, id("acme"), "5").to, id("pbx"));
  const auto line = [&](const char* calling) {
    return route::match(snapshot, {id("pbx"), "+442079", true, calling}).line;
  };
  EXPECT_NE(line("+4915"), line("+4815"));
}

}  // namespace
}  // namespace demarc::trunks
