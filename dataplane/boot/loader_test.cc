#include "dataplane/boot/loader.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include <gtest/gtest.h>

#include "dataplane/boot/test_sections.h"

namespace demarc::boot {
namespace {

using contract::FileDescriptor;
using contract::IpAddress;
using contract::SectionKind;
using test::Blob;

constexpr IpAddress address = IpAddress::v4(203, 0, 113, 1);
constexpr IpAddress other_address = IpAddress::v4(203, 0, 113, 9);

class LoaderTest : public testing::Test {
 protected:
  bool take(SectionKind kind, uint64_t generation, const Blob& blob, const FileDescriptor& fd) {
    return loader_.take(fd, {.kind = kind, .generation = generation, .octets = blob.size()}, why_);
  }
  bool take(SectionKind kind, uint64_t generation, const Blob& blob) {
    return take(kind, generation, blob, test::sealed(blob));
  }
  void take_all(uint64_t generation, unsigned trunk_count) {
    if (loader_.platform() == nullptr) {
      ASSERT_TRUE(take(SectionKind::platform, 1, test::platform({}))) << why_.c_str();
    }
    ASSERT_TRUE(take(SectionKind::realms, generation, test::realms(generation, address)));
    ASSERT_TRUE(take(SectionKind::trunks, generation, test::trunks(generation, trunk_count)));
    ASSERT_TRUE(take(SectionKind::routes, generation, test::routes(generation, trunk_count)));
  }
  void publish_first() {
    take_all(1, 2);
    ASSERT_TRUE(loader_.publish(1, why_)) << why_.c_str();
  }
  bool says(std::string_view words) { return why_.view().find(words) != std::string_view::npos; }

