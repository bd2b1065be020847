#include "dataplane/call/headers/value_pattern.h"

#include <array>
#include <cstdint>

#include "dataplane/contract/call_policy.h"

namespace demarc::call::headers {
namespace {

using Borders = std::array<uint8_t, contract::max_header_rule_text>;
static_assert(contract::max_header_rule_text <= 255);

// Of each beginning of `piece`: the length of the longest shorter one that it also ends with.
void find_borders(std::string_view piece, Borders& borders) {
  borders[0] = 0;
  uint8_t length = 0;
  for (size_t i = 1; i < piece.size(); ++i) {
    while (length > 0 && piece[i] != piece[length]) length = borders[length - 1];
    if (piece[i] == piece[length]) ++length;
    borders[i] = length;
  }
}

// Where the first `piece` in `text` ends (Knuth, Morris and Pratt); npos when there is none.
size_t find_end(std::string_view text, std::string_view piece) {
  Borders borders;
  find_borders(piece, borders);
  size_t length = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    while (length > 0 && text[i] != piece[length]) length = borders[length - 1];
    if (text[i] == piece[length]) ++length;
    if (length == piece.size()) return i + 1;
  }
  return std::string_view::npos;
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) {
  if (pattern.size() > contract::max_header_rule_text) return false;
  size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  text.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  // Each piece between stars is taken where it first stands: later would leave less for the rest.
  for (star = pattern.find('*'); star != std::string_view::npos; star = pattern.find('*')) {
    const std::string_view piece = pattern.substr(0, star);
    pattern.remove_prefix(star + 1);
    if (piece.empty()) continue;
    const size_t end = find_end(text, piece);
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end);
  }
  return text.ends_with(pattern);
}

}  // namespace demarc::call::headers
