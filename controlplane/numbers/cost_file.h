// Cost tables: rows of CSV, the prefix of a called number and what a minute to it costs.
//
//   prefix,cost
//   +44,0.012
//   +4479,0.055
//
// A first row without a digit is a heading; '#' begins a comment; '*' alone, or nothing, is the
// prefix of all numbers. Costs are numbers of any unit, the same in all tables. Read when a
// configuration is loaded; the content is in the configuration then.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/numbers/table_file.h"

namespace demarc::numbers {

struct CostRow {
  std::string prefix;
  uint32_t millionths = 0;
};

struct CostTable {
  std::vector<CostRow> rows;           // sorted by prefix, each of which stands once
  std::vector<TableMistake> mistakes;  // at most max_mistakes
};

inline constexpr uint32_t max_cost = 4000;  // in whole units

CostTable read_costs(std::string_view text);

}  // namespace demarc::numbers