  contract::SnapshotCell cell_;
  Loader loader_{cell_};
  wire::Explanation why_;
};

TEST_F(LoaderTest, PublishesASnapshotOfAllSections) {
  publish_first();
  const contract::Snapshot* snapshot = cell_.load();
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(snapshot->generation, 1u);
  EXPECT_EQ(snapshot->realm(contract::RealmId{0}).address, address);
  EXPECT_EQ(snapshot->trunks->trunks.count, 2u);
  EXPECT_EQ(snapshot->secrets, nullptr);
  ASSERT_EQ(loader_.local_addresses().size(), 1u);
  EXPECT_EQ(loader_.local_addresses()[0].address, address);
}

TEST_F(LoaderTest, ASectionThatDidNotChangeNeedNotComeAgain) {
  publish_first();
  ASSERT_TRUE(take(SectionKind::realms, 2, test::realms(2, other_address)));
  ASSERT_TRUE(loader_.publish(2, why_)) << why_.c_str();
  EXPECT_EQ(cell_.load()->realm(contract::RealmId{0}).address, other_address);
  EXPECT_EQ(cell_.load()->trunks->trunks.count, 2u);
}

TEST_F(LoaderTest, ThePreviousSnapshotStaysReadableUntilItIsRetired) {
  publish_first();
  const contract::Snapshot* before = cell_.load();
  ASSERT_TRUE(take(SectionKind::realms, 2, test::realms(2, other_address)));
  ASSERT_TRUE(loader_.publish(2, why_));
  EXPECT_EQ(before->realm(contract::RealmId{0}).address, address);
  loader_.retire();
  EXPECT_EQ(cell_.load()->realm(contract::RealmId{0}).address, other_address);
}

TEST_F(LoaderTest, AddressesThatWentAwayAreKeptForTheCallsOnThem) {
  publish_first();
  ASSERT_TRUE(take(SectionKind::realms, 2, test::realms(2, other_address)));
  ASSERT_TRUE(loader_.publish(2, why_));
  ASSERT_EQ(loader_.local_addresses().size(), 2u);
  EXPECT_EQ(loader_.local_addresses()[0].address, other_address);
  EXPECT_EQ(loader_.local_addresses()[1].address, address);
}

TEST_F(LoaderTest, ThePlatformComesFirst) {
  EXPECT_FALSE(take(SectionKind::realms, 1, test::realms(1, address)));
  EXPECT_TRUE(says("platform"));
}

TEST_F(LoaderTest, ThePlatformComesOnlyOnce) {
  ASSERT_TRUE(take(SectionKind::platform, 1, test::platform({})));
  EXPECT_FALSE(take(SectionKind::platform, 1, test::platform({})));
  EXPECT_TRUE(says("restart"));
}

TEST_F(LoaderTest, AMissingSectionIsNamed) {
  ASSERT_TRUE(take(SectionKind::platform, 1, test::platform({})));
  ASSERT_TRUE(take(SectionKind::realms, 1, test::realms(1, address)));
  EXPECT_FALSE(loader_.publish(1, why_));
  EXPECT_TRUE(says("trunks"));
  EXPECT_EQ(cell_.load(), nullptr);
}

TEST_F(LoaderTest, ABrokenSectionIsRefusedAndWhatIsInForceStays) {
  publish_first();
  Blob broken = test::realms(2, other_address);
  reinterpret_cast<contract::RealmSection*>(broken.data())->realms.offset = 0xfffffff8;
  EXPECT_FALSE(take(SectionKind::realms, 2, broken));
  EXPECT_TRUE(says("bad_array"));
  EXPECT_EQ(cell_.load()->generation, 1u);
}

TEST_F(LoaderTest, AGenerationWithARefusedSectionIsNotPublished) {
  publish_first();
  Blob broken = test::trunks(2, 1);
  reinterpret_cast<contract::TrunkSection*>(broken.data())->header.magic = 0;
  ASSERT_TRUE(take(SectionKind::realms, 2, test::realms(2, other_address)));
  EXPECT_FALSE(take(SectionKind::trunks, 2, broken));
  EXPECT_FALSE(loader_.publish(2, why_));
  EXPECT_TRUE(says("refused"));
  EXPECT_EQ(cell_.load()->generation, 1u);
  // Nothing of it is left for the next one.
  ASSERT_TRUE(loader_.publish(3, why_)) << why_.c_str();
  EXPECT_EQ(cell_.load()->realm(contract::RealmId{0}).address, address);
}

TEST_F(LoaderTest, SectionsThatDoNotFitTogetherAreRefused) {
  publish_first();
  ASSERT_TRUE(take(SectionKind::trunks, 2, test::trunks(2, 1)));
  EXPECT_FALSE(loader_.publish(2, why_));
  EXPECT_TRUE(says("routes"));
  EXPECT_EQ(cell_.load()->generation, 1u);
}

TEST_F(LoaderTest, ReferencesAreCheckedAgainstTheOtherSections) {
  ASSERT_TRUE(take(SectionKind::platform, 1, test::platform({.trunk_capacity = 1})));
  ASSERT_TRUE(take(SectionKind::realms, 1, test::realms(1, address)));
  EXPECT_FALSE(take(SectionKind::trunks, 1, test::trunks(1, 2)));
  EXPECT_TRUE(says("bad_reference"));
}

TEST_F(LoaderTest, AnOldGenerationIsRefused) {
  publish_first();
  EXPECT_FALSE(loader_.publish(1, why_));
  EXPECT_TRUE(says("not above"));
}

TEST_F(LoaderTest, AnUnsealedSectionIsRefused) {
  const Blob blob = test::platform({});
  EXPECT_FALSE(take(SectionKind::platform, 1, blob, test::writable(blob)));
  EXPECT_TRUE(says("sealed"));
}

TEST_F(LoaderTest, ASectionOfAnotherKindOrGenerationThanAnnouncedIsRefused) {
  ASSERT_TRUE(take(SectionKind::platform, 1, test::platform({})));
  EXPECT_FALSE(take(SectionKind::trunks, 1, test::realms(1, address)));
  EXPECT_FALSE(take(SectionKind::realms, 2, test::realms(1, address)));
  EXPECT_TRUE(says("announced"));
}

TEST_F(LoaderTest, AKindThatIsUnknownIsRefused) {
  EXPECT_FALSE(take(SectionKind{99}, 1, test::realms(1, address)));
  EXPECT_TRUE(says("upgrade the dataplane"));
}

TEST_F(LoaderTest, ALayoutThatIsUnknownSaysWhichSideToUpgrade) {
  Blob newer = test::platform({});
  reinterpret_cast<contract::SectionHeader*>(newer.data())->layout = contract::layout_version + 1;
  EXPECT_FALSE(take(SectionKind::platform, 1, newer));
  EXPECT_TRUE(says("upgrade the dataplane"));
}

TEST_F(LoaderTest, AnImpossibleSizeIsRefused) {
  const Blob blob = test::platform({});
  const FileDescriptor fd = test::sealed(blob);
  EXPECT_FALSE(loader_.take(fd, {SectionKind::platform, 1, 0}, why_));
  EXPECT_FALSE(loader_.take(fd, {SectionKind::platform, 1, LoadedSection::max_octets + 1}, why_));
  EXPECT_FALSE(loader_.take(fd, {SectionKind::platform, 1, blob.size() + 4096}, why_));
  EXPECT_FALSE(loader_.take(FileDescriptor(), {SectionKind::platform, 1, blob.size()}, why_));
}

TEST_F(LoaderTest, SecretsAreCopiedAndZeroedWhereTheyCame) {
  take_all(1, 2);
  const Blob blob = test::secrets(1, "hush");
  const FileDescriptor fd = test::writable(blob);
  ASSERT_TRUE(take(SectionKind::secrets, 1, blob, fd)) << why_.c_str();
  const contract::Mapping mapping(fd, blob.size(), false);
  EXPECT_TRUE(std::all_of(mapping.octets().begin(), mapping.octets().end(),
                          [](std::byte octet) { return octet == std::byte{}; }));
  ASSERT_TRUE(loader_.publish(1, why_)) << why_.c_str();
  const contract::SecretSection* secrets = cell_.load()->secrets;
  ASSERT_NE(secrets, nullptr);
  const auto rows = elements(secrets->header, secrets->secrets);
  EXPECT_EQ(text(secrets->header, rows[0].password), "hush");
}

TEST_F(LoaderTest, SecretsThatCouldShrinkAreRefused) {
  take_all(1, 2);
  const Blob blob = test::secrets(1, "hush");
  const FileDescriptor fd(::memfd_create("section", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  ASSERT_EQ(::write(fd.get(), blob.data(), blob.size()), static_cast<ssize_t>(blob.size()));
  EXPECT_FALSE(take(SectionKind::secrets, 1, blob, fd));
  EXPECT_TRUE(says("sealed")) << why_.c_str();
  ASSERT_EQ(::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK), 0);
  EXPECT_FALSE(take(SectionKind::secrets, 1, blob, fd));
  ASSERT_EQ(::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_GROW), 0);
  EXPECT_TRUE(take(SectionKind::secrets, 1, blob, fd)) << why_.c_str();
}

TEST_F(LoaderTest, WhatAControlPlaneLeftUnpublishedIsDropped) {
  publish_first();
  ASSERT_TRUE(take(SectionKind::realms, 2, test::realms(2, other_address)));
  loader_.drop_pending();
  ASSERT_TRUE(loader_.publish(2, why_));
  EXPECT_EQ(cell_.load()->realm(contract::RealmId{0}).address, address);
}

TEST_F(LoaderTest, AFailedPlatformMayBeReplaced) {
  ASSERT_TRUE(take(SectionKind::platform, 1, test::platform({})));
  loader_.forget_platform();
  EXPECT_EQ(loader_.platform(), nullptr);
  EXPECT_TRUE(take(SectionKind::platform, 1, test::platform({.workers = 2})));
  EXPECT_EQ(loader_.platform()->workers, 2);
}

}  // namespace
}  // namespace demarc::boot
