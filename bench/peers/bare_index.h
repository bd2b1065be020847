// The bare index: where each header line begins, has its colon and ends, with nothing validated and
// nothing looked up. The least that any parser of SIP must find, hence the floor that our index is
// measured against.
//
// It knows no folds and trusts every line to have a colon: it must not be used for anything else.
// RFC 3261 section 7.3.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace demarc::bench {

struct BareIndex {
  struct Line {
    uint16_t begin, colon, end;  // of the end: its LF
  };
  static constexpr size_t max_lines = 1024;
  // lines[0] is the start line, its begin and colon unset.
  std::array<Line, max_lines + 2> lines;
};

// Up to the empty line; returns the number of lines, the start line among them. There are 64
// readable octets behind the datagram and at most max_lines lines in it.
using BareIndexer = unsigned (*)(std::string_view datagram, BareIndex& index);
unsigned bare_index_avx2(std::string_view datagram, BareIndex& index);
unsigned bare_index_avx512(std::string_view datagram, BareIndex& index);

}  // namespace demarc::bench
