#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "controlplane/runtime/files.h"
#include "controlplane/runtime/process.h"
#include "controlplane/runtime/suggest.h"
#include "controlplane/runtime/wakeup.h"
#include "controlplane/runtime/wall_clock.h"

namespace demarc::runtime {
namespace {

std::string temporary_directory() {
  std::string path = std::filesystem::temp_directory_path() / "demarc-runtime-XXXXXX";
  EXPECT_NE(::mkdtemp(path.data()), nullptr);
  return path;
}

TEST(EditDistance, CountsSingleChanges) {
  EXPECT_EQ(edit_distance("realm", "realm"), 0u);
  EXPECT_EQ(edit_distance("realm", "relm"), 1u);
  EXPECT_EQ(edit_distance("realm", "raelm"), 1u);
  EXPECT_EQ(edit_distance("realm", "realms"), 1u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
}

TEST(Nearest, FindsTheMeantWordAndNothingForAStranger) {
  constexpr std::array<std::string_view, 3> known = {"status", "calls", "trunks"};
  EXPECT_EQ(nearest("cals", known), "calls");
  EXPECT_EQ(nearest("trunk", known), "trunks");
  EXPECT_EQ(nearest("xyzzy", known), "");
  EXPECT_EQ(nearest(std::string(5000, 'a'), known), "");
  EXPECT_EQ(did_you_mean("statsu", known), ", did you mean \"status\"?");
  EXPECT_EQ(did_you_mean("qqq", known), "");
}

TEST(WallClock, PrintsRfc3339WithMilliseconds) {
  EXPECT_EQ(utc_text(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(utc_text(1'714'555'800'125'999'999), "2024-05-01T09:30:00.125Z");
}

TEST(Files, ReplaceIsReadBackAndPrivate) {
  const std::string directory = temporary_directory();
  const std::string path = directory + "/state.json";
  EXPECT_FALSE(read_file(path, 100).has_value());
  replace_file(path, "one");
  replace_file(path, "two");
  EXPECT_EQ(read_file(path, 100), "two");
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  EXPECT_THROW(read_file(path, 2), FileError);
  EXPECT_THROW(read_file(directory, 100), FileError);
  EXPECT_THROW(replace_file(directory + "/none/x", "y"), FileError);
  std::filesystem::remove_all(directory);
}

TEST(Files, AUsersFileKeepsItsModeOwnerAndLink) {
  const std::string directory = temporary_directory();
  const std::string path = directory + "/real";
  replace_users_file(path, "one");
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  const bool is_root = ::geteuid() == 0;
  if (is_root) {
    ASSERT_EQ(::chown(path.c_str(), 1234, 4321), 0);
  }
  std::filesystem::create_symlink("real", directory + "/link");
  replace_users_file(directory + "/link", "two");
  EXPECT_TRUE(std::filesystem::is_symlink(directory + "/link"));
  EXPECT_EQ(read_file(path, 100), "two");
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0640u);
  if (is_root) {
    EXPECT_EQ(status.st_uid, 1234u);
    EXPECT_EQ(status.st_gid, 4321u);
  }
  std::filesystem::remove_all(directory);
}

TEST(Files, MakesNestedDirectoriesAndSaysWhenItCanNot) {
  const std::string directory = temporary_directory();
  make_directory(directory + "/a/b");
  EXPECT_TRUE(std::filesystem::is_directory(directory + "/a/b"));
  std::ofstream(directory + "/file") << "x";
  EXPECT_THROW(make_directory(directory + "/file/c"), FileError);
  std::filesystem::remove_all(directory);
}

TEST(FileLock, IsHeldOnceAndFreeAgain) {
  const std::string directory = temporary_directory();
  {
    const FileLock held(directory + "/lock");
    EXPECT_THROW(FileLock(directory + "/lock"), FileError);
  }
  EXPECT_NO_THROW(FileLock(directory + "/lock"));
  EXPECT_THROW(FileLock(directory + "/none/lock"), FileError);
  std::filesystem::remove_all(directory);
}

TEST(Wakeup, WakesAPollOnceAndClears) {
  Wakeup wakeup;
  EXPECT_FALSE(wait_for(-1, wakeup, 0).is_woken);
  wakeup.wake();
  wakeup.wake();
  EXPECT_TRUE(wait_for(-1, wakeup, -1).is_woken);
  wakeup.clear();
  EXPECT_FALSE(wait_for(-1, wakeup, 0).is_woken);
}

TEST(Wakeup, ReportsAReadableDescriptor) {
  Wakeup wakeup;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_FALSE(wait_for(ends[0], wakeup, 0).is_readable);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  EXPECT_TRUE(wait_for(ends[0], wakeup, -1).is_readable);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(UnixUser, IsOurselvesOnOurOwnSocketPair) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  UnixUser user{};
  ASSERT_TRUE(user_of_socket(ends[0], user));
  EXPECT_EQ(user.uid, ::geteuid());
  EXPECT_TRUE(may_use_api(user));
  EXPECT_FALSE(user_of_socket(-1, user));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(UnixUser, RefusesAStranger) {
  EXPECT_TRUE(may_use_api({0, 0}));
  EXPECT_FALSE(may_use_api({4'000'000, 4'000'000}));
}

}  // namespace
}  // namespace demarc::runtime
