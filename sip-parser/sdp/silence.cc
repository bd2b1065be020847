#include "sip-parser/sdp/silence.h"

namespace demarc::sdp {

Result<SilenceSuppression, ValueError> parse_silence_suppression(Span value,
                                                                 std::string_view body) {
  std::string_view rest = text(value, body);
  const std::string_view enable = take_word(rest);
  if (enable != "on" && enable != "off") return Fail{ValueError::bad_syntax};
  // "No SID" and its like are words with a blank inside, so there may be five.
  for (unsigned count = 0; !rest.empty(); ++count) {
    const std::string_view word = take_word(rest);
    if (count == 5 && !word.empty()) return Fail{ValueError::too_many};
    if (!visible.covers(word)) return Fail{ValueError::bad_syntax};
  }
  return enable == "on" ? SilenceSuppression::on : SilenceSuppression::off;
}

}  // namespace demarc::sdp
