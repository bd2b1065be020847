// Prefix lists: rows of CSV, the first digits of called numbers in their first column.
//
//   prefix,destination
//   +44,United Kingdom
//   "+4479*",mobile
//
// Further columns are not read, so a table of costs is a list of its prefixes, too. A first row
// without a digit is a heading; '#' begins a comment. Read when a configuration is loaded; the
// content is in the configuration then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/numbers/table_file.h"

namespace demarc::numbers {

// Prefixes in one piece of memory: a string of its own for each would be twice as much, and a
// configuration of a million is kept as long as it is in force.
class PrefixRows {
 public:
  size_t size() const { return rows_.size(); }
  std::string_view operator[](size_t index) const {
    return std::string_view(digits_).substr(rows_[index].begin, rows_[index].length);
  }
  uint32_t line(size_t index) const { return rows_[index].line; }
  // Whether a prefix has that many octets.
  bool has_length(size_t octets) const {
    return octets != 0 && (lengths_ >> (octets - 1) & 1) != 0;
  }

  void add(std::string_view prefix, uint32_t line);
  // By prefix, then by line.
  void sort();
  // Of rows that are sorted: leaves the first one of each prefix, and tells of the others.
  template <class Tell>
  void leave_one_of_each(Tell tell) {
    size_t kept = 0;
    for (size_t i = 0; i < size(); ++i) {
      if (kept != 0 && (*this)[i] == (*this)[kept - 1]) {
        tell((*this)[i], line(i));
      } else {
        rows_[kept++] = rows_[i];
      }
    }
    rows_.resize(kept);
  }

 private:
  struct Row {
    uint32_t begin = 0;
    uint32_t line = 0;
    uint8_t length = 0;
  };
  std::string digits_;
  std::vector<Row> rows_;
  uint64_t lengths_ = 0;  // bit n: of n + 1 octets
};

struct PrefixTable {
  PrefixRows rows;                     // sorted by prefix, each of which stands once
  std::vector<TableMistake> mistakes;  // at most max_mistakes
  size_t more_mistakes = 0;            // beside them
};

PrefixTable read_prefixes(std::string_view text);

}  // namespace demarc::numbers
