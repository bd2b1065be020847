#include "sip-parser/early_media.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/words.h"

namespace demarc::sip {
namespace {

constexpr std::string_view words[] = {"supported", "sendrecv", "sendonly",
                                      "recvonly",  "inactive", "gated"};
static_assert(std::size(words) == static_cast<size_t>(EarlyMediaParam::other));

}  // namespace

std::string_view spelling(EarlyMediaParam param) {
  return word_of(param, words);
}

Result<EarlyMedia, ValueError> parse_early_media(Span value, std::string_view datagram) {
  EarlyMedia result;
  Span element;
  for (ListCursor cursor(value, datagram); cursor.next(element);) {
    const std::string_view token = text(element, datagram);
    if (!ascii::is_token(token)) return Fail{ValueError::bad_syntax};
    const EarlyMediaParam param = enum_of<EarlyMediaParam>(token, words);
    if (param == EarlyMediaParam::other) {
      ++result.unknown_count;
    } else {
      result.params.add(param);
    }
  }
  return result;
}

}  // namespace demarc::sip
