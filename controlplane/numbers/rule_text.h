// How a number rule is written, and what is wrong with one that is not.
//
//   "^\\+(1\\d{10})$ -> $1"      a regular expression and what stands in its place
//   "prefix +44 -> 0"            that prefix is taken off and another put on; both may be empty
//   "table dids"                 the number is looked up in [table.dids]
//   "^0 -> anonymous"            the caller is hidden; for calling numbers only
//
// Called by config/ for what stands in a file. Patterns are PCRE2's, which takes those of .NET that
// Lync exports, lookahead included; replacements are .NET's: $1, ${1}, ${name}, $0, $&, $$.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/contract/number_rules.h"

namespace demarc::numbers {

// Why a rule was refused.
struct RuleError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Rule {
  bool is_about_names = false;  // parse_name_rule()
  contract::NameAction name_action = contract::NameAction::set;
  std::string pattern;      // a regular expression; empty of a table
  std::string replacement;  // with $0 to $9 and $$ only
  std::string table;        // of a table
  bool hides_caller = false;
  bool sees_parameters = false;  // the pattern has a ';' in it
  uint16_t line = 0;             // of the file, for explanations

  friend auto operator<=>(const Rule&, const Rule&) = default;
};

// Throws RuleError. Whether a table of that name exists is not looked at.
Rule parse_rule(std::string_view text);

// A rule about the display name beside a number, or beside another user part:
//
//   '^\+44(\d+)$ -> "Desk $1"'   the name; what means something in a replacement does so here
//   "prefix +44 -> keep"         or "remove"
//   "table names"                the number is looked up in [table.names]
Rule parse_name_rule(std::string_view text);

// What is wrong with a display name; empty: nothing.
std::string mistake_of_name(std::string_view name);

// Throws RuleError with the position in the pattern when it is none. Gives its groups' count.
unsigned check_pattern(std::string_view pattern);

// "(\+)?[1-9]\d*(;ext=[1-9]\d*)?": what may be shown in place of the caller's number.
bool is_caller_id(std::string_view text);

// The text with what means something to a regular expression escaped.
std::string escaped(std::string_view text);

}  // namespace demarc::numbers
