#include "controlplane/numbers/cost_file.h"

#include <algorithm>
#include <optional>

#include "dataplane/contract/number_rules.h"
#include "sip-parser/base/ascii.h"

namespace demarc::numbers {
namespace {

constexpr uint32_t million = 1'000'000;

std::string_view unquoted(std::string_view column) {
  column = ascii::trim(column);
  const bool is_quoted = column.size() >= 2 && column.front() == '"' && column.back() == '"';
  return is_quoted ? column.substr(1, column.size() - 2) : column;
}

// "0.0125" in millionths; digits behind the sixth one must be none.
std::optional<uint32_t> cost_of(std::string_view text) {
  const size_t point = std::min(text.find('.'), text.size());
  uint64_t whole = 0;
  if (!ascii::parse_decimal(text.substr(0, point), max_cost, whole)) return std::nullopt;
  uint64_t part = 0;
  if (point != text.size()) {
    std::string digits(text.substr(point + 1));
    if (digits.empty() || digits.size() > 6) return std::nullopt;
    digits.resize(6, '0');
    if (!ascii::parse_decimal(digits, million - 1, part)) return std::nullopt;
  }
  return static_cast<uint32_t>(whole * million + part);
}

class CostReader {
 public:
  CostTable read(std::string_view text) {
    for (uint32_t line = 1; !text.empty(); ++line) {
      const size_t end = std::min(text.find('\n'), text.size());
      read_line(line, ascii::trim(text.substr(0, end)));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    sort();
    return std::move(table_);
  }

 private:
  void mistake(uint32_t line, std::string message) {
    if (table_.mistakes.size() == max_mistakes) return;
    table_.mistakes.push_back({line, std::move(message)});
  }

  void read_line(uint32_t line, std::string_view text) {
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    if (text.empty() || text[0] == '#') return;
    const bool is_heading = is_first_ && text.find_first_of("0123456789") == std::string_view::npos;
    is_first_ = false;
    if (is_heading) return;
    const size_t comma = text.find(',');
    if (comma == std::string_view::npos) {
      return mistake(line, "a prefix and its cost are two columns");
    }
    std::string_view prefix = unquoted(text.substr(0, comma));
    if (prefix.ends_with('*')) prefix.remove_suffix(1);
    std::string_view cost = text.substr(comma + 1);
    cost = unquoted(cost.substr(0, cost.find(',')));
    add(line, prefix, cost);
  }

  void add(uint32_t line, std::string_view prefix, std::string_view cost) {
    if (prefix.find_first_not_of("0123456789*#+") != std::string_view::npos) {
      return mistake(line,
                     "\"" + std::string(prefix) + "\" may hold digits, '*', '#' and '+' only");
    }
    if (prefix.size() > contract::max_number_length) {
      return mistake(
          line, "a prefix of more than " + std::to_string(contract::max_number_length) + " digits");
    }
    const std::optional<uint32_t> millionths = cost_of(cost);
    if (!millionths) {
      return mistake(line, "\"" + std::string(cost) +
                               "\" is not a cost such as \"0.0125\", at most " +
                               std::to_string(max_cost));
    }
    if (rows_.size() == max_table_rows) {
      return mistake(line, "more than " + std::to_string(max_table_rows) + " rows");
    }
    rows_.push_back({{std::string(prefix), *millionths}, line});
  }

  void sort() {
    std::stable_sort(rows_.begin(), rows_.end(), [](const Numbered& a, const Numbered& b) {
      return a.row.prefix < b.row.prefix;
    });
    for (Numbered& one : rows_) {
      if (!table_.rows.empty() && table_.rows.back().prefix == one.row.prefix) {
        mistake(one.line, "\"" + one.row.prefix + "\" stands twice");
        continue;
      }
      table_.rows.push_back(std::move(one.row));
    }
    std::stable_sort(table_.mistakes.begin(), table_.mistakes.end(),
                     [](const TableMistake& a, const TableMistake& b) { return a.line < b.line; });
  }

  struct Numbered {
    CostRow row;
    uint32_t line = 0;
  };
  std::vector<Numbered> rows_;
  bool is_first_ = true;
  CostTable table_;
};

}  // namespace

CostTable read_costs(std::string_view text) {
  return CostReader().read(text);
}

}  // namespace demarc::numbers
