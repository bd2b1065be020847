#include "sip-parser/field_walker.h"

namespace demarc::sip {

FieldWalker::Step FieldWalker::fail_at_end(uint32_t end) {
  return fail(scanner_.is_forbidden_up_to(end) ? ParseError::forbidden_octet
                                                : ParseError::no_end_of_header);
}

FieldWalker::Step FieldWalker::start_line(Span& line) {
  if (position_ == datagram_.size()) return fail(ParseError::empty);
  const uint32_t end = scanner_.next();
  if (end == datagram_.size() || scanner_.is_forbidden_up_to(end)) return fail_at_end(end);
  line = make_span(position_, end - 1);
  position_ = end + 1;
  return Step::found;
}

uint32_t FieldWalker::length_of_long_name(const char* name) {
  uint32_t length = 0;
  while (token.contains(name[length])) ++length;
  return length;
}

// What is not "Name:" on one line. `line_end` and position_ are those of its first line.
FieldWalker::Step FieldWalker::next_odd_line(uint32_t& name_length, uint32_t& line_end) {
  if (line_end == line_) return Step::end;
  // A line that begins with white space belongs to the one before it.
  while (is_fold(position_)) {
    const uint32_t end = scanner_.next();
    if (end == datagram_.size() || scanner_.is_forbidden_up_to(end)) return fail_at_end(end);
    line_end = end - 1;
    position_ = end + 1;
  }
  colon_ = line_ + name_length;
  while (ascii::is_wsp(datagram_[colon_])) ++colon_;
  // This stopped at the CR of the line's end at the latest.
  if (name_length == 0 || datagram_[colon_] != ':') return fail(ParseError::bad_header_line);
  return Step::found;
}

}  // namespace demarc::sip
