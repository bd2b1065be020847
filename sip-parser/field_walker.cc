#include "sip-parser/field_walker.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/lws.h"

namespace demarc::sip {

// What is not "Name: value" on one line. `line` is where it begins, `end` the CR of its first CRLF.
FieldWalker::Step FieldWalker::next_odd_line(const char* line, const char* end, Span& name,
                                             Span& value) {
  if (end == line) return Step::end;
  // A line that begins with white space belongs to the one before it.
  while (position_ < end_ && ascii::is_wsp(*position_)) {
    end = next_line_end();
    if (end == nullptr) return Step::failed;
    position_ = end + 2;
  }
  const auto* const colon =
      static_cast<const char*>(std::memchr(line, ':', static_cast<std::size_t>(end - line)));
  if (colon == nullptr) return fail(ParseError::bad_header_line);
  const char* name_end = colon;
  while (name_end > line && ascii::is_wsp(name_end[-1])) --name_end;
  if (name_end == line) return fail(ParseError::bad_header_line);
  assign(name, line, name_end);
  assign(value, colon + 1, end);
  value = trim_lws(value, {data_, static_cast<std::size_t>(end_ - data_)});
  return Step::found;
}

}  // namespace demarc::sip
