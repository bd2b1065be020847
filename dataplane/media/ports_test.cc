#include "dataplane/media/ports.h"

#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "tests/support/media_world.h"

namespace demarc::media {
namespace {

using namespace support;

using contract::Duration;
using contract::IpAddress;

const IpAddress first = IpAddress::v4(192, 0, 2, 1);
const IpAddress second = IpAddress::v4(192, 0, 2, 2);
const IpAddress third = IpAddress::v4(192, 0, 2, 3);

struct Harness {
  explicit Harness(uint32_t addresses = 4, uint16_t workers = 1, contract::WorkerIndex worker = 0)
      : limits{addresses, worker, workers, Duration::seconds(5)},
        memory(Ports::octets_needed(limits)),
        arena(memory.span()),
        ports(arena, limits) {}
  void adopt(const std::vector<TestRealm>& realms) {
    const std::vector<std::byte> section = realm_section(realms);
    ports.adopt(*reinterpret_cast<const contract::RealmSection*>(section.data()));
  }
  std::vector<PortPair> take_all(unsigned realm, contract::Instant now) {
    std::vector<PortPair> pairs;
    for (PortPair pair = ports.acquire(realm_id(realm), now); pair.is_set();
         pair = ports.acquire(realm_id(realm), now)) {
      pairs.push_back(pair);
    }
    return pairs;
  }

