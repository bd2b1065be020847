#include "sip-parser/cseq.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"
#include "sip-parser/base/decimal.h"
#include "sip-parser/lws.h"

namespace demarc::sip {
namespace {

constexpr CharClass token = CharClass::where(ascii::is_token);

}  // namespace

Result<uint32_t, ValueError> parse_number(Span value, std::string_view datagram, uint32_t maximum) {
  // Three digits or less, as nearly all are, cost less one by one.
  if (value.length - 1u < 3) [[likely]] {
    uint32_t number = 0;
    for (const char c : text(value, datagram)) {
      if (!ascii::is_digit(c)) return Fail{ValueError::bad_syntax};
      number = number * 10 + static_cast<uint32_t>(c - '0');
    }
    if (number > maximum) return Fail{ValueError::out_of_range};
    return number;
  }
  const Decimal number = read_decimal(datagram, value.offset, value.end(), maximum);
  if (value.empty() || number.end != value.end()) return Fail{ValueError::bad_syntax};
  if (number.value > maximum) return Fail{ValueError::out_of_range};
  return static_cast<uint32_t>(number.value);
}

ValueError read_cseq(Span value, std::string_view datagram, CSeq& cseq) {
  const Span trimmed = trim_lws(value, datagram);
  const uint32_t end = trimmed.end();
  const Decimal number = read_decimal(datagram, trimmed.offset, end, max_cseq);
  if (number.end == trimmed.offset) return ValueError::bad_syntax;
  if (number.value > max_cseq) return ValueError::out_of_range;

  // One SP, as nearly everybody writes it.
  const bool is_usual = end - number.end > 1 && datagram[number.end] == ' ' &&
                        static_cast<uint8_t>(datagram[number.end + 1]) > ' ';
  const uint32_t method_begin = is_usual ? number.end + 1 : skip_lws(datagram, number.end, end);
  if (method_begin == number.end || method_begin == end) return ValueError::bad_syntax;
  cseq.number = static_cast<uint32_t>(number.value);
  cseq.method_text.assign(method_begin, end);
  cseq.method = method_of(datagram.substr(method_begin, end - method_begin));
  // A known method is a token.
  if (cseq.method == Method::other && find_outside(datagram, method_begin, end, token) != end) {
    return ValueError::bad_syntax;
  }
  return ValueError{};
}

Result<CSeq, ValueError> parse_cseq(Span value, std::string_view datagram) {
  CSeq cseq;
  const ValueError error = read_cseq(value, datagram, cseq);
  if (error != ValueError{}) return Fail{error};
  return cseq;
}

}  // namespace demarc::sip
