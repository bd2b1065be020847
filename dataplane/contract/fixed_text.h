// FixedText: text of a fixed capacity inside a shared row. Longer text is cut, and says so.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace demarc::contract {

template <unsigned capacity>
struct FixedText {
  static_assert(capacity < 255);
  uint8_t length = 0;
  bool is_cut = false;
  char octets[capacity] = {};

  FixedText() = default;
  explicit FixedText(std::string_view text) { assign(text); }
  void assign(std::string_view text) {
    is_cut = text.size() > capacity;
    length = static_cast<uint8_t>(is_cut ? capacity : text.size());
    std::memcpy(octets, text.data(), length);
  }
  std::string_view view() const { return {octets, length}; }
};

}  // namespace demarc::contract
