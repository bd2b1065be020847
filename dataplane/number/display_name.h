// DisplayName: what a trunk's rules make of the name beside a number (RFC 3261 section 25.1,
// display-name). The first rule in order that has the number decides.
//
// Pure reads of the snapshot, on the worker of the call. Rules are looked for by patterns and
// tables, never by the trie of a set: a user part that is no number has a name, too.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "dataplane/contract/snapshot.h"
#include "dataplane/number/rewrite.h"

namespace demarc::number {

struct DisplayName {
  // Each octet may need a backslash.
  std::array<char, 2 * contract::max_name_length> octets;
  uint16_t length = 0;

  // What stands between the quotes.
  std::string_view view() const { return {octets.data(), length}; }
};

enum class NameResult : uint8_t {
  unmatched,
  set,
  kept,
  removed,  // also where the name that a rule makes is empty, too long or no text
};

// `shown` is the user part beside the name, a number or not; `set` is of TrunkNumbers, or no_row.
// `name` is good when it is set.
NameResult display_name(const contract::Snapshot& snapshot, unsigned worker, uint32_t set,
                        std::string_view shown, DisplayName& name);

// Which rule of the set that is, for explanations: rewritten when there is one.
Rewrite name_rule(const contract::Snapshot& snapshot, unsigned worker, uint32_t set,
                  std::string_view shown);

}  // namespace demarc::number
