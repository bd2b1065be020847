// Number tables: rows of CSV (RFC 4180), a number and what stands in its place.
//
//   number,replacement
//   2001,+14255550101
//   "+4420794600*","+1425555*"   a prefix: what follows it is kept
//
// Of a table of names the second column is a display name, and that of a prefix goes for each
// number that has it:
//
//   +442079460018,"Smith, Anna"
//
// A first row without a digit in its first column is a heading; '#' begins a comment. Read when a
// configuration is loaded; the content is in the configuration then.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace demarc::numbers {

struct TableRow {
  std::string number;  // or prefix
  std::string replacement;
  bool is_prefix = false;
};

struct TableMistake {
  uint32_t line = 0;  // of the table's file, from 1
  std::string message;
  uint32_t column = 0;  // from 1; 0: the row as a whole
};

struct Table {
  std::vector<TableRow> rows;          // sorted by number, then by whether it is a prefix
  std::vector<TableMistake> mistakes;  // at most max_mistakes
};

inline constexpr size_t max_table_rows = 2'000'000;
inline constexpr size_t max_mistakes = 100;

// What stands in a number's place, or beside it.
enum class TableKind : uint8_t { numbers, names };

Table read_table(std::string_view text, TableKind kind = TableKind::numbers);

}  // namespace demarc::numbers
