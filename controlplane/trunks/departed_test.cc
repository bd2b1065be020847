#include "controlplane/trunks/departed.h"

#include "controlplane/trunks/trunks_harness.h"

namespace demarc::trunks {
namespace {

std::string text_of(std::string_view trunks) {
  return std::string(base) + std::string(trunks);
}

bool has_listener(const link::SectionSet& set, const char* endpoint) {
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  const contract::Endpoint wanted = *contract::parse_endpoint(endpoint, 5060);
  for (const contract::Endpoint& one : elements(section.header, section.listeners)) {
    if (one == wanted) return true;
  }
  return false;
}

unsigned sources_at(const link::SectionSet& set, const char* endpoint, TrunkId trunk) {
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  const contract::Endpoint wanted = *contract::parse_endpoint(endpoint, 5060);
  unsigned count = 0;
  for (const contract::SourceConfig& one : elements(section.header, section.sources)) {
    count += one.local == wanted && one.trunk == trunk ? 1 : 0;
  }
  return count;
}

link::SectionSet compiled(const config::Config& config, const Departed& departed, IdMap& ids) {
  Facts facts;
  facts.former = &departed.listeners();
  link::SectionSet set = compile(departed.with(config), {}, ids, facts);
  expect_sound(set);
  return set;
}

constexpr auto every = [](const std::string&) { return true; };
constexpr auto none = [](const std::string&) { return false; };

TEST(Departed, ATrunkThatLeftKeepsItsRowAndSourcesButNoRoute) {
  const config::Config before = whole();
  const config::Config after = load(text_of(acme) + "[[route]]\nfrom = \"acme\"\nto = \"acme\"\n");
  IdMap ids;
  static_cast<void>(compile(before, {}, ids, {}));
  Departed departed;
  departed.note(before, after);
  const link::SectionSet set = compiled(after, departed, ids);
  const auto pbx_id = TrunkId{static_cast<uint16_t>(ids.trunks.take("pbx"))};
  EXPECT_EQ(sources_at(set, "10.0.0.10:5080", pbx_id), 1u);
  EXPECT_TRUE(has_listener(set, "10.0.0.10:5080"));
  const auto& trunks = as<contract::TrunkSection>(set, SectionKind::trunks);
  const auto& row = elements(trunks.header, trunks.trunks)[contract::index_of(pbx_id)];
  EXPECT_EQ(text(trunks.header, row.name), "pbx");
  const auto& routes_section = as<contract::RouteSection>(set, SectionKind::routes);
  EXPECT_EQ(
      elements(routes_section.header, routes_section.by_trunk)[contract::index_of(pbx_id)].root,
      0xffffffffu);
}

TEST(Departed, ATrunkThatLeftHasNoUsageAnyMore) {
  const std::string route = "[[route]]\nusages = \"out\"\nto = \"acme\"\n";
  const config::Config before =
      load(text_of(acme) + std::string(pbx) + "usages = \"out\"\n" + route);
  const config::Config after = load(text_of(acme) + "usages = \"out\"\n" + route);
  IdMap ids;
  static_cast<void>(compile(before, {}, ids, {}));
  Departed departed;
  departed.note(before, after);
  const link::SectionSet set = compiled(after, departed, ids);
  const auto& section = as<contract::RouteSection>(set, SectionKind::routes);
  const auto rules = elements(section.header, section.rules);
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(rules[ids.trunks.take("pbx")].is_used, 0);
  EXPECT_EQ(rules[ids.trunks.take("acme")].is_used, 1);
}

TEST(Departed, IsForgottenWithTheLastCall) {
  const config::Config before = whole();
  const config::Config after = load(text_of(acme) + "[[route]]\nfrom = \"acme\"\nto = \"acme\"\n");
  Departed departed;
  departed.note(before, after);
  EXPECT_FALSE(departed.forget(every));
  EXPECT_FALSE(departed.is_empty());
  EXPECT_TRUE(departed.forget(none));
  EXPECT_TRUE(departed.is_empty());
  EXPECT_EQ(departed.with(after).trunks.size(), 1u);
}

TEST(Departed, ATrunkThatComesBackIsThatOfTheConfiguration) {
  const config::Config before = whole();
  const config::Config after = load(text_of(acme) + "[[route]]\nfrom = \"acme\"\nto = \"acme\"\n");
  Departed departed;
  departed.note(before, after);
  departed.note(after, before);
  EXPECT_EQ(departed.with(before).trunks.size(), 2u);
}

TEST(Departed, TheRealmThatATrunkNeedsStaysWithIt) {
  const config::Config before = whole();
  const config::Config after = load(
      "[port.lan]\ndevice = \"b\"\n[port.wan]\ndevice = \"a\"\n[realm.outside]\nport = \"wan\"\n"
      "address = \"198.51.100.10\"\n" +
      std::string(acme) + "[[route]]\nfrom = \"acme\"\nto = \"acme\"\n");
  Departed departed;
  departed.note(before, after);
  const config::Config kept = departed.with(after);
  ASSERT_EQ(kept.realms.size(), 2u);
  EXPECT_EQ(kept.realms[0].name, "inside") << "by name, as everywhere";
  IdMap ids;
  EXPECT_TRUE(has_listener(compiled(after, departed, ids), "10.0.0.10:5080"));
}

TEST(Departed, AnAddressThatIsNotOursAnyMoreIsLeftOut) {
  const config::Config before = whole();
  std::string moved = text_of(acme) + "[[route]]\nfrom = \"acme\"\nto = \"acme\"\n";
  moved.replace(moved.find("10.0.0.10"), 9, "10.0.0.11");
  const config::Config after = load(moved);
  Departed departed;
  departed.note(before, after);
  EXPECT_EQ(departed.with(after).trunks.size(), 1u);
}

TEST(Departed, ATrunkThatMovedIsStillHeardWhereItWas) {
  const config::Config before = whole();
  std::string moved = text_of(acme) + std::string(pbx) + std::string(routes);
  moved.replace(moved.find("port = 5080"), 11, "port = 5090");
  const config::Config after = load(moved);
  IdMap ids;
  static_cast<void>(compile(before, {}, ids, {}));
  Departed departed;
  departed.note(before, after);
  const auto pbx_id = TrunkId{static_cast<uint16_t>(ids.trunks.take("pbx"))};
  const link::SectionSet set = compiled(after, departed, ids);
  EXPECT_EQ(sources_at(set, "10.0.0.10:5080", pbx_id), 1u);
  EXPECT_EQ(sources_at(set, "10.0.0.10:5090", pbx_id), 1u);
  EXPECT_TRUE(has_listener(set, "10.0.0.10:5080"));
  departed.note(after, before);
  EXPECT_EQ(departed.listeners().size(), 1u);
  EXPECT_EQ(departed.listeners()[0].local.port, 5090);
  EXPECT_TRUE(departed.forget(none));
}

TEST(Departed, WhatTheConfigurationSaysOfAnAddressCountsMore) {
  const config::Config before = whole();
  // Another trunk is at the place of the one that left.
  std::string other = text_of(acme) +
                      "[trunk.new]\nrealm = \"inside\"\npeer = \"10.0.0.20\"\n"
                      "port = 5080\n[[route]]\nfrom = \"acme\"\nto = \"new\"\n"
                      "[[route]]\nfrom = \"new\"\nto = \"acme\"\n";
  const config::Config after = load(other);
  IdMap ids;
  static_cast<void>(compile(before, {}, ids, {}));
  Departed departed;
  departed.note(before, after);
  const link::SectionSet set = compiled(after, departed, ids);
  const auto pbx_id = TrunkId{static_cast<uint16_t>(ids.trunks.take("pbx"))};
  const auto new_id = TrunkId{static_cast<uint16_t>(ids.trunks.take("new"))};
  EXPECT_EQ(sources_at(set, "10.0.0.10:5080", pbx_id), 0u);
  EXPECT_EQ(sources_at(set, "10.0.0.10:5080", new_id), 1u);
}

TEST(Departed, ListenersHaveALimit) {
  Departed departed;
  config::Config now = whole();
  for (unsigned i = 0; i < max_former_listeners + 10; ++i) {
    config::Config next = now;
    next.trunks[1].port = static_cast<uint16_t>(10'000 + i);
    departed.note(now, next);
    now = next;
  }
  EXPECT_EQ(departed.listeners().size(), max_former_listeners);
}

}  // namespace
}  // namespace demarc::trunks
