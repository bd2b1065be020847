#include "sip-parser/sdp/base64.h"

#include <array>

namespace demarc::sdp {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t no_value = 255;

constexpr std::array<uint8_t, 256> values = [] {
  std::array<uint8_t, 256> table{};
  table.fill(no_value);
  for (size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<uint8_t>(alphabet[i])] = static_cast<uint8_t>(i);
  }
  return table;
}();

// Without the '=' at the end; false when there are not as many as there should be.
bool trim_padding(std::string_view& text) {
  size_t padding = 0;
  while (padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  if (padding > 2 || (padding != 0 && text.size() % 4 != 0)) return false;
  text.remove_suffix(padding);
  return true;
}

}  // namespace

int base64_octets(std::string_view text) {
  if (!trim_padding(text) || text.size() % 4 == 1) return -1;
  for (const char c : text) {
    if (values[static_cast<uint8_t>(c)] == no_value) return -1;
  }
  return static_cast<int>(text.size() * 3 / 4);
}

bool base64_decode(std::string_view text, std::span<uint8_t> octets) {
  if (base64_octets(text) != static_cast<int>(octets.size())) return false;
  uint32_t bits = 0;
  unsigned bit_count = 0;
  size_t size = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = (bits << 6 | values[static_cast<uint8_t>(c)]) & 0xffff;
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    octets[size++] = static_cast<uint8_t>(bits >> bit_count);
  }
  return true;
}

std::string_view base64_encode(std::span<const uint8_t> octets, std::span<char> text) {
  if (octets.empty() || text.size() < base64_size(octets.size())) return {};
  size_t size = 0;
  for (size_t i = 0; i < octets.size(); i += 3) {
    const size_t left = octets.size() - i;
    const uint32_t bits = static_cast<uint32_t>(octets[i]) << 16 |
                          (left > 1 ? static_cast<uint32_t>(octets[i + 1]) << 8 : 0u) |
                          (left > 2 ? static_cast<uint32_t>(octets[i + 2]) : 0u);
    text[size++] = alphabet[bits >> 18];
    text[size++] = alphabet[bits >> 12 & 63];
    text[size++] = left > 1 ? alphabet[bits >> 6 & 63] : '=';
    text[size++] = left > 2 ? alphabet[bits & 63] : '=';
  }
  return {text.data(), size};
}

}  // namespace demarc::sdp
