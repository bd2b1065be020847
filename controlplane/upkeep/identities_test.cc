#include "controlplane/upkeep/identities.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace demarc::upkeep {
namespace {

TEST(Identities, WhatWasReservedForManyIsKeptWithOneWrite) {
  const std::string path = testing::TempDir() + "identities-" + std::to_string(::getpid());
  {
    Identities identities(path);
    for (const char* trunk : {"a", "b"}) identities.reserve(trunk, "sip:u@x", {trunk, 7, "tag"});
    EXPECT_FALSE(std::filesystem::exists(path));
    identities.flush();
  }
  const Identities again(path);
  for (const char* trunk : {"a", "b"}) {
    EXPECT_EQ(again.of(trunk, "sip:u@x").call_id, trunk);
    EXPECT_GT(again.of(trunk, "sip:u@x").cseq, 7u);
  }
  EXPECT_EQ(again.of("a", "sip:other@x").call_id, "");
  std::filesystem::remove(path);
}

// Registrations that began together use their numbers up together.
TEST(Identities, WhenOneNeedsAWriteAllGetNewNumbers) {
  const std::string path = testing::TempDir() + "identities-all-" + std::to_string(::getpid());
  std::vector<std::string> trunks;
  for (unsigned i = 0; i < 50; ++i) trunks.push_back("t" + std::to_string(i));
  {
    Identities identities(path);
    for (const std::string& trunk : trunks) identities.reserve(trunk, "sip:u@x", {trunk, 0, "tag"});
    identities.flush();
    for (uint32_t cseq = 1; cseq <= 1'000; ++cseq) {
      for (const std::string& trunk : trunks)
        identities.note(trunk, "sip:u@x", {trunk, cseq, "tag"});
    }
    EXPECT_LT(identities.writes(), 25u) << "of 50,000 requests";
  }
  const Identities again(path);
  for (const std::string& trunk : trunks) EXPECT_GE(again.of(trunk, "sip:u@x").cseq, 1'000u);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace demarc::upkeep
