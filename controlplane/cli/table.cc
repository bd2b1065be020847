#include "controlplane/cli/table.h"

#include <algorithm>

namespace demarc::cli {
namespace {

// Characters that a terminal shows, for UTF-8; a stray octet counts as one.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace

std::string shown(const std::string& text) {
  std::string safe = text;
  for (char& c : safe) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
  }
  return safe.empty() ? "-" : safe;
}

std::string Table::text(bool is_coloured) const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = width_of(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, width_of(shown(row[i])));
    widths.push_back(width);
  }
  std::string out;
  const auto add_line = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string cell = shown(cells[i]);
      const std::string blanks(widths[i] - width_of(cell), ' ');
      if (i != 0) line += "  ";
      line += columns_[i].is_number ? blanks + cell : cell + blanks;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
  };
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  out += is_coloured ? "\033[1m" + add_line(titles) + "\033[0m" : add_line(titles);
  out += '\n';
  for (const auto& row : rows_) out += add_line(row) + "\n";
  return out;
}

std::string grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

}  // namespace demarc::cli
