#include "sip-parser/field_walker.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/lws.h"

namespace demarc::sip {
namespace {

uint32_t skip_line_ends(std::string_view datagram) {
  uint32_t position = 0;
  while (position < datagram.size() && (datagram[position] == '\r' || datagram[position] == '\n')) {
    ++position;
  }
  return position;
}

// The characters of a token, as a table: names are walked octet by octet.
struct TokenTable {
  bool is_token[256] = {};
  constexpr TokenTable() {
    for (unsigned c = 0; c < 256; ++c) is_token[c] = ascii::is_token(static_cast<char>(c));
  }
};
constexpr TokenTable token_table;

}  // namespace

FieldWalker::FieldWalker(std::string_view datagram)
    : datagram_(datagram), position_(skip_line_ends(datagram)), scanner_(datagram, position_) {}

bool FieldWalker::find_line_end(uint32_t& line_end) {
  const uint32_t size = static_cast<uint32_t>(datagram_.size());
  const uint32_t found = scanner_.next();
  if (found == size) {
    error_ = ParseError::no_end_of_header;
    return false;
  }
  if (datagram_[found] == '\r') {
    if (found + 1 == size) {
      error_ = ParseError::no_end_of_header;
      return false;
    }
    if (datagram_[found + 1] == '\n') {
      static_cast<void>(scanner_.next());  // the LF
      line_end = found;
      return true;
    }
  }
  error_ = ParseError::forbidden_octet;
  return false;
}

FieldWalker::Step FieldWalker::start_line(Span& line) {
  if (position_ == datagram_.size()) return fail(ParseError::empty);
  uint32_t line_end = 0;
  if (!find_line_end(line_end)) return Step::failed;
  line = make_span(position_, line_end);
  position_ = line_end + 2;
  return Step::found;
}

FieldWalker::Step FieldWalker::next(Span& name, Span& value) {
  uint32_t line_end = 0;
  if (!find_line_end(line_end)) return Step::failed;
  if (line_end == position_) {
    position_ += 2;
    return Step::end;
  }
  // A line that begins with white space belongs to the one before it.
  while (line_end + 2 < datagram_.size() && ascii::is_wsp(datagram_[line_end + 2])) {
    if (!find_line_end(line_end)) return Step::failed;
  }

  const uint32_t begin = position_;
  position_ = line_end + 2;
  uint32_t name_end = begin;
  while (token_table.is_token[static_cast<uint8_t>(datagram_[name_end])]) ++name_end;
  uint32_t colon = name_end;
  while (ascii::is_wsp(datagram_[colon])) ++colon;
  // Both loops stop at the CR of the line's end at the latest.
  if (name_end == begin || datagram_[colon] != ':') return fail(ParseError::bad_header_line);
  name = make_span(begin, name_end);
  value = trim_lws(make_span(colon + 1, line_end), datagram_);
  return Step::found;
}

}  // namespace demarc::sip
