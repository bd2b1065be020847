#include "controlplane/records/reader.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/support/temporary_directory.h"

namespace demarc::records {
namespace {

// A directory that can be opened is not yet a disk that takes more.
TEST(Reader, SaysThatRecordsCanBeWrittenOnceSomethingWas) {
  const support::TemporaryDirectory directory;
  const std::string path = directory.path("records");
  std::ofstream(path) << "in the way";
  events::Events events(0);
  link::Link link({directory.path("socket"), directory.path()}, events,
                  [](const link::DataplaneView&) { return link::SectionSet(); });
  Reader reader({path}, link, events);
  const auto until = [](const auto& is_so) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!is_so()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::yield();
    }
  };
  const auto written = [&events] {
    return events.counts()[static_cast<size_t>(events::Kind::records_written)];
  };
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &usual), 0);
  const rlimit tight = {1000, usual.rlim_max};
  ::signal(SIGXFSZ, SIG_IGN);
  reader.start();
  until([&] { return !reader.status().last_error.empty(); });
  const std::string first = reader.status().last_error;
  EXPECT_FALSE(reader.status().pending) << "nobody sees the rings";
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  std::filesystem::remove(path);
  until([&] { return reader.status().last_error != first; });
  EXPECT_NE(reader.status().last_error, "");
  EXPECT_EQ(written(), 0u);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &usual), 0);
  until([&] { return written() != 0; });
  EXPECT_EQ(reader.status().last_error, "");
  reader.stop();
}

}  // namespace
}  // namespace demarc::records
