// Every SIMD scan = its scalar twin = a plain loop: marks of line ends, the walk over them, and the
// end of a run of characters of one class; on any octets from any start.

#include "sip-parser/scan.h"

#include "sip-parser/base/char_class.h"
#include "sip-parser/parse.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

// Whether octet `i` tells that a line can not be trusted: see MarkLines in scan.h.
bool is_wrong(std::string_view octets, uint32_t i, bool is_after_cr) {
  const bool follows_cr = i == 0 ? is_after_cr : octets[i - 1] == '\r';
  return octets[i] == '\0' || follows_cr != (octets[i] == '\n');
}

void check_marks(sip::MarkLines* mark_lines, std::string_view window, bool is_after_cr) {
  const uint32_t size = static_cast<uint32_t>(window.size());
  sip::LineMarks ends;
  ends.fill(~uint64_t{0});
  const uint32_t forbidden = mark_lines(window.data(), size, is_after_cr, ends);
  uint32_t expected = 0;
  while (expected < size && !is_wrong(window, expected, is_after_cr)) ++expected;
  DEMARC_CHECK(forbidden == expected);
  for (uint32_t word = 0; word < ends.size(); ++word) {
    const uint32_t begin = word * sip::scan_block_octets;
    uint64_t marks = begin < size ? 0 : ~uint64_t{0};
    for (uint32_t i = begin; i < size && i < begin + sip::scan_block_octets; ++i) {
      marks |= static_cast<uint64_t>(window[i] == '\n') << (i - begin);
    }
    DEMARC_CHECK(ends[word] == marks);
  }
}

void check_twins(std::string_view window) {
  for (const bool is_after_cr : {false, true}) {
    check_marks(sip::mark_lines_scalar, window, is_after_cr);
#ifdef __AVX2__
    check_marks(sip::mark_lines_avx2, window, is_after_cr);
#endif
#ifdef __x86_64__
    if (sip::has_avx512()) check_marks(sip::mark_lines_avx512, window, is_after_cr);
#endif
  }
}

// The walk gives every LF from `start` on, and knows of the first octet that may not be there.
void check_walk(std::string_view datagram, uint32_t start) {
  const std::string_view rest = datagram.substr(start);
  sip::LineScanner scanner(datagram, start);
  bool is_forbidden = false;
  for (uint32_t i = 0; i < rest.size(); ++i) {
    is_forbidden |= is_wrong(rest, i, false);
    if (rest[i] != '\n') continue;
    DEMARC_CHECK(scanner.next() == start + i);
    DEMARC_CHECK(scanner.is_forbidden_up_to(start + i) == is_forbidden);
  }
  DEMARC_CHECK(scanner.next() == datagram.size());
  DEMARC_CHECK(scanner.next() == datagram.size());
}

// The input names the class itself: its first octets are the members.
void check_runs(std::string_view input) {
  constexpr size_t most_members = 8;
  const Placed placed(input, 0, '\0');
  const std::string_view text = placed.view();
  const CharClass set = CharClass::of(text.substr(0, most_members));
  const uint32_t size = static_cast<uint32_t>(text.size());
  for (uint32_t position = 0; position <= size; position += 1 + position / 2) {
    for (const uint32_t end : {position + (size - position) / 2, size}) {
      uint32_t expected = position;
      while (expected < end && set.contains(text[expected])) ++expected;
      DEMARC_CHECK(find_outside(text, position, end, set) == expected);
      DEMARC_CHECK(find_outside_scalar(text, position, end, set) == expected);
    }
  }
}

void run(std::string_view input) {
  if (input.size() > sip::max_message_octets) return;
  const Placed placed(input, sip::padding_octets, '\n');
  const std::string_view datagram = placed.view();
  for (size_t start = 0; start < datagram.size(); start = start * 2 + 1) {
    check_twins(datagram.substr(start, sip::scan_window_octets));
  }
  for (uint32_t start = 0; start <= datagram.size(); start = start * 2 + 1) {
    check_walk(datagram, start);
  }
  check_runs(input);
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
