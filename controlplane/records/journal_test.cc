// The journal, and the records that it has seen.
#include "controlplane/records/journal.h"

#include <signal.h>
#include <sys/resource.h>

#include "controlplane/records/records_harness.h"

namespace demarc::records {
namespace {

TEST(SeenRecords, KnowsEachWorkerOfEachStartByItself) {
  SeenRecords seen;
  seen.add({7, 0, 5});
  EXPECT_TRUE(seen.has({7, 0, 5}));
  EXPECT_TRUE(seen.has({7, 0, 1}));
  EXPECT_FALSE(seen.has({7, 0, 6}));
  EXPECT_FALSE(seen.has({7, 1, 1}));
  EXPECT_FALSE(seen.has({8, 0, 1}));
  seen.add({7, 0, 2});
  EXPECT_TRUE(seen.has({7, 0, 5}));
  SeenRecords copy;
  ASSERT_TRUE(copy.add_json(seen.to_json()));
  EXPECT_TRUE(copy.has({7, 0, 5}));
  EXPECT_FALSE(copy.has({7, 0, 6}));
  EXPECT_FALSE(copy.add_json("{\"seen\":[{}]}"));
  EXPECT_FALSE(copy.add_json("nonsense"));
}

TEST(SeenRecords, ForgetsTheOldestStartsFirst) {
  SeenRecords seen;
  for (uint64_t boot = 1; boot <= SeenRecords::limit + 1; ++boot) seen.add({boot, 0, 1});
  EXPECT_FALSE(seen.has({1, 0, 1}));
  EXPECT_TRUE(seen.has({2, 0, 1}));
}

TEST(Journal, WritesEachRecordOnce) {
  const Directory directory;
  Journal journal({directory.path});
  EXPECT_EQ(journal.append(std::vector{make_record(1), make_record(2)}), 2u);
  EXPECT_EQ(journal.append(std::vector{make_record(2), make_record(3)}), 1u);
  EXPECT_EQ(lines_of(directory.path + "/records.jsonl").size(), 3u);
}

TEST(Journal, TellsOfEachRecordOnceItIsDurable) {
  const Directory directory;
  std::vector<std::pair<uint64_t, size_t>> told;  // sequence, lines in the file
  JournalOptions options{directory.path};
  options.written = [&](const CallRecord& record) {
    told.emplace_back(record.sequence, lines_of(directory.path + "/records.jsonl").size());
  };
  Journal journal(options);
  journal.append(std::vector{make_record(1), make_record(2)});
  journal.append(std::vector{make_record(2), make_record(3)});
  EXPECT_EQ(told, (std::vector<std::pair<uint64_t, size_t>>{{1, 2}, {2, 2}, {3, 3}}));
}

TEST(Journal, KnowsWhatAnEarlierProcessWrote) {
  const Directory directory;
  { EXPECT_EQ(Journal({directory.path}).append(std::vector{make_record(1), make_record(2)}), 2u); }
  Journal journal({directory.path});
  EXPECT_EQ(journal.append(std::vector{make_record(1), make_record(2), make_record(3)}), 1u);
}

TEST(Journal, CutsATornLastLineOffWhereverItWasTorn) {
  const std::string whole = json_line(make_record(1));
  const std::string torn = json_line(make_record(2));
  for (size_t length = 0; length < torn.size(); length += 31) {
    const Directory directory;
    std::ofstream(directory.path + "/records.jsonl") << whole << torn.substr(0, length);
    Journal journal({directory.path});
    EXPECT_EQ(content(directory.path + "/records.jsonl"), whole) << length;
    EXPECT_EQ(journal.append(std::vector{make_record(1), make_record(2)}), 1u) << length;
    EXPECT_EQ(content(directory.path + "/records.jsonl"), whole + torn) << length;
  }
  // All but the line feed: still torn.
  const Directory directory;
  std::ofstream(directory.path + "/records.jsonl") << whole << torn.substr(0, torn.size() - 1);
  Journal journal({directory.path});
  EXPECT_EQ(content(directory.path + "/records.jsonl"), whole);
}

TEST(Journal, CutsTheZeroesOfALostPageOff) {
  const Directory directory;
  const std::string whole = json_line(make_record(1));
  std::ofstream(directory.path + "/records.jsonl") << whole << std::string(4096, '\0') << "\n";
  Journal journal({directory.path});
  EXPECT_EQ(content(directory.path + "/records.jsonl"), whole);
}

TEST(Journal, RotatesAndStillKnowsTheRecordsThatLeft) {
  const Directory directory;
  const JournalOptions options = {directory.path, 2000};
  {
    Journal journal(options);
    for (uint64_t sequence = 1; sequence <= 20; ++sequence) {
      EXPECT_EQ(journal.append(std::vector{make_record(sequence)}), 1u);
    }
  }
  EXPECT_TRUE(std::filesystem::exists(directory.path + "/records.state.json"));
  EXPECT_LT(lines_of(directory.path + "/records.jsonl").size(), 20u);
  Journal journal(options);
  for (uint64_t sequence = 1; sequence <= 20; ++sequence) {
    EXPECT_EQ(journal.append(std::vector{make_record(sequence)}), 0u);
  }
  EXPECT_EQ(all_lines(directory.path).size(), 20u);
}

TEST(Journal, ACrashBetweenStateAndRenameRepeatsNothing) {
  const Directory directory;
  const std::string line = json_line(make_record(1));
  SeenRecords seen;
  seen.add({7, 0, 1});
  runtime::replace_file(directory.path + "/records.state.json", seen.to_json());
  std::ofstream(directory.path + "/records.jsonl") << line;
  Journal journal({directory.path});
  EXPECT_EQ(journal.append(std::vector{make_record(1), make_record(2)}), 1u);
}

// Root may read everything, so a loop of links stands for a file that can not be opened, and a
// directory for one that can not be read.
TEST(Journal, AFileThatCanNotBeReadIsNotTakenForEmpty) {
  const Directory looped;
  std::filesystem::create_symlink("records.jsonl", looped.path + "/records.jsonl");
  EXPECT_THROW(Journal({looped.path}), runtime::FileError);
  const Directory unreadable;
  std::filesystem::create_directory(unreadable.path + "/records.jsonl");
  try {
    Journal journal({unreadable.path});
    FAIL() << "a directory was opened";
  } catch (const runtime::FileError& error) {
    EXPECT_NE(std::string(error.what()).find("can not read"), std::string::npos) << error.what();
  }
}

TEST(Journal, ReportsADirectoryThatCanNotBe) {
  EXPECT_THROW(Journal({"/proc/none"}), runtime::FileError);
}

// A file size limit stands for a disk that is full: the write ends in the middle.
TEST(Journal, AFullDiskLeavesWholeRecordsAndTheSameAppendSucceedsLater) {
  const Directory directory;
  Journal journal({directory.path});
  ASSERT_EQ(journal.append(std::vector{make_record(1)}), 1u);
  const std::string before = content(directory.path + "/records.jsonl");
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &usual), 0);
  const rlimit tight = {before.size() + 100, usual.rlim_max};
  ::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  EXPECT_THROW(static_cast<void>(journal.append(std::vector{make_record(2)})), runtime::FileError);
  EXPECT_THROW(static_cast<void>(journal.append(std::vector{make_record(2)})), runtime::FileError);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &usual), 0);
  EXPECT_EQ(journal.append(std::vector{make_record(1), make_record(2)}), 1u);
  EXPECT_EQ(content(directory.path + "/records.jsonl"), before + json_line(make_record(2)));
}

TEST(Journal, ProbesTheDiskWithoutATrace) {
  const Directory directory;
  const Journal journal({directory.path});
  journal.probe();
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &usual), 0);
  const rlimit tight = {1000, usual.rlim_max};
  ::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  EXPECT_THROW(journal.probe(), runtime::FileError);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &usual), 0);
  for (const auto& entry : std::filesystem::directory_iterator(directory.path)) {
    EXPECT_EQ(entry.path().filename(), "records.jsonl");
  }
}

}  // namespace
}  // namespace demarc::records
