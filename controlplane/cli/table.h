// Tables for people: a header with units, columns as wide as they need, numbers to the right.
// Pure text; knows neither JSON nor the API.
#pragma once

#include <string>
#include <vector>

namespace demarc::cli {

struct Column {
  std::string title;  // with its unit: "octets"
  bool is_number = false;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // As many cells as columns.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  // The header is bold when `is_coloured`.
  std::string text(bool is_coloured) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Text of a peer, of which a terminal obeys nothing; "-" for none.
std::string shown(const std::string& text);

// "12,345,678".
std::string grouped(uint64_t number);

}  // namespace demarc::cli
