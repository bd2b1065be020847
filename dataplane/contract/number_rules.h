// Rows of the routes section about numbers: tries of digits, rule sets, look-up tables and
// patterns. Built by the control plane, checked once by check_section(), read by number/ on any
// worker.
//
// A number is digits, '*', '#' and a leading '+', and may have parameters of RFC 3966 behind them
// (";ext=12"). Rules are tried in their order, so the position of a rule is its rank.
#pragma once

#include <cstdint>

#include "dataplane/contract/blob.h"

namespace demarc::contract {

inline constexpr uint32_t no_row = 0xffffffff;
inline constexpr unsigned digit_symbols = 13;          // 0-9, '*', '+', '#'
inline constexpr unsigned max_number_length = 62;      // of a number, parameters included
inline constexpr unsigned max_captures = 9;            // of one pattern, as $1 to $9
inline constexpr unsigned max_pattern_length = 250;    // octets
inline constexpr unsigned max_number_rule_text = 512;  // octets of a rule as it is written
inline constexpr unsigned max_rules_per_set = 16384;   // of one trunk, direction and number
inline constexpr unsigned max_name_length = 128;       // octets of a display name that a rule gives
inline constexpr unsigned max_database_octets = 1u << 28;

// One node of a trie whose paths are compressed: a count in the lowest four bits of `skip` says how
// many digits stand before the node, four bits each behind it with the first one lowest. A quarter
// of a cache line, what ends there included, since a walk of a large trie is as long as its misses.
struct DigitNode {
  uint32_t children = 0;  // the first of them, side by side in the order of their digits
  uint32_t rank = 0;      // of the one entry that ends here; of several, the first of them
  uint32_t skip = 0;
  uint16_t marks = 0;  // a bit for each digit that goes on, and node_ ones
  // Digits of the whole number, of the one entry; no number has these, so that none ends here.
  uint8_t shortest = 1;
  uint8_t longest = 0;
};
inline constexpr unsigned max_skip = 7;
inline constexpr unsigned wide_digits = 3;
inline constexpr uint32_t wide_children = 1000;
inline constexpr uint16_t node_edges = (1u << digit_symbols) - 1;
// As DigitEntry::wants_digits, of the one entry.
inline constexpr uint16_t node_wants_digits = 1u << 13;
// Further entries end here; `shortest` and `longest` are of none.
inline constexpr uint16_t node_has_entries = 1u << 14;
// The next wide_digits, 0 to 9, are the index of a child, of whom there are wide_children: where
// prefixes are dense, one step instead of three. The bits of edges are 0.
inline constexpr uint16_t node_is_wide = 1u << 15;

// What ends at a node that has several. They stand together by rank; the last one says so.
struct DigitEntry {
  uint32_t rank = 0;
  uint8_t shortest = 0;  // digits of the whole number
  uint8_t longest = 0;
  uint8_t wants_digits = 0;  // behind the node there is nothing but 0 to 9
  uint8_t is_last = 0;
};

// Where a part of a number lies that a pattern of fixed shape captured. Octets from the number's
// begin, or, with from_end, from its end.
inline constexpr uint8_t from_end = 0x80;
struct CaptureSpan {
  uint8_t begin = 0;
  uint8_t end = 0;
};

// A piece of what a rule makes: a text, then a part of the number.
struct RewriteStep {
  static constexpr unsigned max_text = 13;
  CaptureSpan kept;
  uint8_t text_length = 0;
  char text[max_text] = {};
};
inline constexpr unsigned max_rewrite_steps = 8;

enum class NumberRuleKind : uint8_t {
  shaped,   // literal digits and counted ones: decided by the trie
  pattern,  // a regular expression that a database chooses
  table,    // matches when the table has the number
  stemmed,  // a regular expression that the trie chooses, by the digits that it begins with
};

// What becomes of the display name beside a number that a rule about names is for.
enum class NameAction : uint8_t {
  set,     // the replacement, or the table's value, is the name
  keep,    // it is what the caller said
  remove,  // there is none
};

struct NumberRule {
  Text pattern;                 // as written
  Text replacement;             // with $1 to $9 and $0; "$$" is a dollar sign
  Array<CaptureSpan> captures;  // of a shaped one: the whole match, then $1 and so on
  // Of a shaped one that makes a number of each that it matches, if not a too long one: how. Empty:
  // what `replacement` and `captures` make is read as if it had been dialled.
  Array<RewriteStep> steps;
  uint32_t pattern_row = no_row;
  uint32_t table = no_row;
  uint16_t line = 0;  // of the configuration, for explanations
  NumberRuleKind kind = NumberRuleKind::shaped;
  uint8_t sees_parameters = 0;               // the pattern is about ";ext=" and so on, too
  uint8_t hides_caller = 0;                  // the caller becomes anonymous
  NameAction name_action = NameAction::set;  // of a rule about names
  uint8_t reserved[2] = {};
};

struct PatternRow {
  Text text;
  uint32_t rank = 0;
  uint8_t is_always_candidate = 0;  // Hyperscan can not express it, not even loosely
  uint8_t reserved[3] = {};
};

// Regular expressions that are looked for at once. Sorted by rank; the index is the id in the
// database, which is Hyperscan's serialised form and may be empty.
struct PatternSet {
  Array<PatternRow> patterns;
  Array<uint8_t> database;
  uint64_t key = 0;  // of the patterns' text: sets of one key are the same
};

struct NumberRuleSet {
  uint32_t root = no_row;      // of the shaped and the stemmed ones
  uint32_t patterns = no_row;  // the PatternSet with a database
  uint32_t stemmed = no_row;   // the PatternSet of those that the trie chooses
  Array<NumberRule> rules;     // by rank
  Array<uint32_t> tables;      // the ranks of table rules, ascending
};

// Rows of a table are entries whose rank is an index into `values` of the section.
struct NumberTable {
  Text name;
  uint32_t root = no_row;
  uint32_t reserved = 0;
};

// What one trunk does with numbers: indexes of rule sets. "In" is from the peer; names are those
// that the peer is shown.
struct TrunkNumbers {
  uint32_t called_in = no_row;
  uint32_t calling_in = no_row;
  uint32_t called_out = no_row;
  uint32_t calling_out = no_row;
  uint32_t caller_names = no_row;  // rules about display names: none of them is shaped or stemmed
  uint32_t called_names = no_row;
  uint32_t cost = no_row;       // root of a trie of prefixes whose ranks are costs, in millionths
  uint8_t keeps_extension = 1;  // ";ext=" is shown to the peer
  uint8_t reserved[3] = {};
};

// The rows of all of them, as they stand in the routes section.
struct NumberRows {
  Array<DigitNode> nodes;
  Array<DigitEntry> entries;
  Array<NumberRuleSet> sets;
  Array<NumberTable> tables;
  Array<Text> values;
  Array<PatternSet> pattern_sets;
  Array<TrunkNumbers> trunks;  // as many as trunks, or none
};

}  // namespace demarc::contract
