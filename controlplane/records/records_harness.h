// Call records, a region whose rings hold some, and what stands in a journal. Tests only.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "controlplane/records/collect.h"
#include "controlplane/runtime/files.h"

namespace demarc::records {

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

inline std::string content(const std::string& path) {
  return runtime::read_file(path, 64u << 20).value_or("");
}

inline std::vector<json> lines_of(const std::string& path) {
  std::vector<json> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(json::parse(line));
  return lines;
}

// Every line of every file of the journal, newest file last.
inline std::vector<json> all_lines(const std::string& directory) {
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

inline CallRecord make_record(uint64_t sequence, unsigned worker = 0, uint64_t boot_id = 7) {
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

}  // namespace demarc::records
