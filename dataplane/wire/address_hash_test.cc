#include "dataplane/wire/address_hash.h"

#include <gtest/gtest.h>

#include <vector>

namespace demarc::wire {
namespace {

TEST(AddressHash, SpreadsNeighbouringAddresses) {
  constexpr unsigned slots = 16384, addresses = 8192;
  std::vector<unsigned> used(slots);
  unsigned most = 0;
  for (unsigned i = 0; i < addresses; ++i) {
    const auto address =
        contract::IpAddress::v4(10, 0, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i));
    unsigned& count = used[address_hash(address, 0) % slots];
    most = ++count > most ? count : most;
  }
  // A random function would reach about 6.
  EXPECT_LE(most, 10u);
}

TEST(AddressHash, TellsSegmentsApart) {
  const auto address = contract::IpAddress::v4(10, 0, 0, 1);
  EXPECT_NE(address_hash(address, 1), address_hash(address, 2));
}

}  // namespace
}  // namespace demarc::wire
