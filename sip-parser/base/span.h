// Span: where a piece of text stands in a datagram, as 16-bit offset and length.
//
// A SIP message is at most 65,535 octets, so 16 bits are enough, a field costs four octets, and a
// Span can not dangle silently: reading it needs the datagram in hand. Offsets count from the
// first octet of the datagram. A Span of length 0 at offset 0 means "absent".
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/check.h"

namespace demarc {

struct Span {
  uint16_t offset = 0;
  uint16_t length = 0;

  // From positions below 65,536. Its parts are written one by one, which costs less than a Span
  // that is put together first.
  constexpr void assign(uint32_t begin, uint32_t end) {
    offset = static_cast<uint16_t>(begin);
    length = static_cast<uint16_t>(end - begin);
  }
  constexpr bool empty() const { return length == 0; }
  constexpr uint32_t end() const { return static_cast<uint32_t>(offset) + length; }
  friend constexpr bool operator==(const Span&, const Span&) = default;
};

// The text of a span. Valid as long as the datagram's octets are.
constexpr std::string_view text(Span span, std::string_view datagram) {
  DEMARC_DCHECK(span.end() <= datagram.size());
  return {datagram.data() + span.offset, span.length};
}

// The span of a piece of text that lies inside the datagram.
constexpr Span span_of(std::string_view piece, std::string_view datagram) {
  DEMARC_DCHECK(piece.data() >= datagram.data() &&
                piece.data() + piece.size() <= datagram.data() + datagram.size());
  return {static_cast<uint16_t>(piece.data() - datagram.data()),
          static_cast<uint16_t>(piece.size())};
}

}  // namespace demarc
