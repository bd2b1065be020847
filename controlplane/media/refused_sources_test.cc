#include "controlplane/media/refused_sources.h"

#include <gtest/gtest.h>

namespace demarc::media_report {
namespace {

constexpr contract::RegionSizes sizes = {2, 8, 4, 4, 64, 2};

struct Directory {
  Directory()
      : octets(contract::Region::octets_needed(sizes)),
        memory(new (std::align_val_t(64)) std::byte[octets]()),
        region(contract::Region::create({memory, octets}, sizes, 1)) {}
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() { ::operator delete[](memory, std::align_val_t(64)); }

  static void refuse(contract::MediaSummary& media, uint8_t last_octet, uint32_t packets) {
    media.drops[static_cast<unsigned>(contract::MediaDrop::wrong_source)] = packets;
    media.refused = {contract::IpAddress::v4(203, 0, 113, last_octet), 4000};
  }
  void store(const contract::DirectoryRow& row, uint32_t slot) {
    region.directory(row.worker, contract::CallSlot{slot}).store(row);
  }

  size_t octets;
  std::byte* memory;
  contract::Region region;
};

TEST(RefusedSources, AreFoundInEachMLineOfLiveCalls) {
  Directory directory;
  contract::DirectoryRow row;
  row.phase = contract::CallPhase::answered;
  row.worker = 1;
  row.serial = 42;
  row.media[1].media_index = 1;
  Directory::refuse(row.media[1], 9, 17);
  contract::StreamRow further;
  further.serial = 42;
  Directory::refuse(further.media[0], 8, 3);
  directory.region.stream(1, 5).store(further);
  row.further[0] = 6;
  directory.store(row, 7);
  row.phase = contract::CallPhase::none;  // it is over
  directory.store(row, 2);
  const std::vector<RefusedSource> all = refused_sources(directory.region);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].stream, "1-42/1/1");
  EXPECT_EQ(all[0].address, "203.0.113.9");
  EXPECT_EQ(all[0].packets, 17u);
  EXPECT_EQ(all[1].stream, "1-42/0/0");
  EXPECT_EQ(all[1].address, "203.0.113.8");
}

TEST(RefusedSources, WhatRefusedNobodyIsNone) {
  Directory directory;
  contract::DirectoryRow row;
  row.phase = contract::CallPhase::answered;
  directory.store(row, 0);
  EXPECT_TRUE(refused_sources(directory.region).empty());
}

}  // namespace
}  // namespace demarc::media_report
