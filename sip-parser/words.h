// Words that an enumeration stands for: protocols, option tags, privacy values.
//
// Used by the typed parsers of this folder. The enumerators stand in the order of the words, with
// `other` behind the last. Compared without case (RFC 3261 section 7.3.1). No state, any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "sip-parser/base/ascii.h"

namespace demarc::sip {

// The enumerator of `word`; `Enum::other` when it is none of `words`.
template <class Enum>
constexpr Enum enum_of(std::string_view word, std::span<const std::string_view> words) {
  size_t index = 0;
  while (index < words.size() && !ascii::iequals(word, words[index])) ++index;
  return index < words.size() ? static_cast<Enum>(index) : Enum::other;
}

// The word of an enumerator; empty for `other`.
template <class Enum>
constexpr std::string_view word_of(Enum value, std::span<const std::string_view> words) {
  const size_t index = static_cast<size_t>(value);
  return index < words.size() ? words[index] : std::string_view{};
}

}  // namespace demarc::sip
