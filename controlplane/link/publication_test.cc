// What a link publishes, and what it keeps of it.
#include <gtest/gtest.h>

#include "controlplane/link/link_harness.h"
#include "controlplane/link/platform_file.h"
#include "controlplane/link/publication.h"
#include "controlplane/link/targets.h"

namespace demarc::link {
namespace {

TEST(PlatformFile, IsOfOneStartOfTheDataplaneOnly) {
  const Directory directory;
  const Blob blob = make_set("").blob(SectionKind::platform);
  EXPECT_TRUE(load_platform(directory.path, 5).empty());
  save_platform(directory.path, 5, blob);
  EXPECT_EQ(load_platform(directory.path, 5), blob);
  EXPECT_TRUE(load_platform(directory.path, 6).empty());
  save_platform(directory.path, 5, make_set("").blob(SectionKind::realms));
  EXPECT_TRUE(load_platform(directory.path, 5).empty()) << "another kind";
  std::ofstream(directory.path + "/platform.section", std::ios::trunc) << "12345678garbage";
  EXPECT_TRUE(load_platform(directory.path, 0x3837363534333231).empty()) << "no section";
}

TEST(Targets, KeepTheHealthOfWhatStaysAndRetireTheRest) {
  std::vector<std::byte> memory(contract::Region::octets_needed(sizes) + 64);
  void* aligned = memory.data();
  size_t space = memory.size();
  ASSERT_NE(std::align(64, contract::Region::octets_needed(sizes), aligned, space), nullptr);
  const contract::Region region =
      contract::Region::create({static_cast<std::byte*>(aligned), space}, sizes, 1);
  SectionSet set = make_set("");
  set.targets.push_back({contract::TargetId{99}, {}});  // beyond the table: skipped
  write_targets(region, set.targets);
  contract::Target target = set.targets[0].target;
  target.health = contract::TargetHealth::up;
  contract::TargetRow& row = region.target(contract::TargetId{1});
  row.store(target);
  const uint64_t version = row.version();
  write_targets(region, set.targets);
  EXPECT_EQ(row.version(), version);
  set.targets[0].target.endpoint.port = 5062;
  write_targets(region, set.targets);
  ASSERT_TRUE(row.load(target));
  EXPECT_EQ(target.health, contract::TargetHealth::unknown);
  EXPECT_EQ(target.endpoint.port, 5062);
  retire_targets(region, {});
  ASSERT_TRUE(row.load(target));
  EXPECT_EQ(target.health, contract::TargetHealth::unused);
  const uint64_t retired = row.version();
  retire_targets(region, {});
  EXPECT_EQ(row.version(), retired);
}

TEST(Publication, KnowsWhatItTookAndSecretsByTheirHash) {
  SectionSet set = make_set("one");
  Publication publication;
  EXPECT_EQ(publication.changed(set).size(), 4u);
  for (const SectionKind kind : publication.changed(set)) {
    publication.accepted(kind, set.blob(kind));
  }
  EXPECT_TRUE(publication.changed(set).empty());
  // A key of the same length.
  set.blob(SectionKind::secrets).back() ^= std::byte{1};
  EXPECT_EQ(publication.changed(set), std::vector{SectionKind::secrets});
  set.blob(SectionKind::secrets).back() ^= std::byte{1};
  EXPECT_TRUE(publication.changed(set).empty());
}

TEST(Blob, WipingLeavesZeros) {
  Blob blob(std::vector<std::byte>(64, std::byte{7}));
  blob.wipe();
  EXPECT_EQ(blob, Blob(std::vector<std::byte>(64)));
}

}  // namespace
}  // namespace demarc::link
