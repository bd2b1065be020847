// SeenRecords: the highest sequence that is durable per (boot id, worker). Workers number their
// records without holes and every way to us keeps their order, so this is all that a reader needs
// to drop what it already has. Owned by one Journal.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>

#include "controlplane/records/record_json.h"

namespace demarc::records {

class SeenRecords {
 public:
  // Starts of the dataplane times workers that are remembered; the oldest are forgotten.
  static constexpr size_t limit = 4096;

  bool has(const RecordKey& key) const;
  void add(const RecordKey& key);

  std::string to_json() const;
  // Adds what `text` holds. False when it is not of to_json().
  [[nodiscard]] bool add_json(const std::string& text);

 private:
  using Source = std::pair<uint64_t, unsigned>;
  std::map<Source, uint64_t> highest_;
  std::deque<Source> order_;  // first seen first
};

}  // namespace demarc::records
