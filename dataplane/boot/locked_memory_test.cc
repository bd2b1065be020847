#include "dataplane/boot/locked_memory.h"

#include <array>
#include <cstring>
#include <utility>

#include <gtest/gtest.h>

namespace demarc::boot {
namespace {

const std::array<std::byte, 3> secret = {std::byte{'k'}, std::byte{'e'}, std::byte{'y'}};

TEST(LockedMemory, IsACopy) {
  const LockedMemory memory(secret);
  ASSERT_TRUE(memory.is_valid());
  ASSERT_EQ(memory.octets().size(), secret.size());
  EXPECT_EQ(std::memcmp(memory.octets().data(), secret.data(), secret.size()), 0);
  EXPECT_NE(memory.octets().data(), secret.data());
}

TEST(LockedMemory, MovesWithoutCopying) {
  LockedMemory first(secret);
  const std::byte* where = first.octets().data();
  const LockedMemory second(std::move(first));
  EXPECT_EQ(second.octets().data(), where);
}

TEST(LockedMemory, NothingIsNotValid) {
  EXPECT_FALSE(LockedMemory().is_valid());
  EXPECT_FALSE(LockedMemory(std::span<const std::byte>()).is_valid());
}

}  // namespace
}  // namespace demarc::boot
