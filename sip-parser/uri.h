// URIs of RFC 3261 section 19.1 (sip, sips) and RFC 3966 (tel); any other scheme is kept whole.
//
// Two deliberate deviations, both for what trunks send: '#' is accepted in the user part (service
// codes as dialled; RFC 3261 section 25.1 wants it escaped) and '_' in a host name. A tel URI of a
// local number need not have a phone-context. Spans are valid as long as the datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

enum class UriScheme : uint8_t { sip, sips, tel, other };

struct Uri {
  UriScheme scheme = UriScheme::other;
  Span whole;
  Span scheme_text;
  Span user;  // sip, sips: userinfo without password, escapes as they stand; tel: the number
  Span password;
  Span host;          // an IPv6 reference with its brackets
  uint16_t port = 0;  // 0 when absent
  Span params;        // from the first ';' to before '?' or the end; for ParamCursor
  Span headers;       // behind '?'
};

Result<Uri, ValueError> parse_uri(Span span, std::string_view datagram);
// The same into a caller's object, complete on success. ValueError{} is success.
[[nodiscard]] ValueError read_uri(Span span, std::string_view datagram, Uri& uri);
// The URI that begins at `position`, which goes behind what its grammar takes: for a URI in <>.
[[nodiscard]] ValueError read_uri_at(std::string_view datagram, uint32_t& position, uint32_t end,
                                     Uri& uri);

// The digits of a dialled number in `user`: "+44 (20) 7946-0018;ext=3" gives "+442079460018".
// Visual separators of RFC 3966 section 5.1.1 and everything from ';' on are left out, escapes are
// decoded. Writes at most `capacity` characters; returns their count, 0 when the user part is no
// telephone number (anything but an optional '+' and digits, '*', '#') or does not fit.
uint16_t telephone_number(std::string_view user, char* out, uint16_t capacity);

}  // namespace demarc::sip
