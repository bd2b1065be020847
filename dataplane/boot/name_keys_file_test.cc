#include "dataplane/boot/name_keys_file.h"
#include "tests/support/temporary_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include <gtest/gtest.h>

namespace demarc::boot {
namespace {

using contract::NameKeys;

bool is_same(const NameKeys& a, const NameKeys& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

TEST(NameKeysFile, KeysSurviveARestart) {
  const support::TemporaryDirectory directory;
  NameKeys first{};
  NameKeys second{};
  wire::Explanation why;
  ASSERT_TRUE(load_or_make_name_keys(directory.fd(), first, why)) << why.c_str();
  ASSERT_TRUE(load_or_make_name_keys(directory.fd(), second, why)) << why.c_str();
  EXPECT_TRUE(is_same(first, second));
  EXPECT_FALSE(is_same(first, NameKeys{}));
}

TEST(NameKeysFile, OnlyTheOwnerCanReadIt) {
  const support::TemporaryDirectory directory;
  NameKeys keys;
  wire::Explanation why;
  ASSERT_TRUE(load_or_make_name_keys(directory.fd(), keys, why));
  struct stat status {};
  ASSERT_EQ(::stat(directory.path(name_keys_file).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST(NameKeysFile, AFileThatOthersCanReadIsRefused) {
  const support::TemporaryDirectory directory;
  NameKeys keys;
  wire::Explanation why;
  ASSERT_TRUE(load_or_make_name_keys(directory.fd(), keys, why));
  ASSERT_EQ(::chmod(directory.path(name_keys_file).c_str(), 0644), 0);
  EXPECT_FALSE(load_or_make_name_keys(directory.fd(), keys, why));
  EXPECT_NE(why.view().find("chmod"), std::string_view::npos);
}

TEST(NameKeysFile, ADamagedFileIsRefusedAndNotReplaced) {
  const support::TemporaryDirectory directory;
  const std::string path = directory.path(name_keys_file);
  std::ofstream(path) << "not forty octets of keys";
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  NameKeys keys;
  wire::Explanation why;
  EXPECT_FALSE(load_or_make_name_keys(directory.fd(), keys, why));
  EXPECT_NE(why.view().find("damaged"), std::string_view::npos);
  EXPECT_EQ(std::filesystem::file_size(path), 24u);
}

TEST(NameKeysFile, TwoDirectoriesHaveDifferentKeys) {
  const support::TemporaryDirectory one;
  const support::TemporaryDirectory other;
  NameKeys first{};
  NameKeys second{};
  wire::Explanation why;
  ASSERT_TRUE(load_or_make_name_keys(one.fd(), first, why));
  ASSERT_TRUE(load_or_make_name_keys(other.fd(), second, why));
  EXPECT_FALSE(is_same(first, second));
}

}  // namespace
}  // namespace demarc::boot
