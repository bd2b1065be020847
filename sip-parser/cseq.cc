#include "sip-parser/cseq.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"
#include "sip-parser/lws.h"

namespace demarc::sip {
namespace {

constexpr CharClass token = CharClass::where(ascii::is_token);

}  // namespace

Result<uint32_t, ValueError> parse_number(Span value, std::string_view datagram, uint32_t maximum) {
  const std::string_view digits = text(value, datagram);
  if (digits.empty()) return Fail{ValueError::bad_syntax};
  uint64_t number = 0;
  for (const char c : digits) {
    if (!ascii::is_digit(c)) return Fail{ValueError::bad_syntax};
    // Above the range it stays above: no wrap, however many digits follow.
    if (number <= maximum) number = number * 10 + static_cast<uint64_t>(c - '0');
  }
  if (number > maximum) return Fail{ValueError::out_of_range};
  return static_cast<uint32_t>(number);
}

Result<CSeq, ValueError> parse_cseq(Span value, std::string_view datagram) {
  const Span trimmed = trim_lws(value, datagram);
  uint32_t position = trimmed.offset;
  while (position < trimmed.end() && ascii::is_digit(datagram[position])) ++position;
  const Result<uint32_t, ValueError> number =
      parse_number(make_span(trimmed.offset, position), datagram, max_cseq);
  if (!number) return Fail{number.error()};

  const uint32_t method_begin = skip_lws(datagram, position, trimmed.end());
  const Span method_text = make_span(method_begin, trimmed.end());
  const std::string_view method = text(method_text, datagram);
  if (method_begin == position || method.empty() ||
      find_outside(datagram, method_begin, trimmed.end(), token) != trimmed.end()) {
    return Fail{ValueError::bad_syntax};
  }
  return CSeq{*number, method_of(method), method_text};
}

}  // namespace demarc::sip
