#include "controlplane/records/history.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "controlplane/runtime/files.h"
#include "controlplane/runtime/wall_clock.h"

namespace demarc::records {
namespace {

using json = nlohmann::json;

// Files by name: those that were put aside carry their time, and the present one comes last.
std::vector<std::string> files_of(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  if (error) throw runtime::FileError("can not read " + directory + ": " + error.message());
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    const bool is_old = name.starts_with("records-") && name.ends_with(".jsonl");
    if (is_old) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  const std::string present = directory + "/records.jsonl";
  if (std::filesystem::exists(present)) paths.push_back(present);
  return paths;
}

std::string text_at(const json& record, const char* name) {
  const auto found = record.find(name);
  return found == record.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

uint64_t number_at(const json& record, const char* name) {
  const auto found = record.find(name);
  return found == record.end() || !found->is_number_unsigned() ? 0 : found->get<uint64_t>();
}

// Whether nobody dialled it.
bool is_made_by_transfer(const json& record) {
  const auto transfer = record.find("transfer");
  if (transfer == record.end() || !transfer->is_object()) return false;
  const std::string part = text_at(*transfer, "part");
  return part == "target" || part == "replacing";
}

std::optional<PastCall> call_of(const json& record) {
  PastCall call;
  call.started = text_at(record, "started");
  const std::optional<uint64_t> started = runtime::parse_utc_text(call.started);
  if (!record.is_object() || !started) return std::nullopt;
  call.started_unix_s = *started / 1'000'000'000;
  call.id = text_at(record, "boot_id") + "/" + std::to_string(number_at(record, "worker")) + "/" +
            std::to_string(number_at(record, "sequence"));
  call.from = text_at(record, "from");
  call.called = text_at(record, "called");
  call.calling = text_at(record, "calling");
  call.end = text_at(record, "end");
  call.status_code = static_cast<uint32_t>(number_at(record, "status"));
  return call;
}

}  // namespace

History read_history(const std::string& directory, uint64_t since_unix_s, size_t most) {
  History history;
  for (const std::string& path : files_of(directory)) {
    std::ifstream file(path, std::ios::binary);
    for (std::string line; std::getline(file, line);) {
      if (file.eof()) break;
      const json record = json::parse(line, nullptr, false);
      const auto call = record.is_object() ? call_of(record) : std::nullopt;
      if (!call) {
        ++history.unreadable;
        continue;
      }
      if (call->started_unix_s < since_unix_s || call->from.empty() || call->called.empty() ||
          is_made_by_transfer(record)) {
        continue;
      }
      history.calls.push_back(*call);
    }
    if (history.calls.size() <= most) continue;
    const size_t over = history.calls.size() - most;
    history.left_out += over;
    history.calls.erase(history.calls.begin(),
                        history.calls.begin() + static_cast<std::ptrdiff_t>(over));
  }
  return history;
}

}  // namespace demarc::records
