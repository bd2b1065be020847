#include "sip-parser/call_id.h"

#include "sip-parser/base/separators.h"

namespace demarc::sip {
namespace {

// word of RFC 3261 section 25.1, and '@'.
constexpr CharClass word_class =
    CharClass::where(ascii::is_token) | CharClass::of("()<>:\\\"/[]?{}");
constexpr CharClass call_id_class = word_class | CharClass::of("@");

// Whether a run of the class is one word, or two with '@' between.
bool has_words(std::string_view run) {
  const size_t at = run.find('@');
  if (at == std::string_view::npos) return !run.empty();
  return at != 0 && at + 1 != run.size() && run.find('@', at + 1) == std::string_view::npos;
}

}  // namespace

Span read_call_id(ValueReader& reader) {
  const Span span = reader.run(call_id_class);
  return has_words(reader.text_of(span)) ? span : Span{};
}

bool is_call_id(std::string_view text) {
  const uint32_t size = static_cast<uint32_t>(text.size());
  return find_outside(text, 0, size, call_id_class) == size && has_words(text);
}

Result<Span, ValueError> parse_call_id(Span value, std::string_view datagram) {
  // One word, or two with '@' between, and nothing around.
  const uint32_t end = value.end();
  Separators<word_class> separators(datagram, value.offset, end);
  const uint32_t at = separators.next();
  if (at != value.offset) [[likely]] {
    if (at == end) return value;
    if (datagram[at] == '@' && at + 1 < end && separators.next() == end) return value;
  }
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
