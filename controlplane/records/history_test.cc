#include "controlplane/records/history.h"

#include <gtest/gtest.h>

#include <fstream>

#include "controlplane/records/record_json.h"
#include "controlplane/runtime/files.h"
#include "controlplane/runtime/wall_clock.h"
#include "tests/support/temporary_directory.h"

namespace demarc::records {
namespace {

std::string line_of(uint64_t sequence, uint64_t started_unix_s, const char* called) {
  contract::CallRecord record;
  record.boot_id = 1;
  record.sequence = sequence;
  record.from = contract::TrunkId{0};
  record.from_name.assign("pbx");
  record.called.assign(called);
  record.calling.assign("+49");
  record.started_unix_ns = started_unix_s * 1'000'000'000;
  record.status_code = 404;
  return json_line(record);
}

TEST(History, HasTheCallsSinceATimeOldestFirst) {
  const support::TemporaryDirectory directory;
  std::ofstream(directory.path("records-20240501T093000.125Z.jsonl"))
      << line_of(1, 1000, "1") << line_of(2, 2000, "2");
  std::ofstream(directory.path("records.jsonl"))
      << line_of(3, 3000, "3") << "garbage\n"
      << line_of(4, 1500, "old") << line_of(5, 4000, "torn").substr(0, 50);
  const History history = read_history(directory.path(), 2000, 10);
  ASSERT_EQ(history.calls.size(), 2u);
  EXPECT_EQ(history.calls[0].called, "2");
  EXPECT_EQ(history.calls[0].from, "pbx");
  EXPECT_EQ(history.calls[0].calling, "+49");
  EXPECT_EQ(history.calls[0].started_unix_s, 2000u);
  EXPECT_EQ(history.calls[0].status_code, 404u);
  EXPECT_EQ(history.calls[0].id, "0000000000000001/0/2");
  EXPECT_EQ(history.calls[1].called, "3");
  EXPECT_EQ(history.unreadable, 1u);
  const History newest = read_history(directory.path(), 0, 2);
  ASSERT_EQ(newest.calls.size(), 2u);
  EXPECT_EQ(newest.calls[0].called, "3");
  EXPECT_EQ(newest.left_out, 2u);
}

TEST(History, LeavesOutWhatNobodyDialled) {
  const support::TemporaryDirectory directory;
  contract::CallRecord record;
  record.from = contract::TrunkId{0};
  record.from_name.assign("pbx");
  record.called.assign("1");
  record.started_unix_ns = 1'000'000'000;
  record.transfer = contract::TransferPart::target;
  std::ofstream(directory.path("records.jsonl")) << json_line(record);
  EXPECT_TRUE(read_history(directory.path(), 0, 10).calls.empty());
}

TEST(History, OfADirectoryThatIsNotThereIsAnError) {
  EXPECT_THROW(read_history("/nowhere/at/all", 0, 10), runtime::FileError);
}

TEST(UtcText, IsReadAsItWasWritten) {
  EXPECT_EQ(runtime::parse_utc_text("2024-05-01T09:30:00.125Z"), 1714555800125000000u);
  EXPECT_EQ(runtime::parse_utc_text(runtime::utc_text(1714555800999000000u)), 1714555800999000000u);
  for (const char* text : {"", "2024-05-01", "2024-05-01T09:30:00Z", "2024-05-01T09:30:00.125",
                           "2024-05-01T09:30:00.125Zx", "1950-01-01T00:00:00.000Z"}) {
    EXPECT_FALSE(runtime::parse_utc_text(text)) << text;
  }
}

}  // namespace
}  // namespace demarc::records
