#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "controlplane/records/collect.h"
#include "controlplane/records/spool.h"
#include "controlplane/runtime/files.h"

namespace demarc::records {
namespace {

using contract::CallRecord;
using contract::Region;
using nlohmann::json;

struct Directory {
  Directory() {
    path = std::filesystem::temp_directory_path() / "demarc-records-XXXXXX";
    EXPECT_NE(::mkdtemp(path.data()), nullptr);
  }
  ~Directory() { std::filesystem::remove_all(path); }
  std::string path;
};

std::string content(const std::string& path) {
  return runtime::read_file(path, 64u << 20).value_or("");
}

std::vector<json> lines_of(const std::string& path) {
  std::vector<json> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(json::parse(line));
  return lines;
}

// Every line of every file of the journal, newest file last.
std::vector<json> all_lines(const std::string& directory) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".jsonl") paths.push_back(entry.path());
  }
  std::vector<json> all;
  for (const std::string& path : paths) {
    for (json& line : lines_of(path)) all.push_back(std::move(line));
  }
  return all;
}

CallRecord make_record(uint64_t sequence, unsigned worker = 0, uint64_t boot_id = 7) {
  CallRecord record;
  record.boot_id = boot_id;
  record.sequence = sequence;
  record.worker = static_cast<contract::WorkerIndex>(worker);
  record.end = contract::CallEnd::released_by_called;
  record.status_code = 200;
  record.from = contract::TrunkId{0};
  record.from_name.assign("acme");
  record.calling.assign("+4420");
  record.started_unix_ns = 1'714'555'800'000'000'000;
  record.answered_unix_ns = record.started_unix_ns + 2'500'000'000;
  record.ended_unix_ns = record.answered_unix_ns + 61'250'000'000;
  return record;
}

// A dataplane's region in plain memory.
class TestRegion {
 public:
  explicit TestRegion(uint16_t workers) {
    const contract::RegionSizes sizes = {workers, 1, 1, 1, 64};
    const size_t octets = Region::octets_needed(sizes);
    memory_.reset(new (std::align_val_t(64)) std::byte[octets]());
    region = Region::create({memory_.get(), octets}, sizes, 7);
  }
  void push(unsigned worker, uint64_t sequence) {
    contract::RecordRing ring = region.records(static_cast<contract::WorkerIndex>(worker));
    ASSERT_TRUE(ring.push(make_record(sequence, worker)));
  }

  Region region;

 private:
  struct Free {
    void operator()(std::byte* memory) const { ::operator delete[](memory, std::align_val_t(64)); }
  };
  std::unique_ptr<std::byte[], Free> memory_;
};

TEST(RecordJson, HoldsTheCall) {
  CallRecord record = make_record(3, 1, 0xabcdef);
  record.media[0].packets_in = record.media[0].rtp_expected = 10;
  record.media[0].jitter_us = 1500;
  record.media[0].local = {contract::IpAddress::v4(10, 0, 0, 1), 20000};
  const std::string text = json_line(record);
  EXPECT_EQ(text.back(), '\n');
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  const json line = json::parse(text);
  EXPECT_EQ(line["schema"], 1);
  EXPECT_EQ(line["boot_id"], "0000000000abcdef");
  EXPECT_EQ(line["worker"], 1);
  EXPECT_EQ(line["sequence"], 3);
  EXPECT_EQ(line["from"], "acme");
  EXPECT_TRUE(line["to"].is_null());
  EXPECT_EQ(line["end"], "released_by_called");
  EXPECT_EQ(line["status"], 200);
  EXPECT_EQ(line["started"], "2024-05-01T09:30:00.000Z");
  EXPECT_EQ(line["answered"], "2024-05-01T09:30:02.500Z");
  EXPECT_TRUE(line["ringing"].is_null());
  EXPECT_EQ(line["talk_seconds"], 61.25);
  EXPECT_EQ(line["media"][0]["packets_in"], 10);
  EXPECT_EQ(line["media"][0]["jitter_ms"], 1.5);
  EXPECT_TRUE(line["media"][0]["quality"]["mos_cq"].is_null());
  EXPECT_TRUE(line["media"][0].contains("why"));
  EXPECT_EQ(line["media"][0]["local"], "10.0.0.1:20000");
  EXPECT_TRUE(line["media"][1]["remote"].is_null());
  EXPECT_TRUE(line["attempts"].empty());
  EXPECT_FALSE(line.contains("cut"));
}

TEST(RecordJson, SaysWhereRouteAndRulesStand) {
  CallRecord record = make_record(1);
  record.revision = 7;
  record.route_line = 12;
  record.route_file = 1;
  record.called_in_line = 4;
  record.calling_out_line = 9;
  record.rules_out_file = 2;
  const auto names = [](uint64_t revision, uint16_t file) -> std::string {
    if (revision != 7 || file > 1) return {};
    return file == 0 ? "demarc.toml" : "routes.toml";
  };
  const json places = json::parse(json_line(record, names))["places"];
  EXPECT_EQ(places["route"], "routes.toml:12");
  EXPECT_EQ(places["called_in"], "demarc.toml:4");
  EXPECT_TRUE(places["calling_in"].is_null()) << "no rule did";
  EXPECT_TRUE(places["calling_out"].is_null()) << "the file is not known";
  EXPECT_TRUE(json::parse(json_line(record))["places"]["route"].is_null());
}

