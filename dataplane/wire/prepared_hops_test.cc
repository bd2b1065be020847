#include "dataplane/wire/prepared_hops.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace demarc::wire {
namespace {

constexpr Adjacency row{{{2, 0, 0, 0, 0, 1}}, {{2, 0, 0, 0, 0, 2}}, AdjacencyState::usable};
constexpr AdjacencyIndex first{5};

std::vector<uint8_t> written(const PreparedHops::Hop& hop, uint8_t first_octet) {
  std::vector<uint8_t> buffer(64, 0xee);
  uint8_t* l3 = &buffer[32];
  *l3 = first_octet;
  const uint8_t* begin = write_prepared(hop, l3);
  EXPECT_EQ(*l3, first_octet);
  return {begin, static_cast<const uint8_t*>(l3)};
}
std::vector<uint8_t> expected(uint16_t vlan, uint16_t ethertype) {
  std::vector<uint8_t> buffer(32);
  uint8_t* l3 = &buffer[24];
  const uint8_t* begin = write_ethernet(l3, row.destination, row.source, vlan, ethertype);
  return {begin, static_cast<const uint8_t*>(l3)};
}

TEST(PreparedHops, WritesTheHeaderOfEitherFamily) {
  PreparedHops hops;
  for (const uint16_t vlan : {uint16_t{0}, uint16_t{7}}) {
    hops.prepare(first, row, {{contract::NicPortId{1}, vlan}, 1500});
    const PreparedHops::Hop* hop = hops.find(first);
    ASSERT_NE(hop, nullptr);
    EXPECT_EQ(hop->port, 1);
    EXPECT_EQ(hop->mtu, 1500);
    EXPECT_EQ(written(*hop, 0x45), expected(vlan, ethertype_ipv4));
    EXPECT_EQ(written(*hop, 0x60), expected(vlan, ethertype_ipv6));
  }
}

TEST(PreparedHops, ForgetsWhenARowChanges) {
  PreparedHops hops;
  hops.follow(1);
  EXPECT_EQ(hops.find(first), nullptr);
  hops.prepare(first, row, {{contract::NicPortId{0}, 0}, 1500});
  EXPECT_NE(hops.find(first), nullptr);
  hops.follow(2);
  EXPECT_EQ(hops.find(first), nullptr);
}

TEST(PreparedHops, KeepsNeighboursApart) {
  PreparedHops hops;
  hops.prepare(first, row, {{contract::NicPortId{0}, 0}, 1500});
  const auto other = static_cast<AdjacencyIndex>(5 + PreparedHops::capacity);
  EXPECT_EQ(hops.find(other), nullptr);
  hops.prepare(other, row, {{contract::NicPortId{0}, 0}, 1500});
  EXPECT_NE(hops.find(other), nullptr);
  EXPECT_EQ(hops.find(first), nullptr);
  EXPECT_EQ(hops.find(AdjacencyIndex::none), nullptr);
}

}  // namespace
}  // namespace demarc::wire
