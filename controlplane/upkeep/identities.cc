#include "controlplane/upkeep/identities.h"

#include <algorithm>
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
      row.used = row.identity.cseq;
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
  const bool is_reserved = row.is(aor, identity) && identity.cseq < row.identity.cseq;
  if (!is_reserved) row = {aor, identity, identity.cseq};
  row.used = identity.cseq;
  if (is_reserved && is_saved_) return;
  extend();
  save();
}

void Identities::reserve(const std::string& trunk, const std::string& aor,
                         const registration::Identity& identity) {
  Row& row = rows_[trunk];
  if (row.is(aor, identity) && identity.cseq + 1 < row.identity.cseq) return;
  row = {aor, identity, identity.cseq};
  row.identity.cseq += reserved_numbers;
  is_saved_ = false;
}

void Identities::flush() {
  if (!is_saved_) save();
}

void Identities::forget(const std::string& trunk) {
  if (rows_.erase(trunk) != 0) is_saved_ = false;
}

// Those that began together come to their ends together: with the one that needs a write all get
// new numbers that will need one soon.
void Identities::extend() {
  for (auto& [trunk, row] : rows_) {
    const uint32_t left = row.identity.cseq - std::min(row.used, row.identity.cseq);
    if (left < reserved_numbers / 2) row.identity.cseq = row.used + reserved_numbers;
  }
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
    ++writes_;
  } catch (const runtime::FileError& error) {
    is_saved_ = false;
    runtime::log(runtime::Level::error, "upkeep", error.what());
  }
}

}  // namespace demarc::upkeep
