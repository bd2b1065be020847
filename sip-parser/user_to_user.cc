#include "sip-parser/user_to_user.h"

#include "sip-parser/known_params.h"
#include "sip-parser/value_reader.h"

namespace demarc::sip {
namespace {

constexpr KnownParam known[] = {
    {"purpose", ParamForm::token}, {"content", ParamForm::token}, {"encoding", ParamForm::token}};

bool is_hex_pairs(std::string_view digits) {
  for (const char c : digits) {
    if (!ascii::is_hex(c)) return false;
  }
  return digits.size() % 2 == 0;
}

}  // namespace

Result<UserToUser, ValueError> parse_user_to_user(Span element, std::string_view datagram) {
  ValueReader reader(element, datagram);
  UserToUser result;
  result.has_quotes = reader.quoted(result.data);
  if (!result.has_quotes) result.data = reader.token();
  if ((result.data.empty() && !result.has_quotes) || !reader.params(result.params)) {
    return Fail{ValueError::bad_syntax};
  }
  const auto found = read_known_params(result.params, datagram, known);
  if (!found) return Fail{found.error()};
  result.purpose = (*found)[0].value;
  result.content = (*found)[1].value;
  result.encoding_text = (*found)[2].value;
  if (!is_present((*found)[2])) return result;
  const bool is_hex = ascii::iequals(text(result.encoding_text, datagram), "hex");
  result.encoding = is_hex ? UuiEncoding::hex : UuiEncoding::other;
  if (is_hex && !is_hex_pairs(text(result.data, datagram))) return Fail{ValueError::bad_syntax};
  return result;
}

Result<uint16_t, DecodeError> decode_hex(std::string_view digits, std::span<uint8_t> out) {
  if (!is_hex_pairs(digits)) return Fail{DecodeError::bad_escape};
  const size_t count = digits.size() / 2;
  if (count > out.size() || count > UINT16_MAX) return Fail{DecodeError::no_room};
  for (size_t i = 0; i < count; ++i) {
    out[i] = static_cast<uint8_t>(hex_value(digits[2 * i]) << 4 | hex_value(digits[2 * i + 1]));
  }
  return static_cast<uint16_t>(count);
}

}  // namespace demarc::sip
