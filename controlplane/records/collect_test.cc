// Records on their way from rings and spools into the journal.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "controlplane/records/records_harness.h"
#include "controlplane/records/spool.h"

namespace demarc::records {
namespace {

TEST(CollectRings, GivesUpOnlyWhatIsDurable) {
  const Directory directory;
  TestRegion test(2);
  for (uint64_t sequence = 1; sequence <= 5; ++sequence) test.push(0, sequence);
  test.push(1, 1);
  EXPECT_EQ(pending_records(test.region), 6u);
  Journal journal({directory.path});
  const Collected collected = collect_rings(test.region, journal);
  EXPECT_EQ(collected.taken, 6u);
  EXPECT_EQ(collected.written, 6u);
  EXPECT_EQ(pending_records(test.region), 0u);
  EXPECT_EQ(lines_of(directory.path + "/records.jsonl").size(), 6u);
  EXPECT_EQ(collect_rings(test.region, journal).taken, 0u);
}

TEST(CollectRings, ACrashBeforeTheRingForgetsRepeatsNothing) {
  const Directory directory;
  TestRegion test(1);
  test.push(0, 1);
  test.push(0, 2);
  {
    // The process before us made them durable and died before consume().
    Journal journal({directory.path});
    ASSERT_EQ(journal.append(std::vector{make_record(1), make_record(2)}), 2u);
  }
  test.push(0, 3);
  Journal journal({directory.path});
  const Collected collected = collect_rings(test.region, journal);
  EXPECT_EQ(collected.taken, 3u);
  EXPECT_EQ(collected.written, 1u);
  EXPECT_EQ(lines_of(directory.path + "/records.jsonl").size(), 3u);
}

TEST(CollectRings, AFailedWriteLeavesTheRingAsItIs) {
  const Directory directory;
  TestRegion test(1);
  test.push(0, 1);
  Journal journal({directory.path});
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &usual), 0);
  const rlimit tight = {10, usual.rlim_max};
  ::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  EXPECT_THROW(collect_rings(test.region, journal), runtime::FileError);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &usual), 0);
  EXPECT_EQ(pending_records(test.region), 1u);
  EXPECT_EQ(collect_rings(test.region, journal).written, 1u);
}

TEST(CollectLeft, TakesWhatADeadDataplaneLeftAndGivesNothingUp) {
  const Directory directory;
  TestRegion test(2);
  for (uint64_t sequence = 4; sequence <= 6; ++sequence) test.push(0, sequence);
  test.push(1, 1);
  Journal journal({directory.path});
  ASSERT_EQ(journal.append(std::vector{make_record(3), make_record(4)}), 2u);
  EXPECT_EQ(collect_left(test.region, journal), 3u);
  EXPECT_EQ(pending_records(test.region), 4u);
  EXPECT_EQ(collect_left(test.region, journal), 0u);
  EXPECT_EQ(collect_rings(test.region, journal).written, 0u);
  EXPECT_EQ(lines_of(directory.path + "/records.jsonl").size(), 5u);
}

TEST(CollectLeft, StopsAtWhatIsNoRecordOfTheRing) {
  const Directory directory;
  TestRegion test(1);
  Journal journal({directory.path});
  test.push(0, 0);
  EXPECT_EQ(collect_left(test.region, journal), 0u);
  test.region.records(0).consume(1);
  test.push(0, 1);
  test.push(0, 2);
  test.push(0, 9);
  EXPECT_EQ(collect_left(test.region, journal), 2u);
  EXPECT_EQ(lines_of(directory.path + "/records.jsonl").size(), 2u);
}

TEST(CollectRings, GoesThroughTheWrapOfTheRing) {
  const Directory directory;
  TestRegion test(1);
  Journal journal({directory.path});
  uint64_t sequence = 0;
  for (unsigned round = 0; round < 5; ++round) {
    for (unsigned i = 0; i < 50; ++i) test.push(0, ++sequence);
    EXPECT_EQ(collect_rings(test.region, journal).written, 50u);
  }
  const std::vector<json> lines = lines_of(directory.path + "/records.jsonl");
  ASSERT_EQ(lines.size(), sequence);
  for (uint64_t i = 0; i < sequence; ++i) EXPECT_EQ(lines[i]["sequence"], i + 1);
}

