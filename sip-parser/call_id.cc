#include "sip-parser/call_id.h"

namespace demarc::sip {
namespace {

// word of RFC 3261 section 25.1, and '@'.
constexpr CharClass call_id_class =
    CharClass::where(ascii::is_token) | CharClass::of("()<>:\\\"/[]?{}@");

}  // namespace

Span read_call_id(ValueReader& reader) {
  const Span span = reader.run(call_id_class);
  return is_call_id(reader.text_of(span)) ? span : Span{};
}

bool is_call_id(std::string_view text) {
  size_t at_signs = 0;
  for (const char c : text) {
    if (!call_id_class.contains(c)) return false;
    at_signs += c == '@';
  }
  return !text.empty() && at_signs <= 1 && text.front() != '@' && text.back() != '@';
}

Result<Span, ValueError> parse_call_id(Span value, std::string_view datagram) {
  ValueReader reader(value, datagram);
  const Span call_id = read_call_id(reader);
  if (call_id.empty() || !reader.at_end()) return Fail{ValueError::bad_syntax};
  return call_id;
}

bool CallIdCursor::next(Span& call_id) {
  if (is_done_) return false;
  call_id = read_call_id(reader_);
  is_done_ = reader_.at_end();
  failed_ = call_id.empty() || (!is_done_ && !reader_.take(','));
  is_done_ |= failed_;
  return !failed_;
}

}  // namespace demarc::sip
