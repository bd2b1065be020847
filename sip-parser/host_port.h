// host [ ":" port ] of RFC 3261 section 25.1, as it stands in URIs and in the sent-by of a Via.
//
// Used by the parsers of URIs and Vias. White space around the colon is legal in a Via only.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"
#include "sip-parser/base/decimal.h"
#include "sip-parser/base/span.h"
#include "sip-parser/lws.h"
#include "sip-parser/params.h"

namespace demarc::sip {

struct HostPort {
  Span host;          // an IPv6 reference with its brackets
  uint16_t port = 0;  // 0 when absent
};

// The position behind the IPv6 reference that begins at `position`; `position` itself when there is
// none. Its form is that of IPv6reference only as far as brackets and characters go.
uint32_t skip_ip6_reference(std::string_view datagram, uint32_t position, uint32_t end);

// DIGITs from `position` on, which goes behind them. 1..65535, else an error.
inline ValueError read_port(std::string_view datagram, uint32_t& position, uint32_t end,
                            uint16_t& port) {
  const Decimal number = read_decimal(datagram, position, end, 65535);
  if (number.end == position) return ValueError::bad_syntax;
  position = number.end;
  if (number.value == 0 || number.value > 65535) return ValueError::out_of_range;
  port = static_cast<uint16_t>(number.value);
  return ValueError{};
}

inline constexpr CharClass host_class = CharClass::where(ascii::is_alphanum) | CharClass::of("-._");

enum class Blanks : uint8_t { refused, around_colon };

// Reads at `position` and leaves it behind both. ValueError{} is success.
template <Blanks blanks>
ValueError read_host_port(std::string_view datagram, uint32_t& position, uint32_t end,
                          HostPort& result) {
  const uint32_t begin = position;
  position = find_outside(datagram, begin, end, host_class);
  if (position == begin) [[unlikely]]
    position = skip_ip6_reference(datagram, begin, end);
  if (position == begin) return ValueError::bad_syntax;
  result.host.assign(begin, position);
  result.port = 0;

  if (position == end || datagram[position] == ';') return ValueError{};
  uint32_t colon = position;
  if constexpr (blanks == Blanks::around_colon) colon = skip_lws(datagram, position, end);
  if (colon == end || datagram[colon] != ':') return ValueError{};
  position = colon + 1;
  if constexpr (blanks == Blanks::around_colon) position = skip_lws(datagram, position, end);
  return read_port(datagram, position, end, result.port);
}

}  // namespace demarc::sip
