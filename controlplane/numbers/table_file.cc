#include "controlplane/numbers/table_file.h"

#include <algorithm>
#include <tuple>

#include "controlplane/numbers/rule_text.h"
#include "dataplane/contract/number_rules.h"
#include "sip-parser/base/ascii.h"

namespace demarc::numbers {
namespace {

struct Line {
  uint32_t number = 0;
  std::vector<std::string> columns;
};

// The columns of one line; false when a quote is not closed.
bool split(std::string_view text, std::vector<std::string>& columns) {
  columns.emplace_back();
  bool is_quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      columns.back() += text[++i];
    } else if (c == '"') {
      is_quoted = !is_quoted;
    } else if (c == ',' && !is_quoted) {
      columns.emplace_back();
    } else {
      columns.back() += c;
    }
  }
  return !is_quoted;
}

bool is_dialled(std::string_view text) {
  return text.find_first_not_of("0123456789*#+") == std::string_view::npos;
}

class TableReader {
 public:
  explicit TableReader(TableKind kind) : kind_(kind) {}

  Table read(std::string_view text) {
    uint32_t number = 0;
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      ++number;
      read_line(number, ascii::trim(text.substr(0, end)));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    sort();
    return std::move(table_);
  }

 private:
  struct Numbered {
    TableRow row;
    uint32_t line;
  };

  void mistake(uint32_t line, std::string message) {
    if (table_.mistakes.size() == max_mistakes) return;
    table_.mistakes.push_back({line, std::move(message)});
  }

  void read_line(uint32_t number, std::string_view text) {
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    if (text.empty() || text[0] == '#') return;
    std::vector<std::string> columns;
    if (!split(text, columns)) return mistake(number, "a quote is not closed");
    const bool is_heading = rows_.empty() && !has_heading_ &&
                            columns[0].find_first_of("0123456789") == std::string::npos &&
                            columns[0] != "*";
    if (is_heading) {
      has_heading_ = true;
      return;
    }
    if (columns.size() < 2) return mistake(number, "a number and its replacement are two columns");
    add(number, std::string(ascii::trim(columns[0])), std::string(ascii::trim(columns[1])));
  }

  // Empty is one here. False: it was told what is wrong.
  bool is_number(uint32_t line, const std::string& text) {
    if (!is_dialled(text)) {
      mistake(line, "\"" + text + "\" may hold digits, '*', '#' and '+' only");
      return false;
    }
    if (text.size() <= contract::max_number_length) return true;
    mistake(line,
            "a number of more than " + std::to_string(contract::max_number_length) + " digits");
    return false;
  }

  void add(uint32_t line, std::string number, std::string replacement) {
    TableRow row;
    row.is_prefix = number.ends_with('*');
    if (row.is_prefix) number.pop_back();
    if (number.empty() && !row.is_prefix) return mistake(line, "the number is empty");
    if (!is_number(line, number)) return;
    if (kind_ == TableKind::names) {
      std::string wrong = mistake_of_name(replacement);
      if (!wrong.empty()) return mistake(line, std::move(wrong));
    } else {
      if (row.is_prefix && replacement.ends_with('*')) replacement.pop_back();
      if (!is_number(line, replacement)) return;
      if (replacement.empty() && !row.is_prefix) return mistake(line, "the replacement is empty");
    }
    if (rows_.size() == max_table_rows) {
      return mistake(line, "more than " + std::to_string(max_table_rows) + " rows");
    }
    row.number = std::move(number);
    row.replacement = std::move(replacement);
    rows_.push_back({std::move(row), line});
  }

  void sort() {
    const auto key = [](const Numbered& row) {
      return std::tie(row.row.number, row.row.is_prefix, row.line);
    };
    std::sort(rows_.begin(), rows_.end(),
              [&](const Numbered& a, const Numbered& b) { return key(a) < key(b); });
    table_.rows.reserve(rows_.size());
    for (Numbered& numbered : rows_) {
      const bool is_known = !table_.rows.empty() &&
                            table_.rows.back().number == numbered.row.number &&
                            table_.rows.back().is_prefix == numbered.row.is_prefix;
      if (is_known) {
        mistake(numbered.line, "\"" + numbered.row.number + "\" stands twice");
        continue;
      }
      table_.rows.push_back(std::move(numbered.row));
    }
    std::stable_sort(table_.mistakes.begin(), table_.mistakes.end(),
                     [](const TableMistake& a, const TableMistake& b) { return a.line < b.line; });
  }

  std::vector<Numbered> rows_;
  TableKind kind_;
  bool has_heading_ = false;
  Table table_;
};

}  // namespace

Table read_table(std::string_view text, TableKind kind) {
  return TableReader(kind).read(text);
}

}  // namespace demarc::numbers
