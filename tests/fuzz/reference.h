// A second reader of the header section, as plain as the rules are, against which parse() is held.
//
// Included by the targets of this folder; it allocates. Line by line with std::string_view::find,
// nothing shared with field_walker.cc (RFC 3261 sections 7.3 and 7.3.1, and the rules on CR, LF and
// NUL in parse.h).
#pragma once

#include <string_view>
#include <vector>

#include "sip-parser/base/ascii.h"

namespace demarc::fuzz {

struct ReferenceField {
  std::string_view name;
  std::string_view value;
};

struct ReferenceHeader {
  bool is_good = false;
  std::string_view start_line;
  std::vector<ReferenceField> fields;
  std::string_view rest;  // behind the empty line
};

inline std::string_view reference_trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// One line without its CRLF. False: there is none before a bare CR, a bare LF, a NUL or the end.
inline bool reference_line(std::string_view& text, std::string_view& line) {
  const size_t end = text.find_first_of(std::string_view("\0\r\n", 3));
  if (end == std::string_view::npos || text.substr(end, 2) != "\r\n") return false;
  line = text.substr(0, end);
  text.remove_prefix(end + 2);
  return true;
}

inline bool reference_field(std::string_view& text, std::string_view line, ReferenceField& field) {
  const char* begin = line.data();
  size_t length = line.size();
  while (!text.empty() && ascii::is_wsp(text.front())) {
    std::string_view folded;
    if (!reference_line(text, folded)) return false;
    length += 2 + folded.size();
  }
  const std::string_view whole(begin, length);
  const size_t colon = whole.find(':');
  if (colon == std::string_view::npos) return false;
  // A fold is no blank before the colon.
  field.name = whole.substr(0, colon);
  while (!field.name.empty() && ascii::is_wsp(field.name.back())) field.name.remove_suffix(1);
  field.value = reference_trim(whole.substr(colon + 1));
  return ascii::is_token(field.name);
}

inline ReferenceHeader reference_header(std::string_view text) {
  ReferenceHeader header;
  const size_t begin = text.find_first_not_of("\r\n");
  if (begin == std::string_view::npos) return header;
  text.remove_prefix(begin);
  if (!reference_line(text, header.start_line)) return header;
  std::string_view line;
  while (reference_line(text, line)) {
    if (line.empty()) {
      header.rest = text;
      header.is_good = true;
      return header;
    }
    ReferenceField field;
    if (!reference_field(text, line, field)) return header;
    header.fields.push_back(field);
  }
  return header;
}

}  // namespace demarc::fuzz
