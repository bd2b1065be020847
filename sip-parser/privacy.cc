#include "sip-parser/privacy.h"

#include "sip-parser/value_reader.h"
#include "sip-parser/words.h"

namespace demarc::sip {
namespace {

constexpr std::string_view words[] = {"header",   "session", "user",   "none",
                                      "critical", "id",      "history"};
static_assert(std::size(words) == static_cast<size_t>(PrivacyValue::other));

}  // namespace

std::string_view spelling(PrivacyValue value) {
  return word_of(value, words);
}

Result<Privacy, ValueError> parse_privacy(Span value, std::string_view datagram) {
  ValueReader reader(value, datagram);
  Privacy privacy;
  do {
    const Span token = reader.token();
    if (token.empty()) return Fail{ValueError::bad_syntax};
    const PrivacyValue known = enum_of<PrivacyValue>(text(token, datagram), words);
    if (known == PrivacyValue::other) {
      ++privacy.unknown_count;
    } else {
      privacy.values.add(known);
    }
  } while (reader.take(';'));
  if (!reader.at_end()) return Fail{ValueError::bad_syntax};
  return privacy;
}

}  // namespace demarc::sip
