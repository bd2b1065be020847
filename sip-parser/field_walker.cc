#include "sip-parser/field_walker.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/lws.h"

namespace demarc::sip {

// What is not "Name: value" on one line. `line` is where it begins, `end` the CR of its first CRLF.
FieldWalker::Step FieldWalker::next_odd_line(uint32_t line, uint32_t end, FieldSpans& field) {
  if (end == line) return Step::end;
  // A line that begins with white space belongs to the one before it.
  while (position_ < end_ && ascii::is_wsp(data_[position_])) {
    if (!next_line_end(end)) return Step::failed;
    position_ = end + 2;
  }
  const std::string_view datagram(data_, end_);
  const size_t colon = datagram.substr(0, end).find(':', line);
  if (colon == std::string_view::npos) return fail(ParseError::bad_header_line);
  size_t name_end = colon;
  while (name_end > line && ascii::is_wsp(data_[name_end - 1])) --name_end;
  if (name_end == line) return fail(ParseError::bad_header_line);
  field = FieldSpans(make_span(line, static_cast<uint32_t>(name_end)),
                     trim_lws(make_span(static_cast<uint32_t>(colon) + 1, end), datagram));
  return Step::found;
}

}  // namespace demarc::sip
