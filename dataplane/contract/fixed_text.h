// FixedText: text of a fixed capacity inside a shared row. Longer text is cut, and says so.
// FixedTexts: several texts that share the capacity.
#pragma once

#include <algorithm>
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

// Written in the order of their numbers, each once. What no longer fits is cut, so what must stay
// whole comes first. A reader trusts nothing in it.
template <unsigned count, unsigned capacity>
struct FixedTexts {
  static_assert(capacity < 255);
  uint8_t ends[count] = {};  // of each; it begins where the one before it ends
  char octets[capacity] = {};

  // At most `longest` octets of it.
  void put(unsigned index, std::string_view text, size_t longest = capacity) {
    const size_t begin = begin_of(index);
    const size_t length = std::min({text.size(), longest, capacity - begin});
    std::memcpy(octets + begin, text.data(), length);
    std::fill(ends + index, ends + count, static_cast<uint8_t>(begin + length));
  }
  std::string_view view(unsigned index) const {
    const size_t begin = begin_of(index);
    const size_t end = std::min<size_t>(ends[index], capacity);
    return {octets + begin, end < begin ? 0 : end - begin};
  }

 private:
  size_t begin_of(unsigned index) const {
    return index == 0 ? 0 : std::min<size_t>(ends[index - 1], capacity);
  }
};

}  // namespace demarc::contract
