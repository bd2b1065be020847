// A call record as one line of JSON. The layout is the user's interface: fields are added, never
// renamed or removed, and `schema` counts up when a meaning changes.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "dataplane/contract/record.h"
#include "dataplane/contract/trunk_limits.h"

namespace demarc::records {

inline constexpr unsigned schema_version = 1;

// The name of a file of that revision, by its number in it; empty: it is not known any more.
using FileName = std::function<std::string(uint64_t revision, uint16_t file)>;

// With its line feed. Text that is not UTF-8 is replaced, since peers may send anything.
std::string json_line(const contract::CallRecord& record, const FileName& file_name = {});

// As the line has them.
std::string_view spelling(contract::CallEnd end);
std::string_view spelling(contract::LimitMet limit);  // one bit

// What tells a record from all others for ever.
struct RecordKey {
  uint64_t boot_id = 0;
  unsigned worker = 0;
  uint64_t sequence = 0;
};
// False when the line is none of ours or was torn.
[[nodiscard]] bool key_of_line(const std::string& line, RecordKey& key);

// 16 hexadecimal digits: JSON readers lose digits of large integers.
std::string hex_text(uint64_t number);
[[nodiscard]] bool parse_hex(std::string_view text, uint64_t& number);

}  // namespace demarc::records
