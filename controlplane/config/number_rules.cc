#include "controlplane/config/number_rules.h"

#include <algorithm>

#include "controlplane/config/csv_file.h"
#include "controlplane/config/reference.h"

namespace demarc::config {
namespace {

// The rules of one field, as they are told apart in messages.
struct Field {
  const char* name;
  std::vector<numbers::Rule> Numbers::*rules;
};
constexpr Field fields[] = {
    {"called_in", &Numbers::called_in},       {"calling_in", &Numbers::calling_in},
    {"called_out", &Numbers::called_out},     {"calling_out", &Numbers::calling_out},
    {"caller_names", &Numbers::caller_names}, {"called_names", &Numbers::called_names}};

std::vector<numbers::Rule> rules_of(const Block& block, const std::string& field,
                                    Problems& problems) {
  const bool is_about_names = field.ends_with("_names");
  const bool is_calling = field.starts_with("calling");
  std::vector<numbers::Rule> rules;
  size_t index = 0;
  for (const std::string& text : block.get<std::vector<std::string>>(field)) {
    const Position at = block.origin.of(field, index++);
    try {
      numbers::Rule rule =
          is_about_names ? numbers::parse_name_rule(text) : numbers::parse_rule(text);
      rule.line = static_cast<uint16_t>(std::min(at.line, 0xffffu));
      if (rule.hides_caller && !is_calling) {
        problems.error(at, field + ": only a calling number can become anonymous");
        continue;
      }
      rules.push_back(std::move(rule));
    } catch (const numbers::RuleError& error) {
      problems.error(at, field + ": " + error.what());
    }
  }
  return rules;
}

// Whether the table has what the rule is about.
void check_kind(const char* field, const numbers::Rule& rule, const Position& at,
                const Config& config, Problems& problems) {
  const auto wanted = rule.is_about_names ? numbers::TableKind::names : numbers::TableKind::numbers;
  for (const NumberTable& table : config.tables) {
    if (table.name != rule.table || table.kind == wanted) continue;
    problems.error(at, std::string(field) + ": [table." + table.name + "] holds " +
                           (rule.is_about_names ? "numbers, no names" : "names, no numbers"));
  }
}

}  // namespace

Numbers bind_numbers(const Block& block, Problems& problems) {
  Numbers bound;
  for (const Field& field : fields) bound.*field.rules = rules_of(block, field.name, problems);
  bound.keeps_extension = block.get<std::string>("extensions") == "kept";
  return bound;
}

NumberTable bind_table(const Block& block) {
  NumberTable table;
  table.name = block.name;
  table.file = block.get<std::string>("file");
  table.kind = block.get<std::string>("holds") == "names" ? numbers::TableKind::names
                                                          : numbers::TableKind::numbers;
  table.origin = block.origin;
  return table;
}

void check_numbers(const Config& config, const Gaps& gaps, Problems& problems) {
  for (const Trunk& trunk : config.trunks) {
    for (const Field& field : fields) {
      for (const numbers::Rule& rule : trunk.numbers.*field.rules) {
        if (!rule.pattern.empty()) continue;
        // Rules that are wrong were left out, so that an index leads nowhere.
        Position at = trunk.origin.of(field.name);
        at.line = rule.line;
        refers({field.name, "table", at}, rule.table, config.tables, gaps, problems);
        check_kind(field.name, rule, at, config, problems);
      }
    }
  }
}

void read_table_files(Config& config, Problems& problems) {
  for (NumberTable& table : config.tables) {
    read_csv_file(table, problems, [&table](std::string_view text) {
      return numbers::read_table(text, table.kind);
    });
  }
}

}  // namespace demarc::config
