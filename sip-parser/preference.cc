#include "sip-parser/preference.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/known_params.h"
#include "sip-parser/lws.h"
#include "sip-parser/token_params.h"

namespace demarc::sip {
namespace {

constexpr KnownParam known[] = {{"q", ParamForm::token}};
constexpr size_t max_subtag_octets = 8;

// 1*8ALPHA *( "-" 1*8ALPHA ). Deviates from RFC 3261 section 25.1: digits are taken as well, as
// language tags have them since RFC 3066 ("es-419").
bool is_language_tag(std::string_view tag) {
  size_t length = 0;
  for (const char c : tag) {
    if (c == '-') {
      if (length == 0) return false;
      length = 0;
    } else if (!ascii::is_alphanum(c) || ++length > max_subtag_octets) {
      return false;
    }
  }
  return length > 0;
}

}  // namespace

Result<uint16_t, ValueError> parse_q(Span value, std::string_view datagram) {
  const std::string_view q = text(value, datagram);
  const size_t point = q.find('.');
  const std::string_view whole = q.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view{} : q.substr(point + 1);
  if (whole.empty() || fraction.size() > 3) return Fail{ValueError::bad_syntax};
  for (const char c : whole) {
    if (!ascii::is_digit(c)) return Fail{ValueError::bad_syntax};
  }
  uint32_t thousandths = 0;
  for (size_t i = 0; i < 3; ++i) {
    if (i < fraction.size() && !ascii::is_digit(fraction[i])) return Fail{ValueError::bad_syntax};
    thousandths =
        thousandths * 10 + (i < fraction.size() ? static_cast<uint32_t>(fraction[i] - '0') : 0);
  }
  uint64_t ones = 0;
  if (!ascii::parse_decimal(whole, 1, ones) || ones * max_q + thousandths > max_q) {
    return Fail{ValueError::out_of_range};
  }
  return static_cast<uint16_t>(ones * max_q + thousandths);
}

Result<Preference, ValueError> parse_accept_encoding(Span element, std::string_view datagram) {
  const Result<TokenParams, ValueError> parts = parse_token_params(element, datagram);
  if (!parts) return Fail{parts.error()};
  const auto found = read_known_params(parts->params, datagram, known);
  if (!found) return Fail{found.error()};
  Preference preference;
  preference.name = parts->token;
  preference.params = parts->params;
  if (!is_present((*found)[0])) return preference;
  const Result<uint16_t, ValueError> q = parse_q((*found)[0].value, datagram);
  if (!q) return Fail{q.error()};
  preference.q = *q;
  return preference;
}

Result<Preference, ValueError> parse_accept_language(Span element, std::string_view datagram) {
  const Result<Preference, ValueError> preference = parse_accept_encoding(element, datagram);
  if (!preference) return Fail{preference.error()};
  const std::string_view range = text(preference->name, datagram);
  if (range != "*" && !is_language_tag(range)) return Fail{ValueError::bad_syntax};
  return *preference;
}

Result<Span, ValueError> parse_content_language(Span element, std::string_view datagram) {
  if (!is_language_tag(text(element, datagram))) return Fail{ValueError::bad_syntax};
  return element;
}

}  // namespace demarc::sip
