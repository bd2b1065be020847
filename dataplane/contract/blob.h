// The pieces that snapshot sections are made of: the header, arrays and text by offset.
//
// A section is one blob; Array and Text count octets from its begin, so it can be mapped anywhere.
// check_section() makes sure once that they stay inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace demarc::contract {

inline constexpr uint32_t section_magic = 0x43455344;  // "DSEC"
// The layouts of this release; a reader also takes the release before (decision D2).
inline constexpr uint16_t layout_version = 12;
inline constexpr uint16_t oldest_layout_version = 12;  // older ones were never released

enum class SectionKind : uint16_t { platform = 1, realms, trunks, routes, secrets };
inline constexpr unsigned section_kind_count = 6;  // indexes start at 1

struct SectionHeader {
  uint32_t magic = section_magic;
  uint16_t layout = layout_version;
  SectionKind kind = SectionKind::platform;
  uint64_t generation = 0;
  uint64_t total_octets = 0;
};

// `count` elements of T at `offset` octets from the section's begin, aligned to 8.
template <class T>
struct Array {
  uint32_t offset = 0;
  uint32_t count = 0;
};

struct Text {
  uint32_t offset = 0;
  uint32_t length = 0;
};

template <class T>
std::span<const T> elements(const SectionHeader& section, Array<T> array) {
  const auto* base = reinterpret_cast<const std::byte*>(&section);
  return {reinterpret_cast<const T*>(base + array.offset), array.count};
}
inline std::string_view text(const SectionHeader& section, Text where) {
  return {reinterpret_cast<const char*>(&section) + where.offset, where.length};
}

}  // namespace demarc::contract
