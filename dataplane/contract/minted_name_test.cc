#include "dataplane/contract/minted_name.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "dataplane/contract/entropy.h"

namespace demarc::contract {
namespace {

constexpr NameKeys keys = {{1, 2}, {3, 4}};
constexpr std::string_view alphabet = "0123456789abcdefghijklmnopqrstuv";

TEST(MintedName, CarriesEveryBucket) {
  Entropy entropy({5, 6});
  for (unsigned bucket = 0; bucket < bucket_count; ++bucket) {
    const MintedName name = mint_name(keys, static_cast<Bucket>(bucket), entropy.next());
    const auto read = bucket_of_name(keys, name.view());
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(*read, bucket);
  }
}

TEST(MintedName, IsNeverTheSameTwice) {
  Entropy entropy({5, 6});
  std::set<std::string> names;
  for (unsigned i = 0; i < 1000; ++i) names.emplace(mint_name(keys, 7, entropy.next()).view());
  EXPECT_EQ(names.size(), 1000u);
}

TEST(MintedName, IsRefusedWhenOneBitDiffers) {
  Entropy entropy({5, 6});
  for (unsigned round = 0; round < 100; ++round) {
    const MintedName name = mint_name(keys, static_cast<Bucket>(round * 10), entropy.next());
    for (unsigned bit = 0; bit < MintedName::length * 5; ++bit) {
      std::string changed(name.view());
      char& c = changed[bit / 5];
      c = alphabet[alphabet.find(c) ^ (1u << bit % 5)];
      EXPECT_FALSE(bucket_of_name(keys, changed).has_value()) << "bit " << bit;
    }
  }
}

TEST(MintedName, IsRefusedUnderOtherKeysOrInAnotherForm) {
  Entropy entropy({5, 6});
  const std::string name(mint_name(keys, 7, entropy.next()).view());
  EXPECT_FALSE(bucket_of_name({{1, 3}, {3, 4}}, name).has_value());
  EXPECT_FALSE(bucket_of_name(keys, "").has_value());
  EXPECT_FALSE(bucket_of_name(keys, name.substr(1)).has_value());
  EXPECT_FALSE(bucket_of_name(keys, name + "0").has_value());
  for (const char c : {'A', 'w', '-', '\0', '\xff'}) {
    std::string changed = name;
    changed[5] = c;
    EXPECT_FALSE(bucket_of_name(keys, changed).has_value()) << c;
  }
}

// A stranger's guesses pass once in 2^41.
TEST(MintedName, GuessesAreRefused) {
  Entropy entropy({7, 8});
  for (unsigned i = 0; i < 10000; ++i) {
    std::string guess(MintedName::length, '0');
    for (char& c : guess) c = alphabet[entropy.next() % 32];
    EXPECT_FALSE(bucket_of_name(keys, guess).has_value());
  }
}

// Names of one bucket must not look alike where the bucket is written.
TEST(MintedName, HidesItsBucket) {
  Entropy entropy({5, 6});
  std::set<std::string> middles;
  for (unsigned i = 0; i < 200; ++i) {
    middles.emplace(mint_name(keys, 7, entropy.next()).view().substr(12, 3));
  }
  EXPECT_GT(middles.size(), 150u);
}

TEST(CallIdBucket, SpreadsEvenly) {
  constexpr unsigned each = 64;
  std::vector<unsigned> counts(bucket_count);
  for (unsigned i = 0; i < bucket_count * each; ++i) {
    ++counts[bucket_of_call_id(keys, "call-" + std::to_string(i) + "@192.0.2.1")];
  }
  // Standard deviation 8: five of them on either side.
  for (const unsigned count : counts) {
    EXPECT_GT(count, each - 40);
    EXPECT_LT(count, each + 40);
  }
}

TEST(CallIdBucket, DependsOnItsKey) {
  unsigned same = 0;
  for (unsigned i = 0; i < 1000; ++i) {
    const std::string call_id = std::to_string(i);
    const NameKeys others = {{1, 2}, {3, 5}};
    if (bucket_of_call_id(keys, call_id) == bucket_of_call_id(others, call_id)) ++same;
  }
  EXPECT_LT(same, 20u);
}

}  // namespace
}  // namespace demarc::contract
