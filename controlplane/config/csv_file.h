// The files of CSV that blocks name: number tables, costs, prefix lists. Used by those who know
// what stands in them; what is wrong is told of at the block's `file`.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "controlplane/config/named_files.h"
#include "controlplane/config/problem.h"
#include "controlplane/numbers/table_file.h"
#include "controlplane/runtime/files.h"

namespace demarc::config {

inline constexpr size_t longest_csv_file = 128u << 20;  // octets

// "numbers/dids.csv:12: ..." or "numbers/dids.csv:12:5: ...".
inline std::string text_of(const numbers::TableMistake& mistake, const std::string& file) {
  std::string text = file + ":" + std::to_string(mistake.line);
  if (mistake.column != 0) text += ":" + std::to_string(mistake.column);
  return text + ": " + mistake.message;
}

// Fills the block's rows and digest by `read`, which makes rows and mistakes of the file's text.
template <class Block, class Read>
void read_csv_file(Block& block, Problems& problems, Read read) {
  using Rows = typename decltype(block.rows)::element_type;
  block.rows = std::make_shared<Rows>();
  if (block.file.empty()) return;
  const Position at = block.origin.of("file");
  try {
    const std::optional<std::string> text = runtime::read_file(block.file, longest_csv_file);
    if (!text) return problems.error(at, "file: there is no " + block.file);
    block.digest = digest_of(*text);
    // Spreadsheets begin UTF-8 with a byte order mark.
    const std::string_view mark = "\xef\xbb\xbf";
    const std::string_view rows = *text;
    auto table = read(rows.substr(rows.starts_with(mark) ? mark.size() : 0));
    for (const numbers::TableMistake& mistake : table.mistakes) {
      problems.error(at, text_of(mistake, block.file));
    }
    if constexpr (requires { table.more_mistakes; }) {
      if (table.more_mistakes != 0) {
        problems.error(
            at, block.file + ": " + std::to_string(table.more_mistakes) + " further mistakes");
      }
    }
    block.rows = std::make_shared<Rows>(std::move(table.rows));
  } catch (const runtime::FileError& error) {
    problems.error(at, std::string("file: ") + error.what());
  }
}

}  // namespace demarc::config
