#include "controlplane/records/seen.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace demarc::records {

using nlohmann::json;

bool SeenRecords::has(const RecordKey& key) const {
  const auto found = highest_.find({key.boot_id, key.worker});
  return found != highest_.end() && key.sequence <= found->second;
}

void SeenRecords::add(const RecordKey& key) {
  const Source source{key.boot_id, key.worker};
  const auto [found, is_new] = highest_.try_emplace(source, key.sequence);
  found->second = std::max(found->second, key.sequence);
  if (!is_new) return;
  order_.push_back(source);
  if (order_.size() <= limit) return;
  highest_.erase(order_.front());
  order_.pop_front();
}

std::string SeenRecords::to_json() const {
  json rows = json::array();
  for (const Source& source : order_) {
    rows.push_back({{"boot_id", hex_text(source.first)},
                    {"worker", source.second},
                    {"sequence", highest_.at(source)}});
  }
  return json{{"seen", rows}}.dump(1) + "\n";
}

bool SeenRecords::add_json(const std::string& text) {
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains("seen") || !document["seen"].is_array()) {
    return false;
  }
  for (const json& row : document["seen"]) {
    RecordKey key;
    if (!key_of_line(row.dump(), key)) return false;
    add(key);
  }
  return true;
}

}  // namespace demarc::records
