// What a database that is broken, of another shape, or not to be opened now does to changes.
#include <sys/resource.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include "controlplane/change/change_harness.h"

namespace demarc::change {
namespace {

TEST_F(ChangeTest, ABrokenDatabaseIsSetAsideAndNothingStops) {
  start();
  apply(text_with("5070"));
  changes.reset();
  write(options.state_directory + "/revisions.db", "this is no database at all");
  write(options.state_directory + "/credentials.json", "{");
  start();
  EXPECT_EQ(port_in_force(), 5070u);
  EXPECT_EQ(changes->running().revision, 1u);
  EXPECT_EQ(apply(text_with("5080")).verdict, Verdict::good);
  unsigned aside = 0;
  for (const auto& entry : std::filesystem::directory_iterator(options.state_directory)) {
    aside += entry.path().string().find(".broken-") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(aside, 2u);
}

TEST_F(ChangeTest, ADatabaseThatCanNotBeOpenedNowKeepsItsRevisions) {
  start();
  apply(text_with("5070", "other"));
  changes.reset();
  const std::string path = options.state_directory + "/revisions.db";
  const std::string octets = read(path);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none{3, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  {
    const Store store(path);
    EXPECT_FALSE(store.is_lasting());
    EXPECT_FALSE(store.newest());
  }
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(read(path), octets);
  // Somewhere else for a time: its credentials wait for it.
  std::filesystem::rename(path, path + ".away");
  std::filesystem::create_directory(path);
  start();
  EXPECT_EQ(changes->running().revision, 1u);
  changes.reset();
  std::filesystem::remove(path);
  std::filesystem::rename(path + ".away", path);
  start();
  EXPECT_EQ(changes->running().revision, 2u);
  EXPECT_EQ(changes->roll_back(1, {"ann", "", 0, 0}).verdict, Verdict::good);
  EXPECT_EQ(read(options.config_file), text_with("5060"));
}

TEST_F(ChangeTest, ADatabaseOfAnotherShapeIsSetAside) {
  start();
  changes.reset();
  const std::string path = options.state_directory + "/revisions.db";
  std::filesystem::remove(path);
  {
    SQLite::Database other(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    other.exec("CREATE TABLE revisions (number INTEGER)");
  }
  EXPECT_TRUE(Store(path).is_lasting());
  start();
  EXPECT_EQ(changes->running().revision, 1u);
}

TEST_F(ChangeTest, ADamagedDatabaseIsFoundByItsCheck) {
  start();
  for (int i = 0; i < 8; ++i) {
    apply("# " + std::string(2000, 'x') + "\n" + text_with(std::to_string(5061 + i)));
  }
  changes.reset();
  const std::string path = options.state_directory + "/revisions.db";
  std::string octets = read(path);
  ASSERT_GT(octets.size(), 8192u);
  for (size_t i = 4096; i < octets.size(); i += 7) octets[i] = static_cast<char>(octets[i] ^ 0x55);
  write(path, octets);
  start();
  EXPECT_EQ(changes->running().revision, 1u);
}

}  // namespace
}  // namespace demarc::change
