#include "sip-parser/host_port.h"

namespace demarc::sip {

uint32_t skip_ip6_reference(std::string_view datagram, uint32_t position, uint32_t end) {
  const uint32_t begin = position;
  if (position == end || datagram[position] != '[') return begin;
  bool has_colon = false;
  for (++position; position < end && datagram[position] != ']'; ++position) {
    const char c = datagram[position];
    if (!ascii::is_hex(c) && c != ':' && c != '.') return begin;
    has_colon |= c == ':';
  }
  return position == end || !has_colon ? begin : position + 1;
}

}  // namespace demarc::sip
