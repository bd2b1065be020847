// The loop of bare_index.h, over the masks of whatever the processor has. Included by one file per
// instruction set, each compiled with its own flags: all of it has internal linkage.
#pragma once

#include <immintrin.h>

#include <bit>
#include <cstring>

#include "bench/peers/bare_index.h"

namespace demarc::bench {
namespace {

// Calls store(i, position) for every bit of the mask, and once with a position behind the block
// when there is none: a block nearly always has one, and a store that does not count is cheaper
// than a branch that is guessed wrongly.
template <class Store>
inline void for_each_bit(uint64_t mask, unsigned base, Store store) {
  unsigned i = 0;
  do {
    store(i++, base + static_cast<unsigned>(_tzcnt_u64(mask)));
    mask = _blsr_u64(mask);
  } while (mask != 0);
}

// Masks::of(data, c): bit i is set when data[i] == c, for 64 octets.
template <class Masks>
inline unsigned bare_index(std::string_view datagram, BareIndex& index) {
  BareIndex::Line* line = index.lines.data();       // whose end comes next
  BareIndex::Line* named = index.lines.data() + 1;  // whose colon comes next
  uint64_t lf_before = 0;
  unsigned char carry = 0;  // a line has begun and its colon is still to come
  for (size_t base = 0; base < datagram.size(); base += 64) {
    const uint64_t lf = Masks::of(datagram.data() + base, '\n');
    const uint64_t colon = Masks::of(datagram.data() + base, ':');
    const uint64_t begin = lf << 1 | lf_before >> 63;
    const uint64_t empty_line = lf & (lf << 2 | lf_before >> 62);
    lf_before = lf;
    // Nothing counts from the empty line on.
    const uint64_t header = empty_line == 0 ? ~uint64_t{0} : _blsmsk_u64(empty_line) >> 1;
    // A one at each beginning ripples through all that is no colon, up to the first colon.
    unsigned long long sum;
    carry = _addcarry_u64(carry, ~colon, begin, &sum);

    // The end of a line and the beginning of the next stand side by side.
    for_each_bit(lf & header, static_cast<unsigned>(base), [&](unsigned i, unsigned position) {
      const uint32_t both = position | (position + 1) << 16;
      std::memcpy(&line[i].end, &both, sizeof both);
    });
    for_each_bit(
        sum & colon & header, static_cast<unsigned>(base),
        [&](unsigned i, unsigned position) { named[i].colon = static_cast<uint16_t>(position); });
    line += std::popcount(lf & header);
    named += std::popcount(sum & colon & header);
    if (empty_line != 0) break;
  }
  return static_cast<unsigned>(line - index.lines.data());
}

}  // namespace
}  // namespace demarc::bench
