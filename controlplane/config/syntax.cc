#include "controlplane/config/syntax.h"

#include <string_view>
#include <vector>

namespace demarc::config {
namespace {

// Beyond this many the file is no TOML at all.
constexpr unsigned most_syntax_errors = 20;

struct Line {
  size_t begin;
  size_t end;  // without the line feed
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back({begin, end});
    begin = end + 1;
  }
  return lines;
}

bool is_header(std::string_view text, Line line) {
  const size_t first = text.find_first_not_of(" \t", line.begin);
  return first < line.end && text[first] == '[';
}

// False when there is nothing left to blank there, so reading again would find the same.
bool blank(std::string& text, size_t number, Gaps& gaps) {
  const std::vector<Line> lines = lines_of(text);
  // An error at the end of the text belongs to the last line that holds something.
  size_t first = std::min(number, lines.size()) - 1;
  while (first > 0 && text.find_first_not_of(" \t\r", lines[first].begin) >= lines[first].end) {
    --first;
  }
  size_t last = first;
  gaps.has_lost_fields = true;
  gaps.has_lost_blocks = gaps.has_lost_blocks || is_header(text, lines[first]);
  if (is_header(text, lines[first])) {
    while (last + 1 < lines.size() && !is_header(text, lines[last + 1])) ++last;
  }
  bool has_changed = false;
  for (size_t i = lines[first].begin; i < lines[last].end; ++i) {
    if (text[i] == '\n' || text[i] == ' ') continue;
    text[i] = ' ';
    has_changed = true;
  }
  return has_changed;
}

// toml++ ends some messages in its own words for what it was doing; the position says that.
std::string shortened(std::string_view message) {
  constexpr std::string_view prefix = "Error while ";
  return "syntax: " +
         std::string(message.starts_with(prefix) ? message.substr(prefix.size()) : message);
}

}  // namespace

toml::table parse_all(std::string text, uint16_t file, Problems& problems, Gaps& gaps) {
  for (unsigned errors = 0; errors < most_syntax_errors; ++errors) {
    try {
      return toml::parse(std::string_view(text));
    } catch (const toml::parse_error& error) {
      const toml::source_position at = error.source().begin;
      problems.error({at.line, at.column, file}, shortened(error.description()));
      if (at.line == 0 || !blank(text, at.line, gaps)) break;
    }
  }
  gaps = {true, true};
  return {};
}

}  // namespace demarc::config
