#include "dataplane/call/mint.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace demarc::call {
namespace {

constexpr contract::NameKeys keys = {{1, 2}, {3, 4}};
constexpr SipHashKey seed = {5, 6};

TEST(Mint, GivesNamesThatAreOfItsWorker) {
  for (const unsigned workers : {1u, 2u, 3u, 7u}) {
    for (unsigned worker = 0; worker < workers; ++worker) {
      Mint mint(keys, static_cast<contract::WorkerIndex>(worker), workers, seed);
      for (unsigned i = 0; i < 100; ++i) EXPECT_EQ(mint.owner_of(mint.name().view()), worker);
    }
  }
}

TEST(Mint, SpreadsNamesOverTheBucketsOfItsWorker) {
  Mint mint(keys, 1, 4, seed);
  std::set<contract::Bucket> buckets;
  for (unsigned i = 0; i < 5'000; ++i) {
    const auto bucket = contract::bucket_of_name(keys, mint.name().view());
    ASSERT_TRUE(bucket.has_value());
    buckets.insert(*bucket);
  }
  EXPECT_EQ(buckets.size(), contract::bucket_count / 4);
}

TEST(Mint, GivesOneBranchForTheSameHashes) {
  const Mint mint(keys, 1, 4, seed);
  const std::string branch(mint.branch_of({7, 8}).view());
  EXPECT_EQ(branch, mint.branch_of({7, 8}).view());
  EXPECT_NE(branch, mint.branch_of({7, 9}).view());
  EXPECT_EQ(mint.owner_of(branch.substr(sip::magic_cookie.size())), 1);
}

}  // namespace
}  // namespace demarc::call