  Ports::Limits limits;
  Memory memory;
  memory::Arena arena;
  Ports ports;
};

// One address holds at most 32,000 pairs or so; what needs more has a whole network of them.
TEST(Ports, ANetworkOf256AddressesIsOneRealm) {
  Harness harness(256, 2, 1);
  std::vector<IpAddress> network;
  for (unsigned i = 0; i < 256; ++i) {
    network.push_back(IpAddress::v4(192, 0, 2, static_cast<uint8_t>(i)));
  }
  harness.adopt({{network, 16384, 32767}});
  EXPECT_EQ(harness.ports.refused_addresses(), 0u);
  // Every other block of 256 ports is this worker's.
  const uint32_t pairs = 256 * 8192 / 2;
  EXPECT_EQ(harness.ports.free_pairs(realm_id(0)), pairs);
  std::vector<unsigned> taken(256);
  std::vector<PortPair> bound;
  for (unsigned i = 0; i < 2560; ++i) {
    const PortPair pair = harness.ports.acquire(realm_id(0), at_ms(0));
    ASSERT_TRUE(pair.is_set());
    ++taken[harness.ports.address_of(pair).bound.octets[15]];
    harness.ports.bind(pair, pair.rtp_port, i);
    bound.push_back(pair);
  }
  // In turn: each gets its share.
  for (const unsigned count : taken) EXPECT_EQ(count, 10u);
  for (unsigned i = 0; i < bound.size(); ++i) {
    EXPECT_EQ(harness.ports.find(harness.ports.address_of(bound[i]).bound, bound[i].rtp_port), i);
  }
}

TEST(Ports, GivesEachEvenPortOfTheRangeOnce) {
  Harness harness;
  harness.adopt({{{first}, 1000, 2001}});
  EXPECT_EQ(harness.ports.free_pairs(realm_id(0)), 501u);
  std::set<uint16_t> seen;
  for (const PortPair& pair : harness.take_all(0, at_ms(0))) {
    EXPECT_EQ(pair.rtp_port % 2, 0);
    EXPECT_GE(pair.rtp_port, 1000);
    EXPECT_LE(pair.rtp_port, 2000);
    EXPECT_TRUE(seen.insert(pair.rtp_port).second);
  }
  EXPECT_EQ(seen.size(), 501u);
  EXPECT_EQ(harness.ports.free_pairs(realm_id(0)), 0u);
  EXPECT_FALSE(harness.ports.acquire(realm_id(0), at_ms(0)).is_set());
}

TEST(Ports, ReachesTheHighestPort) {
  Harness harness;
  harness.adopt({{{first}, 65530, 65535}});
  const auto pairs = harness.take_all(0, at_ms(0));
  ASSERT_EQ(pairs.size(), 3u);
  EXPECT_EQ(pairs.back().rtp_port, 65534);
}

TEST(Ports, HoldsAReleasedPairBackForTheQuarantine) {
  Harness harness;
  harness.adopt({{{first}, 2000, 2001}});
  PortPair pair = harness.ports.acquire(realm_id(0), at_ms(0));
  ASSERT_TRUE(pair.is_set());
  harness.ports.release(pair, at_ms(1000));
  EXPECT_FALSE(pair.is_set());
  EXPECT_EQ(harness.ports.free_pairs(realm_id(0)), 1u);
  EXPECT_FALSE(harness.ports.acquire(realm_id(0), at_ms(1000)).is_set());
  EXPECT_FALSE(harness.ports.acquire(realm_id(0), at_ms(5999)).is_set());
  EXPECT_EQ(harness.ports.acquire(realm_id(0), at_ms(6001)).rtp_port, 2000);
}

TEST(Ports, GivesTheLeastRecentlyUsedPairFirst) {
  Harness harness;
  harness.adopt({{{first}, 2000, 2007}});
  auto pairs = harness.take_all(0, at_ms(0));
  ASSERT_EQ(pairs.size(), 4u);
  const uint16_t order[] = {pairs[2].rtp_port, pairs[0].rtp_port, pairs[3].rtp_port};
  harness.ports.release(pairs[2], at_ms(1));
  harness.ports.release(pairs[0], at_ms(2));
  harness.ports.release(pairs[3], at_ms(3));
  for (const uint16_t port : order) {
    EXPECT_EQ(harness.ports.acquire(realm_id(0), at_ms(60'000)).rtp_port, port);
  }
}

TEST(Ports, NeverUsedPairsComeBeforeReleasedOnes) {
  Harness harness;
  harness.adopt({{{first}, 2000, 2003}});
  PortPair pair = harness.ports.acquire(realm_id(0), at_ms(0));
  harness.ports.release(pair, at_ms(0));
  EXPECT_EQ(harness.ports.acquire(realm_id(0), at_ms(60'000)).rtp_port, 2002);
  EXPECT_EQ(harness.ports.acquire(realm_id(0), at_ms(60'000)).rtp_port, 2000);
}

TEST(Ports, GoesRoundTheAddressesOfARealm) {
  Harness harness;
  harness.adopt({{{first, second, third}, 2000, 2003}});
  std::set<uint16_t> rows;
  for (int i = 0; i < 3; ++i) rows.insert(harness.ports.acquire(realm_id(0), at_ms(0)).address);
  EXPECT_EQ(rows.size(), 3u);
  EXPECT_EQ(harness.take_all(0, at_ms(0)).size(), 3u);
}

TEST(Ports, AnAddressThatIsWantedComesFirstAsLongAsItHasPorts) {
  Harness harness;
  harness.adopt({{{first, second, third}, 2000, 2003}});
  for (int i = 0; i < 2; ++i) {
    const PortPair pair = harness.ports.acquire(realm_id(0), at_ms(0), second);
    EXPECT_EQ(harness.ports.address_of(pair).bound, second);
  }
  const PortPair pair = harness.ports.acquire(realm_id(0), at_ms(0), second);
  ASSERT_TRUE(pair.is_set());
  EXPECT_NE(harness.ports.address_of(pair).bound, second);
}

TEST(Ports, AnAddressOfAnotherRealmOrOfNobodyIsNotWanted) {
  Harness harness;
  harness.adopt({{{first}, 2000, 2003}, {{second}, 2000, 2003}});
  for (const IpAddress& wanted : {second, third}) {
    const PortPair pair = harness.ports.acquire(realm_id(0), at_ms(0), wanted);
    ASSERT_TRUE(pair.is_set());
    EXPECT_EQ(harness.ports.address_of(pair).bound, first);
  }
}

TEST(Ports, TwoWorkersShareNoPortAndTogetherHaveAll) {
  std::set<uint16_t> seen;
  for (contract::WorkerIndex worker = 0; worker < 3; ++worker) {
    Harness harness(1, 3, worker);
    harness.adopt({{{first}, 1026, 65535}});
    const uint32_t free = harness.ports.free_pairs(realm_id(0));
    const auto pairs = harness.take_all(0, at_ms(0));
    EXPECT_EQ(pairs.size(), free);
    for (const PortPair& pair : pairs) {
      EXPECT_EQ(owner_of_port(pair.rtp_port, 3), worker);
      EXPECT_TRUE(seen.insert(pair.rtp_port).second);
    }
  }
  EXPECT_EQ(seen.size(), (65536u - 1026u) / 2);
}

TEST(Ports, AWorkerWithoutABlockInTheRangeHasNone) {
  Harness harness(1, 4, 3);
  harness.adopt({{{first}, 1024, 1535}});  // blocks 4 and 5: workers 0 and 1
  EXPECT_EQ(harness.ports.free_pairs(realm_id(0)), 0u);
  EXPECT_FALSE(harness.ports.acquire(realm_id(0), at_ms(0)).is_set());
}

TEST(Ports, FindsWhatWasBoundAndNothingElse) {
  Harness harness(4, 2, 1);
  harness.adopt({{{first, second}, 1024, 65535}});
  const PortPair pair = harness.ports.acquire(realm_id(0), at_ms(0));
  const IpAddress address = harness.ports.address_of(pair).bound;
  const uint16_t rtcp_port = static_cast<uint16_t>(pair.rtp_port + 1);
  harness.ports.bind(pair, pair.rtp_port, 7);
  harness.ports.bind(pair, rtcp_port, 0);
  EXPECT_EQ(harness.ports.find(address, pair.rtp_port), 7u);
  EXPECT_EQ(harness.ports.find(address, rtcp_port), 0u);
  EXPECT_EQ(harness.ports.find(address == first ? second : first, pair.rtp_port), Ports::no_value);
  EXPECT_EQ(harness.ports.find(third, pair.rtp_port), Ports::no_value);
  EXPECT_EQ(Ports::value_at(harness.ports.begin_find(address, pair.rtp_port)), 7u);
  EXPECT_EQ(Ports::value_at(harness.ports.begin_find(third, pair.rtp_port)), Ports::no_value);
  unsigned found = 0;
  for (unsigned port = 0; port < 65536; ++port) {
    if (harness.ports.find(address, static_cast<uint16_t>(port)) != Ports::no_value) ++found;
  }
  EXPECT_EQ(found, 2u);
  harness.ports.bind(pair, pair.rtp_port, Ports::no_value);
  EXPECT_EQ(harness.ports.find(address, pair.rtp_port), Ports::no_value);
}

TEST(Ports, HoldsAWholeNetworkOfAddresses) {
  Harness harness(256, 64, 5);
  TestRealm realm{{}, 1024, 65535};
  for (unsigned i = 0; i < 256; ++i) {
    realm.addresses.push_back(IpAddress::v4(198, 51, 100, static_cast<uint8_t>(i)));
  }
  harness.adopt({realm});
  EXPECT_EQ(harness.ports.refused_addresses(), 0u);
  std::set<IpAddress> seen;
  for (uint32_t i = 0; i < 256; ++i) {
    const PortPair pair = harness.ports.acquire(realm_id(0), at_ms(0));
    ASSERT_TRUE(pair.is_set());
    harness.ports.bind(pair, pair.rtp_port, i);
    EXPECT_EQ(harness.ports.find(harness.ports.address_of(pair).bound, pair.rtp_port), i);
    seen.insert(harness.ports.address_of(pair).bound);
  }
  EXPECT_EQ(seen.size(), 256u);
}

TEST(Ports, AnAddressKeepsItsPairsWhenItsRealmIsRenumbered) {
  Harness harness;
  harness.adopt({{{first}, 2000, 2003}, {{second}, 2000, 2003}});
  PortPair pair = harness.ports.acquire(realm_id(1), at_ms(0));
  harness.ports.bind(pair, pair.rtp_port, 9);
  harness.adopt({{{second}, 2000, 2003}});
  EXPECT_EQ(harness.ports.find(second, pair.rtp_port), 9u);
  EXPECT_EQ(harness.ports.free_pairs(realm_id(0)), 1u);
  EXPECT_NE(harness.ports.acquire(realm_id(0), at_ms(0)).rtp_port, pair.rtp_port);
  EXPECT_FALSE(harness.ports.acquire(realm_id(1), at_ms(0)).is_set());
}

TEST(Ports, AnAddressOutOfForceGivesNoPairsButKeepsThoseInUse) {
  Harness harness(2);
  harness.adopt({{{first}, 2000, 2007}});
  PortPair pair = harness.ports.acquire(realm_id(0), at_ms(0));
  harness.ports.bind(pair, pair.rtp_port, 9);
  harness.adopt({{{second}, 2000, 2007}});
  EXPECT_EQ(harness.ports.find(first, pair.rtp_port), 9u);
  EXPECT_EQ(harness.ports.address_of(pair).bound, first);
  for (const PortPair& other : harness.take_all(0, at_ms(0))) {
    EXPECT_EQ(harness.ports.address_of(other).bound, second);
  }
}

TEST(Ports, QuarantineOutlivesAnAddressThatGoesAndComesBack) {
  Harness harness(2);
  harness.adopt({{{first}, 2000, 2001}});
  PortPair pair = harness.ports.acquire(realm_id(0), at_ms(0));
  harness.adopt({{{second}, 2000, 2001}});
  harness.ports.release(pair, at_ms(10));
  harness.adopt({{{first}, 2000, 2001}});
  EXPECT_FALSE(harness.ports.acquire(realm_id(0), at_ms(20)).is_set());
  EXPECT_TRUE(harness.ports.acquire(realm_id(0), at_ms(6000)).is_set());
}

TEST(Ports, ARowIsGivenAwayOnlyWhenNothingUsesIt) {
  Harness harness(1);
  harness.adopt({{{first}, 2000, 2007}});
  PortPair pair = harness.ports.acquire(realm_id(0), at_ms(0));
  harness.adopt({{{second}, 2000, 2007}});
  EXPECT_EQ(harness.ports.refused_addresses(), 1u);
  EXPECT_FALSE(harness.ports.acquire(realm_id(0), at_ms(0)).is_set());
  harness.ports.release(pair, at_ms(0));
  harness.adopt({{{second}, 2000, 2007}});
  EXPECT_EQ(harness.ports.refused_addresses(), 0u);
  EXPECT_EQ(harness.take_all(0, at_ms(0)).size(), 4u);
  EXPECT_EQ(harness.ports.find(first, 2000), Ports::no_value);
}

TEST(Ports, AnotherRangeKeepsLivePairsAndForgetsTheRest) {
  Harness harness;
  harness.adopt({{{first}, 2000, 2007}});
  auto pairs = harness.take_all(0, at_ms(0));
  ASSERT_EQ(pairs.size(), 4u);
  harness.ports.release(pairs[0], at_ms(0));  // 2000, out of the new range
  harness.ports.release(pairs[2], at_ms(0));  // 2004, inside
  harness.adopt({{{first}, 2004, 2009}});
  EXPECT_EQ(harness.ports.free_pairs(realm_id(0)), 2u);
  harness.ports.release(pairs[1], at_ms(0));  // 2002, out of the new range
  EXPECT_EQ(harness.ports.free_pairs(realm_id(0)), 2u);
  EXPECT_EQ(harness.ports.acquire(realm_id(0), at_ms(60'000)).rtp_port, 2008);
  EXPECT_EQ(harness.ports.acquire(realm_id(0), at_ms(60'000)).rtp_port, 2004);
  EXPECT_FALSE(harness.ports.acquire(realm_id(0), at_ms(60'000)).is_set());
  harness.adopt({{{first}, 2000, 2009}});
  EXPECT_EQ(harness.take_all(0, at_ms(60'000)).size(), 2u);  // 2000 and 2002 are there again
}

TEST(Ports, AnAddressIsOfTheFirstRealmThatListsIt) {
  Harness harness;
  harness.adopt({{{first}, 2000, 2003}, {{first, second}, 3000, 3003}});
  EXPECT_EQ(harness.ports.refused_addresses(), 1u);
  EXPECT_EQ(harness.ports.free_pairs(realm_id(0)), 2u);
  EXPECT_EQ(harness.ports.free_pairs(realm_id(1)), 2u);
}

TEST(Ports, SkipsRealmsThatWereRemoved) {
  Harness harness;
  TestRealm hole{{first}, 2000, 2003};
  hole.port = contract::NicPortId::none;
  harness.adopt({hole, {{second}, 2000, 2003}});
  EXPECT_FALSE(harness.ports.acquire(realm_id(0), at_ms(0)).is_set());
  EXPECT_TRUE(harness.ports.acquire(realm_id(1), at_ms(0)).is_set());
}

TEST(Ports, AnUnknownRealmHasNone) {
  Harness harness;
  harness.adopt({{{first}, 2000, 2003}});
  EXPECT_FALSE(harness.ports.acquire(realm_id(1), at_ms(0)).is_set());
  EXPECT_FALSE(harness.ports.acquire(contract::RealmId::none, at_ms(0)).is_set());
  EXPECT_EQ(harness.ports.free_pairs(contract::RealmId::none), 0u);
}

TEST(PortsDeathTest, RefusesASecondRelease) {
  Harness harness;
  harness.adopt({{{first}, 2000, 2003}});
  PortPair pair = harness.ports.acquire(realm_id(0), at_ms(0));
  PortPair again = pair;
  harness.ports.release(pair, at_ms(0));
  EXPECT_DEATH(harness.ports.release(again, at_ms(0)), "in_use_");
}

}  // namespace
}  // namespace demarc::media
