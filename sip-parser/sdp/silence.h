// a=silenceSupp (RFC 3108 section 5.6.3.2): whether silence is left out of a stream. Fax and modem
// calls turn it off, which makes it one of the few attributes that has to reach the other side.
//
// Called by the printer. Of its five words the first is what matters; the others (timer, preferred
// method, noise) are checked for form and not passed on.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/span.h"
#include "sip-parser/sdp/value.h"

namespace demarc::sdp {

enum class SilenceSuppression : uint8_t { none, off, on };

// ("on" / "off") and four words, "-" where nothing is said; the four may be missing.
Result<SilenceSuppression, ValueError> parse_silence_suppression(Span value, std::string_view body);

}  // namespace demarc::sdp
