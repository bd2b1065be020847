// Every SIMD scan = its scalar twin = a plain loop: marks of line ends, and the end of a run
// of characters of one class; on any octets from any start.

#include "sip-parser/scan.h"

#include "sip-parser/base/char_class.h"
#include "sip-parser/parse.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

void check_marks(sip::MarkLines* mark_lines, const char* data, uint32_t blocks) {
  constexpr uint64_t untouched = 0x123456789abcdef0;
  sip::LineMarks marks;
  marks.fill(untouched);
  mark_lines(data, blocks, marks);
  for (uint32_t word = 0; word < marks.size(); ++word) {
    uint64_t expected = word < blocks ? 0 : untouched;
    for (uint32_t i = 0; word < blocks && i < sip::scan_block_octets; ++i) {
      const char c = data[word * sip::scan_block_octets + i];
      expected |= static_cast<uint64_t>(c == '\0' || c == '\r' || c == '\n') << i;
    }
    DEMARC_CHECK(marks[word] == expected);
  }
}

void check_twins(std::string_view window) {
  const uint32_t blocks =
      static_cast<uint32_t>((window.size() + sip::scan_block_octets - 1) / sip::scan_block_octets);
  check_marks(sip::mark_lines, window.data(), blocks);
  check_marks(sip::mark_lines_scalar, window.data(), blocks);
#ifdef __AVX2__
  check_marks(sip::mark_lines_avx2, window.data(), blocks);
#endif
#ifdef __x86_64__
  if (sip::has_avx512()) check_marks(sip::mark_lines_avx512, window.data(), blocks);
#endif
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

// Runs of the same class one after the other, as a value parser walks them: what the scanner keeps
// of one search must be right for the next.
void check_run_scanner(std::string_view input) {
  constexpr size_t most_members = 8;
  const Placed placed(input, 0, '\0');
  const std::string_view text = placed.view();
  const CharClass set = CharClass::of(text.substr(0, most_members));
  const uint32_t size = static_cast<uint32_t>(text.size());
  for (const uint32_t end : {size, size / 2}) {
    RunScanner scanner(text, set);
    for (uint32_t position = 0; position < end; ++position) {
      const uint32_t found = scanner.find_end(position, end);
      DEMARC_CHECK(found == find_outside_scalar(text, position, end, set));
      position = found;
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
  check_runs(input);
  check_run_scanner(input);
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
