#include "sip-parser/scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "sip-parser/parse.h"
#include "tests/support/guarded_buffer.h"

namespace demarc::sip {
namespace {

struct Twin {
  const char* name;
  MarkLines* mark;
};

// Every twin that this processor can run, the scalar one first.
std::vector<Twin> twins() {
  std::vector<Twin> result = {{"scalar", mark_lines_scalar}};
#ifdef __AVX2__
  result.push_back({"avx2", mark_lines_avx2});
#endif
#ifdef __x86_64__
  if (has_avx512()) result.push_back({"avx512", mark_lines_avx512});
#endif
  return result;
}

struct Marks {
  std::vector<uint32_t> ends;
  uint32_t forbidden = 0;
  friend bool operator==(const Marks&, const Marks&) = default;
};

Marks marks_of(MarkLines* mark, std::string_view octets, bool is_after_cr) {
  const support::GuardedBuffer buffer(octets, padding_octets, '\n');
  LineMarks ends;
  ends.fill(~uint64_t{0});
  Marks result;
  const uint32_t size = static_cast<uint32_t>(octets.size());
  result.forbidden = mark(buffer.view().data(), size, is_after_cr, ends);
  for (uint32_t i = 0; i < size; ++i) {
    if ((ends[i / scan_block_octets] >> (i % scan_block_octets) & 1) != 0) result.ends.push_back(i);
  }
  return result;
}

// Octet by octet, from the words of scan.h.
Marks expected_marks(std::string_view octets, bool is_after_cr) {
  Marks result;
  const uint32_t size = static_cast<uint32_t>(octets.size());
  result.forbidden = size;
  for (uint32_t i = 0; i < size; ++i) {
    if (octets[i] == '\n') result.ends.push_back(i);
    const bool has_cr_before = i == 0 ? is_after_cr : octets[i - 1] == '\r';
    const bool is_wrong = octets[i] == '\0' || has_cr_before != (octets[i] == '\n');
    if (is_wrong && result.forbidden == size) result.forbidden = i;
  }
  return result;
}

TEST(MarkLines, AgreesForEveryOctetAtEveryPlaceOfABlock) {
  for (const Twin& twin : twins()) {
    for (unsigned octet = 0; octet < 256; ++octet) {
      for (unsigned place = 0; place < scan_block_octets; ++place) {
        std::string block(scan_block_octets, 'a');
        block[place] = static_cast<char>(octet);
        ASSERT_EQ(marks_of(twin.mark, block, false), expected_marks(block, false))
            << twin.name << ": " << octet << " at " << place;
      }
    }
  }
}

TEST(MarkLines, AgreesOnRandomWindowsOfEverySize) {
  constexpr uint32_t seed = 20260;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  constexpr char alphabet[] = {'\0', '\r', '\n', '\t', ' ', ':', 'a', '\x0b', '\x0c', '\x8d'};
  for (uint32_t size = 1; size <= scan_window_octets; ++size) {
    std::string octets(size, 'a');
    for (char& c : octets) {
      if (random() % 16 == 0) c = alphabet[random() % sizeof alphabet];
    }
    for (size_t i = 0; i + 1 < size; ++i) {
      if (random() % 12 == 0) octets.replace(i, 2, "\r\n");
    }
    for (const bool is_after_cr : {false, true}) {
      const Marks expected = expected_marks(octets, is_after_cr);
      for (const Twin& twin : twins()) {
        ASSERT_EQ(marks_of(twin.mark, octets, is_after_cr), expected) << twin.name << " " << size;
      }
    }
  }
}

TEST(MarkLines, UsesTheBestTwinOfThisProcessor) {
  EXPECT_EQ(mark_lines, twins().back().mark);
}

std::vector<uint32_t> scan_all(std::string_view datagram, uint32_t position) {
  std::vector<uint32_t> found;
  LineScanner scanner(datagram, position);
  for (uint32_t at = scanner.next(); at != datagram.size(); at = scanner.next()) {
    found.push_back(at);
  }
  EXPECT_EQ(scanner.next(), datagram.size());
  return found;
}

std::vector<uint32_t> expected_ends(std::string_view datagram, uint32_t position) {
  std::vector<uint32_t> found;
  for (uint32_t i = position; i < datagram.size(); ++i) {
    if (datagram[i] == '\n') found.push_back(i);
  }
  return found;
}

TEST(LineScanner, FindsEveryEndFromEveryStart) {
  constexpr uint32_t seed = 7;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  std::string octets(3 * scan_window_octets + 17, 'x');
  for (char& c : octets) {
    if (random() % 9 == 0) c = "\r\n\0"[random() % 3];
  }
  // The padding is full of line ends, none of which may be seen.
  const support::GuardedBuffer buffer(octets, padding_octets, '\n');
  for (uint32_t position = 0; position <= octets.size(); ++position) {
    ASSERT_EQ(scan_all(buffer.view(), position), expected_ends(octets, position)) << position;
  }
}

TEST(LineScanner, EndsAtEveryLength) {
  const std::string octets(2 * scan_window_octets + 3, '\n');
  for (size_t length = 0; length <= octets.size(); ++length) {
    const support::GuardedBuffer buffer({octets.data(), length}, padding_octets, '\r');
    ASSERT_EQ(scan_all(buffer.view(), 0).size(), length);
  }
}

// A CRLF in the middle of two windows is whole; a CR at the end of one is not.
TEST(LineScanner, SeesACrlfOverTheEdgeOfAWindow) {
  std::string octets(scan_window_octets + 9, 'x');
  octets.replace(scan_window_octets - 1, 2, "\r\n");
  {
    const support::GuardedBuffer buffer(octets, padding_octets, ' ');
    LineScanner scanner(buffer.view(), 0);
    EXPECT_EQ(scanner.next(), scan_window_octets);
    EXPECT_FALSE(scanner.is_forbidden_up_to(scan_window_octets));
  }
  octets[scan_window_octets] = 'x';
  octets.replace(scan_window_octets + 4, 2, "\r\n");
  const support::GuardedBuffer buffer(octets, padding_octets, ' ');
  LineScanner scanner(buffer.view(), 0);
  EXPECT_EQ(scanner.next(), scan_window_octets + 5);
  EXPECT_TRUE(scanner.is_forbidden_up_to(scan_window_octets + 5));
}

}  // namespace
}  // namespace demarc::sip
