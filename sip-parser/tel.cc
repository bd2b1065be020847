#include "sip-parser/tel.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/escape.h"
#include "sip-parser/known_params.h"
#include "sip-parser/lws.h"

namespace demarc::sip {
namespace {

constexpr KnownParam known[] = {
    {"ext", ParamForm::any}, {"isub", ParamForm::any}, {"phone-context", ParamForm::any}};

bool is_separator(char c) {
  return c == '-' || c == '.' || c == '(' || c == ')';
}

// '+' and digits only, or without it also A to F, '*' and '#'; at least one digit.
bool is_number(std::string_view number, bool& is_global) {
  PhoneDigits digits(number);
  char c = 0;
  unsigned count = 0;
  is_global = false;
  for (bool is_first = true; digits.next(c); is_first = false) {
    if (c == '+') {
      if (!is_first) return false;
      is_global = true;
    } else if (is_global && !ascii::is_digit(c)) {
      return false;
    } else {
      ++count;
    }
  }
  return !digits.failed() && count > 0;
}

// extension: 1*phonedigit.
bool is_extension(std::string_view text) {
  bool is_global = false;
  if (!is_number(text, is_global) || is_global) return false;
  PhoneDigits digits(text);
  for (char c = 0; digits.next(c);) {
    if (!ascii::is_digit(c)) return false;
  }
  return true;
}

// descriptor = domainname / global-number-digits
bool is_context(std::string_view text) {
  bool is_global = false;
  if (text[0] == '+') return is_number(text, is_global);
  for (const char c : text) {
    if (!ascii::is_alphanum(c) && c != '-' && c != '.') return false;
  }
  return ascii::is_alphanum(text[0]);
}

}  // namespace

bool PhoneDigits::next(char& digit) {
  while (!failed_ && position_ < number_.size()) {
    char c = number_[position_++];
    if (c == '%') {
      failed_ = number_.size() - position_ < 2 || !ascii::is_hex(number_[position_]) ||
                !ascii::is_hex(number_[position_ + 1]);
      if (failed_) break;
      c = static_cast<char>(hex_value(number_[position_]) << 4 | hex_value(number_[position_ + 1]));
      position_ += 2;
    }
    if (is_separator(c)) continue;
    failed_ = !ascii::is_hex(c) && c != '*' && c != '#' && c != '+';
    digit = ascii::to_lower(c);
    return !failed_;
  }
  return false;
}

bool is_same_number(NumberPair numbers) {
  PhoneDigits first(numbers.first);
  PhoneDigits second(numbers.second);
  for (;;) {
    char a = 0;
    char b = 0;
    const bool has_a = first.next(a);
    const bool has_b = second.next(b);
    if (first.failed() || second.failed() || has_a != has_b || a != b) return false;
    if (!has_a) return true;
  }
}

Result<Telephone, ValueError> parse_telephone(Span subscriber, std::string_view datagram) {
  const std::string_view whole = text(subscriber, datagram);
  const size_t semicolon = whole.find(';');
  Telephone result;
  const uint32_t number_end = semicolon == std::string_view::npos
                                  ? subscriber.end()
                                  : subscriber.offset + static_cast<uint32_t>(semicolon);
  result.number = make_span(subscriber.offset, number_end);
  if (!is_number(text(result.number, datagram), result.is_global)) {
    return Fail{ValueError::bad_syntax};
  }
  if (number_end < subscriber.end()) result.params = make_span(number_end, subscriber.end());
  const auto found = read_known_params(result.params, datagram, known);
  if (!found) return Fail{found.error()};
  const auto& [ext, isub, context] = *found;
  if (is_present(ext) && !is_extension(text(ext.value, datagram))) {
    return Fail{ValueError::bad_syntax};
  }
  if (is_present(context) &&
      (context.value.empty() || !is_context(text(context.value, datagram)))) {
    return Fail{ValueError::bad_syntax};
  }
  result.ext = ext.value;
  result.isub = isub.value;
  result.phone_context = context.value;
  return result;
}

Result<Telephone, ValueError> telephone_of(const Uri& uri, std::string_view datagram) {
  if (uri.scheme == UriScheme::tel) {
    return parse_telephone(make_span(uri.user.offset, uri.whole.end()), datagram);
  }
  const bool is_sip = uri.scheme == UriScheme::sip || uri.scheme == UriScheme::sips;
  if (!is_sip ||
      !ascii::iequals(text(find_param(uri.params, "user", datagram).value, datagram), "phone")) {
    return Fail{ValueError::bad_syntax};
  }
  return parse_telephone(uri.user, datagram);
}

}  // namespace demarc::sip
