// Rewrite: what a trunk's rules make of a number. The first rule in order that matches decides; a
// number that none matches stays as it is.
//
// Pure reads of the snapshot, on the worker of the call and in the control plane's what-if. The
// part of the number that the rule matched is replaced, as .NET's Regex.Replace does; most patterns
// are anchored and replace all of it. An extension stays with a rewritten number unless the rule is
// about parameters itself; a context does not.
#pragma once

#include <cstdint>

#include "dataplane/contract/snapshot.h"
#include "dataplane/number/number.h"

namespace demarc::number {

enum class RewriteResult : uint8_t {
  unmatched,
  rewritten,
  unusable,  // what the rule made is no number, or too long: the call can not go on
};

struct Rewrite {
  RewriteResult result = RewriteResult::unmatched;
  uint32_t set = contract::no_row;
  uint32_t rule = contract::no_row;  // its rank in the set
  bool hides_caller = false;
};

// `set` is one of TrunkNumbers, or no_row: nothing is done then.
Rewrite rewrite(const contract::Snapshot& snapshot, unsigned worker, uint32_t set, Number& number);

// The rules of a trunk; those of none when it has none.
contract::TrunkNumbers numbers_of(const contract::Snapshot& snapshot, contract::TrunkId trunk);

// The row of a rewrite that matched.
const contract::NumberRule& rule_of(const contract::Snapshot& snapshot, const Rewrite& rewrite);

}  // namespace demarc::number
