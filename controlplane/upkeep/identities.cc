#include "controlplane/upkeep/identities.h"

#include <nlohmann/json.hpp>

#include "controlplane/runtime/files.h"
#include "controlplane/runtime/log.h"

namespace demarc::upkeep {
namespace {

using json = nlohmann::ordered_json;

constexpr size_t max_file_octets = 64u << 20;
constexpr uint32_t reserved_numbers = 100;

}  // namespace

Identities::Identities(std::string path) : path_(std::move(path)) {
  try {
    const auto text = runtime::read_file(path_, max_file_octets);
    if (!text) return;
    const json document = json::parse(*text);
    for (const auto& [trunk, value] : document.items()) {
      Row row;
      row.aor = value.at("aor").get<std::string>();
      row.identity.call_id = value.at("call_id").get<std::string>();
      row.identity.tag = value.at("tag").get<std::string>();
      row.identity.cseq = value.at("cseq").get<uint32_t>();
      rows_[trunk] = std::move(row);
    }
  } catch (const std::exception& error) {
    rows_.clear();
    runtime::log(runtime::Level::error, "upkeep",
                 path_ + " can not be used, registrations begin anew: " + error.what());
  }
}

registration::Identity Identities::of(const std::string& trunk, const std::string& aor) const {
  const auto found = rows_.find(trunk);
  return found == rows_.end() || found->second.aor != aor ? registration::Identity()
                                                          : found->second.identity;
}

void Identities::note(const std::string& trunk, const std::string& aor,
                      const registration::Identity& identity) {
  Row& row = rows_[trunk];
  const bool is_same = row.aor == aor && row.identity.call_id == identity.call_id &&
                       row.identity.tag == identity.tag && identity.cseq < row.identity.cseq;
  if (is_same && is_saved_) return;
  if (!is_same) {
    row = {aor, identity};
    row.identity.cseq += reserved_numbers;
  }
  save();
}

void Identities::reserve(const std::string& trunk, const std::string& aor,
                         const registration::Identity& identity) {
  Row& row = rows_[trunk];
  const bool is_same = row.aor == aor && row.identity.call_id == identity.call_id &&
                       row.identity.tag == identity.tag && identity.cseq + 1 < row.identity.cseq;
  if (is_same) return;
  row = {aor, identity};
  row.identity.cseq += reserved_numbers;
  is_saved_ = false;
}

void Identities::flush() {
  if (!is_saved_) save();
}

void Identities::forget(const std::string& trunk) {
  if (rows_.erase(trunk) != 0) save();
}

void Identities::save() {
  json document = json::object();
  for (const auto& [trunk, row] : rows_) {
    document[trunk] = {{"aor", row.aor},
                       {"call_id", row.identity.call_id},
                       {"tag", row.identity.tag},
                       {"cseq", row.identity.cseq}};
  }
  try {
    runtime::replace_file(path_, document.dump(1) + "\n");
    is_saved_ = true;
  } catch (const runtime::FileError& error) {
    is_saved_ = false;
    runtime::log(runtime::Level::error, "upkeep", error.what());
  }
}

}  // namespace demarc::upkeep
