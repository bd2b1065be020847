#include "dataplane/lcore/local_map.h"

#include <vector>

#include <gtest/gtest.h>

#include "dataplane/contract/section_builder.h"

namespace demarc::lcore {
namespace {

using contract::Endpoint;
using contract::IpAddress;
using contract::NicPortId;
using contract::RealmConfig;
using contract::RealmId;
using contract::RealmSection;
using contract::SectionBuilder;
using contract::SectionKind;
using contract::Snapshot;
using contract::TrunkSection;

constexpr IpAddress inside = IpAddress::v4(10, 0, 0, 1);
constexpr IpAddress outside = IpAddress::v4(203, 0, 113, 1);
constexpr IpAddress outside_media = IpAddress::v4(203, 0, 113, 2);
constexpr IpAddress stranger = IpAddress::v4(192, 0, 2, 77);

struct Realm {
  IpAddress address;
  std::vector<IpAddress> media;
  NicPortId port = NicPortId{0};
  uint16_t vlan = 0;
  uint16_t low = 16384;
  uint16_t high = 32767;
};

// Owns what the Snapshot points into.
class Sections {
 public:
  Sections(const std::vector<Realm>& realms, const std::vector<Endpoint>& listeners) {
    SectionBuilder<RealmSection> realm_builder(SectionKind::realms, 1);
    std::vector<RealmConfig> configs;
    for (const Realm& realm : realms) {
      RealmConfig config;
      config.port = realm.port;
      config.vlan = realm.vlan;
      config.address = realm.address;
      config.media_addresses = realm_builder.array<IpAddress>(realm.media);
      config.media_port_low = realm.low;
      config.media_port_high = realm.high;
      configs.push_back(config);
    }
    realm_builder.section().realms = realm_builder.array<RealmConfig>(configs);
    realm_octets_ = realm_builder.finish();
    SectionBuilder<TrunkSection> trunk_builder(SectionKind::trunks, 1);
    trunk_builder.section().listeners = trunk_builder.array<Endpoint>(listeners);
    trunk_octets_ = trunk_builder.finish();
    snapshot_.realms = reinterpret_cast<const RealmSection*>(realm_octets_.data());
    snapshot_.trunks = reinterpret_cast<const TrunkSection*>(trunk_octets_.data());
  }
  const Snapshot& snapshot() const { return snapshot_; }

 private:
  std::vector<std::byte> realm_octets_;
  std::vector<std::byte> trunk_octets_;
  Snapshot snapshot_;
};

const std::vector<Realm> two_realms = {
    {.address = inside, .media = {inside}},
    {.address = outside, .media = {outside_media}, .port = NicPortId{1}, .vlan = 7}};
const std::vector<Endpoint> two_listeners = {{inside, 5060}, {outside, 5060}, {outside, 5080}};

TEST(LocalMap, KnowsNothingBeforeTheFirstSnapshot) {
  const LocalMap map;
  EXPECT_EQ(map.find(inside), nullptr);
}

TEST(LocalMap, TellsListenersFromOtherPorts) {
  LocalMap map;
  const Sections sections(two_realms, two_listeners);
  map.rebuild(sections.snapshot());
  ASSERT_NE(map.find(outside), nullptr);
  EXPECT_TRUE(map.is_listener(*map.find(outside), 5060));
  EXPECT_TRUE(map.is_listener(*map.find(outside), 5080));
  EXPECT_FALSE(map.is_listener(*map.find(outside), 5061));
  EXPECT_TRUE(map.is_listener(*map.find(inside), 5060));
  EXPECT_FALSE(map.is_listener(*map.find(inside), 5080));
  EXPECT_FALSE(map.is_listener(*map.find(outside_media), 5060));
  EXPECT_EQ(map.find(stranger), nullptr);
}

TEST(LocalMap, TellsMediaPortsOfMediaAddressesOnly) {
  LocalMap map;
  const Sections sections(two_realms, two_listeners);
  map.rebuild(sections.snapshot());
  EXPECT_TRUE(map.find(inside)->is_media_port(16384));
  EXPECT_TRUE(map.find(inside)->is_media_port(32767));
  EXPECT_FALSE(map.find(inside)->is_media_port(16383));
  EXPECT_FALSE(map.find(inside)->is_media_port(32768));
  EXPECT_FALSE(map.find(outside)->is_media_port(20000));
  EXPECT_TRUE(map.find(outside_media)->is_media_port(20000));
}

TEST(LocalMap, KnowsRealmAndSegment) {
  LocalMap map;
  const Sections sections(two_realms, two_listeners);
  map.rebuild(sections.snapshot());
  EXPECT_EQ(map.find(outside)->realm, RealmId{1});
  EXPECT_EQ(map.find(outside)->segment, (wire::Segment{NicPortId{1}, 7}));
  EXPECT_EQ(map.find(outside_media)->segment, (wire::Segment{NicPortId{1}, 7}));
}

TEST(LocalMap, TwoRealmsMayShareAMediaAddress) {
  LocalMap map;
  const Sections sections(
      {{.address = inside, .media = {outside_media}, .low = 16384, .high = 16399},
       {.address = outside, .media = {outside_media}, .low = 20000, .high = 20001}},
      {});
  map.rebuild(sections.snapshot());
  EXPECT_TRUE(map.find(outside_media)->is_media_port(16384));
  EXPECT_TRUE(map.find(outside_media)->is_media_port(20001));
}

TEST(LocalMap, AnAddressThatWentAwayKeepsItsMediaAndLosesItsListeners) {
  LocalMap map;
  const Sections before(two_realms, two_listeners);
  map.rebuild(before.snapshot());
  const Sections after({two_realms[1]}, {{outside, 5060}});
  map.rebuild(after.snapshot());
  ASSERT_NE(map.find(inside), nullptr);
  EXPECT_TRUE(map.find(inside)->is_retired);
  EXPECT_TRUE(map.find(inside)->is_media_port(20000));
  EXPECT_FALSE(map.is_listener(*map.find(inside), 5060));
  EXPECT_FALSE(map.find(outside)->is_retired);
  EXPECT_EQ(map.find(outside)->realm, RealmId{0});
}

TEST(LocalMap, AnAddressThatCameBackIsServedAgain) {
  LocalMap map;
  const Sections both(two_realms, two_listeners);
  const Sections one({two_realms[1]}, {{outside, 5060}});
  map.rebuild(both.snapshot());
  map.rebuild(one.snapshot());
  map.rebuild(both.snapshot());
  EXPECT_FALSE(map.find(inside)->is_retired);
  EXPECT_TRUE(map.is_listener(*map.find(inside), 5060));
}

TEST(LocalMap, MoreAddressesThanRoomAreCounted) {
  LocalMap map;
  Realm realm{.address = inside, .media = {}};
  for (unsigned i = 0; i < LocalMap::max_addresses; ++i) {
    realm.media.push_back(
        IpAddress::v4(10, 1, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)));
  }
  const Sections sections({realm}, {});
  map.rebuild(sections.snapshot());
  EXPECT_EQ(map.overflow_count(), 1u);
  EXPECT_NE(map.find(inside), nullptr);
  EXPECT_EQ(map.find(stranger), nullptr);
}

TEST(LocalMap, AListenerOnNoRealmsAddressIsNotServed) {
  LocalMap map;
  const Sections sections({two_realms[0]}, {{inside, 5060}, {stranger, 5060}});
  map.rebuild(sections.snapshot());
  EXPECT_EQ(map.find(stranger), nullptr);
}

}  // namespace
}  // namespace demarc::lcore