// A spool file as the dataplane leaves it.
class TestSpool {
 public:
  TestSpool(const std::string& directory, const std::string& octets) {
    const std::string path = directory + "/spool";
    std::ofstream(path, std::ios::binary) << octets;
    size = octets.size();
    fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  }
  ~TestSpool() { ::close(fd); }
  int fd = -1;
  uint64_t size = 0;
};

template <class T>
std::string octets_of(const T& value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string spool_of(uint64_t first, uint64_t last, uint64_t boot_id) {
  std::string octets = octets_of(contract::SpoolHeader{});
  for (uint64_t i = first; i <= last; ++i) octets += octets_of(make_record(i, 0, boot_id));
  return octets;
}

TEST(CollectSpool, ThenRingsGiveEveryRecordOnce) {
  const Directory directory;
  TestRegion test(1);
  for (uint64_t sequence = 3; sequence <= 6; ++sequence) test.push(0, sequence);
  Journal journal({directory.path + "/records"});
  ASSERT_EQ(journal.append(std::vector{make_record(1), make_record(2)}), 2u);
  const TestSpool spool(directory.path, spool_of(2, 4, 7));
  const Collected collected = collect_spool(spool.fd, spool.size, journal, directory.path);
  EXPECT_EQ(collected.taken, 3u);
  EXPECT_EQ(collected.written, 2u);
  EXPECT_EQ(collect_rings(test.region, journal).written, 2u);
  EXPECT_EQ(lines_of(directory.path + "/records/records.jsonl").size(), 6u);
  // Offered again, since the receipt was lost with us.
  EXPECT_EQ(collect_spool(spool.fd, spool.size, journal, directory.path).written, 0u);
}

TEST(CollectSpool, LeavesATornLastRecordToItsRing) {
  const Directory directory;
  Journal journal({directory.path + "/records"});
  std::string octets = spool_of(1, 3, 7);
  octets.resize(octets.size() - 1);
  const TestSpool spool(directory.path, octets);
  EXPECT_EQ(collect_spool(spool.fd, spool.size, journal, directory.path).taken, 2u);
}

TEST(CollectSpool, SkipsRecordsThatWereNeverWritten) {
  const Directory directory;
  Journal journal({directory.path + "/records"});
  std::string octets = spool_of(1, 2, 7);
  octets += std::string(3 * sizeof(CallRecord), '\0') + octets_of(make_record(3));
  const TestSpool spool(directory.path, octets);
  const Collected collected = collect_spool(spool.fd, spool.size, journal, directory.path);
  EXPECT_EQ(collected.taken, 3u);
  EXPECT_EQ(collected.written, 3u);
  const std::vector<json> lines = lines_of(directory.path + "/records/records.jsonl");
  ASSERT_EQ(lines.size(), 3u);
  for (uint64_t i = 0; i < 3; ++i) EXPECT_EQ(lines[i]["sequence"], i + 1);
}

TEST(CollectSpool, TakesNothingFromAnEmptyOrTornHeader) {
  const Directory directory;
  Journal journal({directory.path + "/records"});
  const TestSpool torn(directory.path, spool_of(1, 0, 7).substr(0, 5));
  EXPECT_EQ(collect_spool(torn.fd, torn.size, journal, directory.path).taken, 0u);
  EXPECT_EQ(collect_spool(-1, 0, journal, directory.path).taken, 0u);
  EXPECT_THROW(collect_spool(-1, 100, journal, directory.path), runtime::FileError);
}

TEST(CollectSpool, ReadsManyBatchesAndNoMoreThanTheFileHolds) {
  const Directory directory;
  Journal journal({directory.path + "/records"});
  const TestSpool spool(directory.path, spool_of(1, 1200, 7));
  EXPECT_EQ(collect_spool(spool.fd, spool.size * 1000, journal, directory.path).written, 1200u);
}

TEST(CollectSpool, KeepsAForeignSpoolAside) {
  const Directory directory;
  Journal journal({directory.path + "/records"});
  contract::SpoolHeader header;
  header.record_octets = 8;
  const std::string octets = octets_of(header) + "12345678";
  const TestSpool spool(directory.path, octets);
  EXPECT_EQ(collect_spool(spool.fd, spool.size, journal, directory.path).taken, 0u);
  std::string kept;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path)) {
    if (entry.path().extension() == ".bin") kept = content(entry.path());
  }
  EXPECT_EQ(kept, octets);
}

}  // namespace
}  // namespace demarc::records
