// Whose matter a header field is: the one list that header rules are checked against.
//
// Used by config/ to refuse rules and by call/ to keep a rule from touching what it must not; no
// state, any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace demarc::contract {

enum class FieldClass : uint8_t {
  ours,    // written by the call engine alone: no rule may name it
  policy,  // crosses as CallPolicy says: a rule may change what crosses, never let one through
  free,    // the rest
};

// `name` is the long form, in any case.
FieldClass field_class(std::string_view name);

// Whether `name` is what a rule's name stands for: equal in any case, or, with '*' at the end of
// `rule`, begun by what stands before it.
bool is_named_by(std::string_view rule, std::string_view name);

}  // namespace demarc::contract
