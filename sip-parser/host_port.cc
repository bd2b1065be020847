#include "sip-parser/host_port.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/lws.h"

namespace demarc::sip {
namespace {

// The position behind the host that begins at `position`; `position` itself when there is none.
uint32_t skip_host(std::string_view datagram, uint32_t position, uint32_t end) {
  const uint32_t begin = position;
  if (position == end || datagram[position] != '[') {
    while (position < end && (ascii::is_alphanum(datagram[position]) || datagram[position] == '-' ||
                              datagram[position] == '.' || datagram[position] == '_')) {
      ++position;
    }
    return position;
  }
  bool has_colon = false;
  for (++position; position < end && datagram[position] != ']'; ++position) {
    const char c = datagram[position];
    if (!ascii::is_hex(c) && c != ':' && c != '.') return begin;
    has_colon |= c == ':';
  }
  return position == end || !has_colon ? begin : position + 1;
}

}  // namespace

Result<HostPort, ValueError> read_host_port(Span span, std::string_view datagram) {
  const uint32_t end = span.end();
  HostPort result;
  result.end = skip_host(datagram, span.offset, end);
  if (result.end == span.offset) return Fail{ValueError::bad_syntax};
  result.host = make_span(span.offset, result.end);

  const uint32_t colon = skip_lws(datagram, result.end, end);
  if (colon == end || datagram[colon] != ':') return result;
  const uint32_t port_begin = skip_lws(datagram, colon + 1, end);
  uint32_t port_end = port_begin;
  while (port_end < end && ascii::is_digit(datagram[port_end])) ++port_end;
  if (port_end == port_begin) return Fail{ValueError::bad_syntax};
  uint64_t port = 0;
  if (!ascii::parse_decimal(datagram.substr(port_begin, port_end - port_begin), 65535, port) ||
      port == 0) {
    return Fail{ValueError::out_of_range};
  }
  result.port = static_cast<uint16_t>(port);
  result.end = port_end;
  return result;
}

}  // namespace demarc::sip
