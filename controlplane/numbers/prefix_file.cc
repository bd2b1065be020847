#include "controlplane/numbers/prefix_file.h"

#include <algorithm>
#include <utility>

#include "dataplane/contract/number_rules.h"
#include "sip-parser/base/ascii.h"

namespace demarc::numbers {
namespace {

constexpr std::string_view dialled = "0123456789*#+";

class PrefixReader {
 public:
  PrefixTable read(std::string_view text) {
    for (uint32_t line = 1; !text.empty(); ++line) {
      const size_t end = std::min(text.find('\n'), text.size());
      read_line(line, text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    table_.rows.sort();
    table_.rows.leave_one_of_each([this](std::string_view prefix, uint32_t line) {
      mistake({line, "\"" + std::string(prefix) + "\" stands twice", 1});
    });
    std::stable_sort(table_.mistakes.begin(), table_.mistakes.end(),
                     [](const TableMistake& a, const TableMistake& b) { return a.line < b.line; });
    return std::move(table_);
  }

 private:
  void mistake(TableMistake one) {
    if (table_.mistakes.size() == max_mistakes) {
      ++table_.more_mistakes;
    } else {
      table_.mistakes.push_back(std::move(one));
    }
  }

  void read_line(uint32_t line, std::string_view whole) {
    std::string_view row = whole;
    if (row.ends_with('\r')) row.remove_suffix(1);
    row = ascii::trim(row);
    if (row.empty() || row[0] == '#') return;
    std::string_view prefix = ascii::trim(row.substr(0, row.find(',')));
    if (prefix.size() >= 2 && prefix.front() == '"' && prefix.back() == '"') {
      prefix = prefix.substr(1, prefix.size() - 2);
    }
    const bool is_heading = std::exchange(is_first_, false) &&
                            row.find_first_of("0123456789") == std::string_view::npos &&
                            prefix.find_first_not_of(dialled) != std::string_view::npos;
    if (is_heading) return;
    const auto column_of = [&whole](const char* at) {
      return static_cast<uint32_t>(at - whole.data()) + 1;
    };
    if (prefix.ends_with('*')) prefix.remove_suffix(1);
    if (prefix.empty()) return mistake({line, "the prefix is empty", column_of(prefix.data())});
    if (const size_t wrong = prefix.find_first_not_of(dialled); wrong != std::string_view::npos) {
      return mistake({line,
                      "\"" + std::string(prefix) + "\" may hold digits, '*', '#' and '+' only",
                      column_of(prefix.data() + wrong)});
    }
    if (prefix.size() > contract::max_number_length) {
      return mistake(
          {line, "a prefix of more than " + std::to_string(contract::max_number_length) + " digits",
           column_of(prefix.data())});
    }
    if (table_.rows.size() == max_table_rows) {
      return mistake({line, "more than " + std::to_string(max_table_rows) + " rows", 1});
    }
    table_.rows.add(prefix, line);
  }

  bool is_first_ = true;
  PrefixTable table_;
};

}  // namespace

void PrefixRows::add(std::string_view prefix, uint32_t line) {
  rows_.push_back(
      {static_cast<uint32_t>(digits_.size()), line, static_cast<uint8_t>(prefix.size())});
  digits_ += prefix;
  lengths_ |= uint64_t{1} << (prefix.size() - 1);
}

void PrefixRows::sort() {
  const std::string_view digits = digits_;
  std::sort(rows_.begin(), rows_.end(), [digits](const Row& a, const Row& b) {
    const int order = digits.substr(a.begin, a.length).compare(digits.substr(b.begin, b.length));
    return order != 0 ? order < 0 : a.line < b.line;
  });
}

PrefixTable read_prefixes(std::string_view text) {
  return PrefixReader().read(text);
}

}  // namespace demarc::numbers
