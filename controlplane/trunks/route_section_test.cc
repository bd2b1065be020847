#include "controlplane/trunks/route_section.h"

#include <gtest/gtest.h>

#include <fstream>

#include "controlplane/trunks/trunks_harness.h"
#include "dataplane/number/display_name.h"
#include "dataplane/number/pattern_store.h"
#include "dataplane/number/rewrite.h"
#include "dataplane/route/route.h"
#include "tests/support/temporary_directory.h"

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

// A snapshot of routes, some by lists; asked where a number of the PBX goes.
class ListedRoutes : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& rows) {
    std::ofstream(directory_.path(name)) << rows;
  }
  void compile_routes(const std::string& more) {
    const std::string text = std::string(base) + std::string(acme) + std::string(pbx) +
                             "[trunk.backup]\nrealm = \"outside\"\npeer = \"198.51.100.30\"\n"
                             "port = 5070\n[prefixes.uk]\nfile = \"" +
                             directory_.path("uk.csv") + "\"\n[prefixes.other]\nfile = \"" +
                             directory_.path("other.csv") + "\"\n" + more;
    set_ = compile(load(text), {}, ids_);
    const contract::SectionBounds bounds = {2, set_.realms, set_.trunks, 8, 8};
    ASSERT_EQ(contract::check_section(set_.blob(SectionKind::routes), bounds),
              contract::SectionError::none);
  }
  std::string to(const char* called) {
    contract::Snapshot snapshot;
    snapshot.routes = &as<contract::RouteSection>(set_, SectionKind::routes);
    const TrunkId from{static_cast<uint16_t>(ids_.trunks.take("pbx"))};
    const TrunkId found = route::match(snapshot, {from, called, true}).to;
    for (const auto& [name, id] : ids_.trunks.all()) {
      if (found == TrunkId{static_cast<uint16_t>(id)}) return name;
    }
    return "";
  }

  support::TemporaryDirectory directory_;
  IdMap ids_;
  link::SectionSet set_;
};

constexpr const char* two_lists = R"([[route]]
from = "pbx"
to = "acme"
prefixes = "uk"
[[route]]
from = "pbx"
to = "backup"
prefixes = "other"
)";

TEST_F(ListedRoutes, AreFoundByTheLongestPrefix) {
  write("uk.csv", "+44\n+44207\n+1\n");
  write("other.csv", "+4420\n+442071\n");
  compile_routes(two_lists);
  EXPECT_EQ(to("+4411"), "acme");
  EXPECT_EQ(to("+4420"), "backup");
  EXPECT_EQ(to("+442080"), "backup");
  EXPECT_EQ(to("+442070"), "acme");
  EXPECT_EQ(to("+4420711"), "backup");
  EXPECT_EQ(to("+4"), "");
  EXPECT_EQ(to("+3"), "");
}

TEST_F(ListedRoutes, AreFoundByTheLongestPrefixAmongEqualPrioritiesToo) {
  write("uk.csv", "+44\n+44207\n+1\n");
  write("other.csv", "+4420\n+442071\n");
  compile_routes(std::string(two_lists) +
                 "[[route]]\nfrom = \"pbx\"\nto = \"backup\"\nprefix = \"+1\"\npriority = 10\n"
                 "[[route]]\nfrom = \"pbx\"\nto = \"acme\"\npriority = 200\n");
  EXPECT_EQ(to("+4411"), "acme");
  EXPECT_EQ(to("+442080"), "backup");
  EXPECT_EQ(to("+442070"), "acme");
  EXPECT_EQ(to("+4420711"), "backup");
  EXPECT_EQ(to("+123"), "backup") << "its priority is before that of the list";
  EXPECT_EQ(to("+3"), "acme");
}

TEST_F(ListedRoutes, OfAnEmergencyTakeJustTheirNumbersBeforeAllElse) {
  write("uk.csv", "112\n999\n");
  write("other.csv", "+4\n");
  compile_routes(
      "[[route]]\nfrom = \"pbx\"\nto = \"acme\"\nprefixes = \"uk\"\nemergency = true\n"
      "priority = 300\n[[route]]\nfrom = \"pbx\"\nto = \"backup\"\npriority = 1\n");
  EXPECT_EQ(to("112"), "acme");
  EXPECT_EQ(to("999"), "acme");
  EXPECT_EQ(to("1123"), "backup");
}

TEST_F(ListedRoutes, ChangeWithOneRow) {
  write("uk.csv", "+44\n+1\n");
  write("other.csv", "+4420\n");
  compile_routes(two_lists);
  EXPECT_EQ(to("+4479"), "acme");
  const link::SectionSet before = set_;
  compile_routes(two_lists);
  EXPECT_EQ(set_.blob(SectionKind::routes), before.blob(SectionKind::routes));
  write("other.csv", "+4420\n+4479\n");
  compile_routes(two_lists);
  EXPECT_EQ(to("+4479"), "backup");
  EXPECT_EQ(to("+4478"), "acme");
  EXPECT_EQ(to("+4420"), "backup");
  EXPECT_NE(set_.blob(SectionKind::routes), before.blob(SectionKind::routes));
}

TEST_F(ListedRoutes, AreRefusedWhereNoSectionHoldsThem) {
  write("other.csv", "+1\n");
  std::string rows;
  for (int i = 0; i < 100'000; ++i) rows += std::to_string(1'000'000 + i) + "\n";
  write("uk.csv", rows);
  // Each trunk has a route of its own, or all have one by their usage.
  const auto text_with = [this](bool is_own) {
    std::string text = std::string(base).replace(base.find("= 8"), 3, "= 256");
    text.replace(text.find("= 8\n"), 3, "= 256");
    text += std::string(acme) + std::string(pbx) + "[prefixes.uk]\nfile = \"" +
            directory_.path("uk.csv") + "\"\n";
    for (int i = 0; i < 161; ++i) {
      const std::string name = "t" + std::to_string(i);
      text += "[trunk." + name + "]\nrealm = \"outside\"\npeer = \"198.51.100.30\"\nport = " +
              std::to_string(6000 + i) + "\nusages = \"u\"\n";
      if (!is_own && i != 0) continue;
      text += "[[route]]\nto = \"acme\"\nprefixes = \"uk\"\n";
      text += is_own ? "from = \"" + name + "\"\n" : "usages = \"u\"\n";
    }
    return text;
  };
  const std::string refusal = misfit(load(text_with(true)), {}, {});
  EXPECT_NE(refusal.find("16100000 prefixes"), std::string::npos) << refusal;
  EXPECT_EQ(compile(load(text_with(true)), {}, ids_).refusal, refusal);
  EXPECT_EQ(misfit(load(text_with(false)), {}, {}), "");
}

}  // namespace
}  // namespace demarc::trunks