TEST(RecordJson, ListsTheTargetsThatWereTried) {
  CallRecord record = make_record(1);
  record.attempt_count = 9;  // more than are kept
  record.attempts[0] = {{contract::IpAddress::v4(192, 0, 2, 1), 5060},
                        contract::TrunkId{4},
                        503,
                        34,
                        0,
                        contract::AttemptEnd::refused};
  record.attempts[1] = {{contract::IpAddress::v4(192, 0, 2, 2), 5070},
                        contract::TrunkId{5},
                        0,
                        0,
                        10,
                        contract::AttemptEnd::no_progress,
                        0,
                        1200};
  record.attempts[2].end = static_cast<contract::AttemptEnd>(77);  // of a damaged file
  const json line = json::parse(json_line(record));
  EXPECT_EQ(line["attempt_count"], 9);
  EXPECT_EQ(line["attempts_left_out"], 9 - contract::max_attempts);
  EXPECT_EQ(line["attempts"][0]["end"], "refused");
  EXPECT_EQ(line["attempts"][1]["end"], "no_progress");
  EXPECT_EQ(line["attempts"][2]["end"], "unknown");
  ASSERT_EQ(line["attempts"].size(), contract::max_attempts);
  EXPECT_EQ(line["attempts"][0]["target"], "192.0.2.1:5060");
  EXPECT_EQ(line["attempts"][0]["status"], 503);
  EXPECT_EQ(line["attempts"][0]["cause"], 34);
  EXPECT_EQ(line["attempts"][1]["trunk_id"], 5);
  EXPECT_TRUE(line["attempts"][1]["status"].is_null());
  EXPECT_EQ(line["attempts"][1]["after_ms"], 10);
  EXPECT_TRUE(line["attempts"][0]["ringing_ms"].is_null());
  EXPECT_EQ(line["attempts"][1]["ringing_ms"], 1200);
}

TEST(RecordJson, SaysWhoReferredToWhom) {
  CallRecord record = make_record(1);
  EXPECT_TRUE(json::parse(json_line(record))["transfer"].is_null());
  record.transfer = contract::TransferPart::referred;
  record.referred_by.assign("2001");
  record.referred_to.assign("+4930");
  EXPECT_TRUE(json::parse(json_line(record))["transfer"]["status"].is_null());
  record.transfer_status = 486;
  const json transfer = json::parse(json_line(record))["transfer"];
  EXPECT_EQ(transfer["part"], "referred");
  EXPECT_EQ(transfer["status"], 486);
  EXPECT_EQ(transfer["referred_by"], "2001");
  EXPECT_EQ(transfer["referred_to"], "+4930");
  record.transfer = static_cast<contract::TransferPart>(77);
  EXPECT_EQ(json::parse(json_line(record))["transfer"]["part"], "unknown");
}

TEST(RecordJson, SpellsEveryEnd) {
  const auto spelled = [](contract::CallEnd end) {
    CallRecord record = make_record(1);
    record.end = end;
    return json::parse(json_line(record))["end"].get<std::string>();
  };
  EXPECT_EQ(spelled(contract::CallEnd::refused), "refused");
  EXPECT_EQ(spelled(contract::CallEnd::cancelled), "cancelled");
  EXPECT_EQ(spelled(contract::CallEnd::released_by_us), "released_by_us");
  EXPECT_EQ(spelled(contract::CallEnd::lost_peer), "lost_peer");
  EXPECT_EQ(spelled(contract::CallEnd::media_silent), "media_silent");
  EXPECT_EQ(spelled(contract::CallEnd::session_expired), "session_expired");
  EXPECT_EQ(spelled(contract::CallEnd::transferred), "transferred");
}

TEST(RecordJson, SurvivesWhatPeersAndDisksMayHold) {
  CallRecord record = make_record(1);
  record.calling.assign("\xff\xfe\"\n");
  record.called.assign(std::string(100, 'x'));
  record.call_id_in.length = 255;  // more than there is room for
  record.end = static_cast<contract::CallEnd>(200);
  record.from = contract::TrunkId::none;
  const std::string text = json_line(record);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  const json line = json::parse(text);
  EXPECT_EQ(line["cut"], json::array({"called"}));
  EXPECT_EQ(line["end"], "unknown");
  EXPECT_TRUE(line["from"].is_null());
}

TEST(RecordJson, FindsTheKeyOfItsOwnLinesOnly) {
  RecordKey key;
  ASSERT_TRUE(key_of_line(json_line(make_record(9, 2, UINT64_MAX)), key));
  EXPECT_EQ(key.boot_id, UINT64_MAX);
  EXPECT_EQ(key.worker, 2u);
  EXPECT_EQ(key.sequence, 9u);
  for (const char* bad : {"", "{", "[]", "{\"boot_id\":\"7\",\"worker\":0,\"sequence\":1}",
                          "{\"boot_id\":7,\"worker\":0,\"sequence\":1}",
                          "{\"boot_id\":\"000000000000000g\",\"worker\":0,\"sequence\":1}",
                          "{\"boot_id\":\"0000000000000007\",\"worker\":-1,\"sequence\":1}",
                          "{\"boot_id\":\"0000000000000007\",\"worker\":0}"}) {
    EXPECT_FALSE(key_of_line(bad, key)) << bad;
  }
}

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
