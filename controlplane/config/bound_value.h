// Fields of a block as the types of model.h. Used by bind.cc and its kin; no state.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "controlplane/config/tree.h"
#include "dataplane/contract/fields.h"
#include "sip-parser/base/check.h"

namespace demarc::config {

// Every range was checked against the descriptor, so the cast loses nothing.
template <class T>
T number(const Block& block, std::string_view field) {
  return static_cast<T>(block.get<int64_t>(field));
}

inline const std::string& string(const Block& block, std::string_view field) {
  return block.get<std::string>(field);
}

// Enumerators stand in the order of the field's choices.
template <class Enum>
Enum choice(const Block& block, std::string_view field) {
  const std::string& chosen = string(block, field);
  std::string_view rest = contract::find_field(block.kind, field)->choices;
  for (uint8_t i = 0;; ++i) {
    const size_t end = std::min(rest.find('|'), rest.size());
    if (rest.substr(0, end) == chosen) return static_cast<Enum>(i);
    DEMARC_CHECK(end < rest.size());
    rest.remove_prefix(end + 1);
  }
}

}  // namespace demarc::config
