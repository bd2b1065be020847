// Configurations of any content, as TOML and in the JSON form of the API, and tables of numbers and
// costs: each is read or refused with the place of the mistake, and what was taken, printed and
// read again, is the same.
#include <algorithm>
#include <cstdio>

#include "controlplane/config/json_form.h"
#include "controlplane/config/load.h"
#include "controlplane/config/tree.h"
#include "controlplane/numbers/cost_file.h"
#include "controlplane/numbers/table_file.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

void check_mistakes(const config::Loaded& loaded) {
  DEMARC_CHECK(!loaded.files.empty() && loaded.tree != nullptr);
  for (const config::Problem& problem : loaded.problems) {
    DEMARC_CHECK(problem.at.file < loaded.files.size() && !problem.message.empty());
  }
  DEMARC_CHECK(config::texts_of(loaded, "f").size() == loaded.problems.size());
  DEMARC_CHECK(loaded.is_good || !loaded.problems.empty());
}

void try_toml(std::string_view text) {
  const config::Loaded loaded = config::load_text(text);
  check_mistakes(loaded);
  const std::string written = config::json_of(*loaded.tree, config::Extent::written);
  DEMARC_CHECK(config::json_of(*loaded.tree, config::Extent::all).size() >= written.size());
  if (!loaded.is_good) return;
  const config::Loaded again = config::load_text(config::toml_of_json(written));
  DEMARC_CHECK(again.is_good);
  DEMARC_CHECK(config::json_of(*again.tree, config::Extent::written) == written);
}

void try_json(std::string_view text) {
  std::string toml;
  try {
    toml = config::toml_of_json(text);
  } catch (const config::JsonError&) {
    return;
  }
  try_toml(toml);
}

void check_mistakes(const std::vector<numbers::TableMistake>& mistakes, std::string_view text) {
  DEMARC_CHECK(mistakes.size() <= numbers::max_mistakes);
  const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
  for (const numbers::TableMistake& mistake : mistakes) {
    DEMARC_CHECK(mistake.line >= 1 && mistake.line <= lines && !mistake.message.empty());
  }
}

void try_numbers(std::string_view text) {
  const numbers::Table table = numbers::read_table(text);
  check_mistakes(table.mistakes, text);
  std::string again = "number,replacement\n";
  for (const numbers::TableRow& row : table.rows) {
    const char* star = row.is_prefix ? "*" : "";
    // A comment begins with '#', which quotes keep a number from.
    again += "\"" + row.number + star + "\"," + row.replacement + star + "\n";
  }
  const numbers::Table read = numbers::read_table(again);
  DEMARC_CHECK(read.mistakes.empty());
  DEMARC_CHECK(std::equal(read.rows.begin(), read.rows.end(), table.rows.begin(), table.rows.end(),
                          [](const numbers::TableRow& a, const numbers::TableRow& b) {
                            return a.number == b.number && a.replacement == b.replacement &&
                                   a.is_prefix == b.is_prefix;
                          }));
}

void try_costs(std::string_view text) {
  const numbers::CostTable table = numbers::read_costs(text);
  check_mistakes(table.mistakes, text);
  std::string again = "prefix,cost\n";
  for (const numbers::CostRow& row : table.rows) {
    DEMARC_CHECK(row.millionths / 1'000'000 <= numbers::max_cost);
    char cost[32];
    std::snprintf(cost, sizeof cost, "%u.%06u", row.millionths / 1'000'000,
                  row.millionths % 1'000'000);
    again += "\"" + row.prefix + "*\"," + cost + "\n";
  }
  const numbers::CostTable read = numbers::read_costs(again);
  DEMARC_CHECK(read.mistakes.empty());
  DEMARC_CHECK(std::equal(read.rows.begin(), read.rows.end(), table.rows.begin(), table.rows.end(),
                          [](const numbers::CostRow& a, const numbers::CostRow& b) {
                            return a.prefix == b.prefix && a.millionths == b.millionths;
                          }));
}

}  // namespace
}  // namespace demarc::fuzz

// The first octet says what the rest is, so that a seed can be read by people.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace demarc::fuzz;
  if (size == 0) return 0;
  const Placed input(view_of(data + 1, size - 1), 0, '\0');
  switch (data[0]) {
    case 't':
      try_toml(input.view());
      break;
    case 'j':
      try_json(input.view());
      break;
    case 'n':
      try_numbers(input.view());
      break;
    case 'c':
      try_costs(input.view());
      break;
    default:
      break;
  }
  return 0;
}
