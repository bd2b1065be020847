#include "dataplane/wire/fib.h"

#include <gtest/gtest.h>

#include <memory>

#include "dataplane/wire/local_addresses.h"

namespace demarc::wire {
namespace {

using contract::IpAddress;

constexpr Segment inside{contract::NicPortId{0}, 0};
constexpr Segment outside{contract::NicPortId{1}, 0};

IpAddress address(const char* text) {
  return *contract::parse_address(text);
}
FibRoute route(const char* prefix, unsigned length, const char* gateway, Segment segment,
               uint32_t metric = 0) {
  FibRoute result;
  result.prefix = address(prefix);
  result.prefix_length = static_cast<uint8_t>(length + (result.prefix.is_v4() ? 96 : 0));
  if (gateway != nullptr) result.gateway = address(gateway);
  result.segment = segment;
  result.metric = metric;
  return result;
}

class FibTest : public testing::Test {
 protected:
  FibTest() {
    EXPECT_TRUE(fib_->add_route(route("0.0.0.0", 0, "192.0.2.254", outside)));
    EXPECT_TRUE(fib_->add_route(route("192.0.2.0", 24, nullptr, outside)));
    EXPECT_TRUE(fib_->add_route(route("10.0.0.0", 8, "10.1.1.1", inside)));
    EXPECT_TRUE(fib_->add_route(route("10.1.1.0", 24, nullptr, inside)));
    EXPECT_TRUE(fib_->add_route(route("::", 0, "2001:db8::fe", outside)));
  }
  IpAddress hop(Segment segment, const char* destination) const {
    return fib_->next_hop(segment, address(destination)).address;
  }
  std::unique_ptr<FibTable> fib_ = std::make_unique<FibTable>();
};

TEST_F(FibTest, SendsOnLinkDirectly) {
  EXPECT_EQ(hop(outside, "192.0.2.77"), address("192.0.2.77"));
  EXPECT_EQ(hop(inside, "10.1.1.9"), address("10.1.1.9"));
}

TEST_F(FibTest, SendsTheRestToTheGateway) {
  EXPECT_EQ(hop(outside, "198.51.100.1"), address("192.0.2.254"));
  EXPECT_EQ(hop(inside, "10.9.9.9"), address("10.1.1.1"));
  EXPECT_EQ(hop(outside, "2001:db8:5::1"), address("2001:db8::fe"));
}

TEST_F(FibTest, NeverLeavesTheSegmentOfTheRealm) {
  EXPECT_FALSE(fib_->next_hop(inside, address("198.51.100.1")).is_set());
  EXPECT_FALSE(fib_->next_hop(inside, address("2001:db8:5::1")).is_set());
  EXPECT_EQ(fib_->next_hop(outside, address("10.1.1.9")).segment, outside);
}

TEST_F(FibTest, KeepsFamiliesApart) {
  EXPECT_TRUE(fib_->remove_route(route("0.0.0.0", 0, "192.0.2.254", outside)));
  EXPECT_FALSE(fib_->next_hop(outside, address("198.51.100.1")).is_set());
}

TEST_F(FibTest, PrefersTheLowerMetric) {
  ASSERT_TRUE(fib_->add_route(route("198.51.100.0", 24, "192.0.2.10", outside, 200)));
  ASSERT_TRUE(fib_->add_route(route("198.51.100.0", 24, "192.0.2.11", outside, 100)));
  EXPECT_EQ(hop(outside, "198.51.100.1"), address("192.0.2.11"));
  ASSERT_TRUE(fib_->remove_route(route("198.51.100.0", 24, "192.0.2.11", outside, 100)));
  EXPECT_EQ(hop(outside, "198.51.100.1"), address("192.0.2.10"));
}

TEST_F(FibTest, AddsOnceAndRemovesWhatIsThere) {
  const uint16_t before = fib_->route_count;
  EXPECT_TRUE(fib_->add_route(route("10.1.1.0", 24, nullptr, inside)));
  EXPECT_EQ(fib_->route_count, before);
  EXPECT_FALSE(fib_->remove_route(route("10.2.0.0", 24, nullptr, inside)));
}

TEST_F(FibTest, RefusesNonsenseAndMoreThanItHolds) {
  FibRoute bad = route("10.1.1.0", 24, nullptr, inside);
  bad.prefix_length = 129;
  EXPECT_FALSE(fib_->add_route(bad));
  EXPECT_FALSE(fib_->add_route(route("10.1.1.0", 24, nullptr, Segment{})));
  EXPECT_FALSE(fib_->add_address({IpAddress{}, inside}));
  for (unsigned i = fib_->route_count; i < FibTable::max_routes; ++i) {
    ASSERT_TRUE(fib_->add_route(route("10.2.0.0", 16, nullptr, inside, i + 1)));
  }
  EXPECT_FALSE(fib_->add_route(route("10.3.0.0", 16, nullptr, inside)));
  for (unsigned i = 0; i < FibTable::max_addresses; ++i) {
    const IpAddress own =
        IpAddress::v4(10, 1, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i & 0xff));
    ASSERT_TRUE(fib_->add_address({own, inside}));
  }
  EXPECT_FALSE(fib_->add_address({IpAddress::v4(10, 9, 9, 9), inside}));
}

TEST(Prefix, ComparesWholeBits) {
  EXPECT_TRUE(is_in_prefix(address("2001:db8::1"), address("2001:db8::"), 32));
  EXPECT_FALSE(is_in_prefix(address("2001:db9::1"), address("2001:db8::"), 32));
  EXPECT_TRUE(is_in_prefix(address("2001:db9::1"), address("2001:db8::"), 31));
  EXPECT_TRUE(is_in_prefix(address("10.0.0.129"), address("10.0.0.128"), 96 + 25));
  EXPECT_FALSE(is_in_prefix(address("10.0.0.127"), address("10.0.0.128"), 96 + 25));
  EXPECT_FALSE(is_in_prefix(address("10.0.0.1"), address("10.0.0.2"), 128));
  EXPECT_TRUE(is_in_prefix(address("10.0.0.1"), address("10.0.0.2"), 0));
}

class LocalAddressesTest : public FibTest {
 protected:
  LocalAddressesTest() {
    configured_.count = 2;
    configured_.addresses[0] = {address("192.0.2.1"), outside};
    configured_.addresses[1] = {address("10.1.1.1"), inside};
    EXPECT_TRUE(fib_->add_address({address("192.0.2.1"), outside}));
    EXPECT_TRUE(fib_->add_address({address("192.0.2.9"), outside}));
  }
  ConfiguredAddresses configured_{};
  LocalAddresses local_;
};

TEST_F(LocalAddressesTest, ServesWhatIsConfiguredAndHeld) {
  local_.rebuild(configured_, *fib_, true);
  EXPECT_EQ(local_.owner(address("192.0.2.1"), outside), AddressOwner::workers);
  EXPECT_TRUE(local_.serves(address("192.0.2.1")));
}

TEST_F(LocalAddressesTest, LeavesTheRestToTheKernel) {
  local_.rebuild(configured_, *fib_, true);
  EXPECT_EQ(local_.owner(address("192.0.2.9"), outside), AddressOwner::kernel);
  EXPECT_EQ(local_.owner(address("224.0.0.18"), outside), AddressOwner::kernel);
}

TEST_F(LocalAddressesTest, DoesNotServeWhatTheKernelLost) {
  local_.rebuild(configured_, *fib_, true);
  EXPECT_EQ(local_.owner(address("10.1.1.1"), inside), AddressOwner::nobody);
  EXPECT_FALSE(local_.serves(address("10.1.1.1")));
  ASSERT_TRUE(fib_->remove_address({address("192.0.2.1"), outside}));
  local_.rebuild(configured_, *fib_, true);
  EXPECT_EQ(local_.owner(address("192.0.2.1"), outside), AddressOwner::nobody);
}

TEST_F(LocalAddressesTest, ServesARealmOnItsOwnSideOnly) {
  local_.rebuild(configured_, *fib_, true);
  EXPECT_EQ(local_.owner(address("192.0.2.1"), inside), AddressOwner::nobody);
}

TEST_F(LocalAddressesTest, AsksNoKernelWithoutATwin) {
  local_.rebuild(configured_, *fib_, false);
  EXPECT_EQ(local_.owner(address("10.1.1.1"), inside), AddressOwner::workers);
}

}  // namespace
}  // namespace demarc::wire
