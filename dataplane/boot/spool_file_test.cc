#include "dataplane/boot/spool_file.h"
#include "tests/support/temporary_directory.h"

#include <unistd.h>

#include <cstring>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>

namespace demarc::boot {
namespace {

using contract::CallRecord;
using contract::SpoolHeader;

CallRecord record(uint64_t sequence) {
  CallRecord made;
  made.sequence = sequence;
  return made;
}

SpoolFile open_in(const support::TemporaryDirectory& directory) {
  wire::Explanation why;
  SpoolFile spool = SpoolFile::open(directory.fd(), why);
  EXPECT_TRUE(spool.is_open()) << why.c_str();
  return spool;
}

// The sequences of the records that a control plane reads from it.
std::vector<uint64_t> sequences_in(const SpoolFile& spool) {
  const contract::FileDescriptor reader = spool.make_reader();
  std::vector<uint64_t> sequences;
  SpoolHeader header;
  const SpoolHeader expected;
  EXPECT_EQ(::read(reader.get(), &header, sizeof header), static_cast<ssize_t>(sizeof header));
  EXPECT_EQ(header.magic, expected.magic);
  CallRecord one;
  while (::read(reader.get(), &one, sizeof one) == static_cast<ssize_t>(sizeof one)) {
    sequences.push_back(one.sequence);
  }
  return sequences;
}

TEST(SpoolFile, IsEmptyAtFirst) {
  const support::TemporaryDirectory directory;
  const SpoolFile spool = open_in(directory);
  EXPECT_EQ(spool.octets(), 0u);
  EXPECT_TRUE(sequences_in(spool).empty());
}

TEST(SpoolFile, RecordsSurviveBeingOpenedAgain) {
  const support::TemporaryDirectory directory;
  {
    SpoolFile spool = open_in(directory);
    const CallRecord records[] = {record(1), record(2)};
    EXPECT_EQ(spool.append(records), 2u);
  }
  SpoolFile spool = open_in(directory);
  EXPECT_EQ(spool.octets(), sizeof(SpoolHeader) + 2 * sizeof(CallRecord));
  const CallRecord more[] = {record(3)};
  EXPECT_EQ(spool.append(more), 1u);
  EXPECT_EQ(sequences_in(spool), (std::vector<uint64_t>{1, 2, 3}));
}

TEST(SpoolFile, ATornTailIsCutOff) {
  const support::TemporaryDirectory directory;
  {
    SpoolFile spool = open_in(directory);
    const CallRecord records[] = {record(1), record(2)};
    ASSERT_EQ(spool.append(records), 2u);
  }
  const std::string path = directory.path(SpoolFile::name);
  ASSERT_EQ(::truncate(path.c_str(), sizeof(SpoolHeader) + 2 * sizeof(CallRecord) - 1), 0);
  SpoolFile spool = open_in(directory);
  EXPECT_EQ(spool.octets(), sizeof(SpoolHeader) + sizeof(CallRecord));
  EXPECT_EQ(std::filesystem::file_size(path), spool.octets());
  const CallRecord more[] = {record(3)};
  EXPECT_EQ(spool.append(more), 1u);
  EXPECT_EQ(sequences_in(spool), (std::vector<uint64_t>{1, 3}));
}

TEST(SpoolFile, ATornHeaderStartsOver) {
  const support::TemporaryDirectory directory;
  std::ofstream(directory.path(SpoolFile::name)) << "SP";
  const SpoolFile spool = open_in(directory);
  EXPECT_EQ(spool.octets(), 0u);
  EXPECT_TRUE(sequences_in(spool).empty());
}

TEST(SpoolFile, AFileOfAnotherLayoutIsSetAside) {
  const support::TemporaryDirectory directory;
  const std::string content = "another layout's header and records";
  std::ofstream(directory.path(SpoolFile::name)) << content;
  const SpoolFile spool = open_in(directory);
  EXPECT_EQ(spool.octets(), 0u);
  std::ifstream aside(directory.path(SpoolFile::set_aside_name));
  const std::string kept((std::istreambuf_iterator<char>(aside)), {});
  EXPECT_EQ(kept, content);
}

TEST(SpoolFile, ASecondOneOfAnotherLayoutDoesNotReplaceTheFirst) {
  const support::TemporaryDirectory directory;
  const std::string contents[] = {"the first one's header and records", "the second one's as well",
                                  "and those of a third"};
  for (const std::string& content : contents) {
    std::ofstream(directory.path(SpoolFile::name), std::ios::trunc) << content;
    EXPECT_EQ(open_in(directory).octets(), 0u);
  }
  const std::string first = SpoolFile::set_aside_name;
  const std::string names[] = {first, first + ".1", first + ".2"};
  for (unsigned i = 0; i < 3; ++i) {
    std::ifstream aside(directory.path(names[i].c_str()));
    const std::string kept((std::istreambuf_iterator<char>(aside)), {});
    EXPECT_EQ(kept, contents[i]) << names[i];
  }
}

TEST(SpoolFile, TakesNoMoreThanItsLimit) {
  const support::TemporaryDirectory directory;
  SpoolFile spool = open_in(directory);
  spool.set_limit(sizeof(SpoolHeader) + 2 * sizeof(CallRecord) + 1);
  EXPECT_FALSE(spool.is_full());
  const CallRecord records[] = {record(1), record(2), record(3)};
  EXPECT_EQ(spool.append(records), 2u);
  EXPECT_TRUE(spool.is_full());
  EXPECT_EQ(spool.append(records), 0u);
  EXPECT_FALSE(spool.has_failed());
}

TEST(SpoolFile, ClearingMakesRoom) {
  const support::TemporaryDirectory directory;
  SpoolFile spool = open_in(directory);
  spool.set_limit(sizeof(SpoolHeader) + sizeof(CallRecord));
  const CallRecord first[] = {record(1)};
  ASSERT_EQ(spool.append(first), 1u);
  ASSERT_TRUE(spool.clear());
  EXPECT_EQ(spool.octets(), 0u);
  const CallRecord second[] = {record(2)};
  EXPECT_EQ(spool.append(second), 1u);
  EXPECT_EQ(sequences_in(spool), (std::vector<uint64_t>{2}));
}

TEST(SpoolFile, TheReaderCanNotWrite) {
  const support::TemporaryDirectory directory;
  const SpoolFile spool = open_in(directory);
  const contract::FileDescriptor reader = spool.make_reader();
  ASSERT_TRUE(reader.is_open());
  EXPECT_EQ(::write(reader.get(), "x", 1), -1);
}

TEST(SpoolFile, AnUnusableDirectoryIsExplained) {
  wire::Explanation why;
  const SpoolFile spool = SpoolFile::open(-1, why);
  EXPECT_FALSE(spool.is_open());
  EXPECT_NE(why.view(), "");
}

}  // namespace
}  // namespace demarc::boot
