#include "sip-parser/scan.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/support/guarded_buffer.h"

namespace demarc::sip {
namespace {

struct Twin {
  const char* name;
  MarkLines* mark;
};

// Every twin that this processor can run, the best one last.
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

// Marks whole blocks that end where nothing can be read.
std::vector<uint64_t> marks_of(MarkLines* mark, const std::string& octets) {
  const support::GuardedBuffer buffer(octets, 0, ' ');
  const uint32_t blocks = static_cast<uint32_t>(octets.size() / scan_block_octets);
  LineMarks marks;
  marks.fill(0x5555555555555555u);
  mark(buffer.view().data(), blocks, marks);
  // What is behind them was left alone.
  for (uint32_t i = blocks; i < marks.size(); ++i) EXPECT_EQ(marks[i], 0x5555555555555555u);
  return {marks.begin(), marks.begin() + blocks};
}

TEST(MarkLines, MarksNulCrAndLfAtEveryPlace) {
  for (const Twin& twin : twins()) {
    for (unsigned octet = 0; octet < 256; ++octet) {
      for (unsigned place = 0; place < scan_block_octets; ++place) {
        std::string block(scan_block_octets, 'a');
        block[place] = static_cast<char>(octet);
        const bool is_marked = octet == 0 || octet == '\r' || octet == '\n';
        ASSERT_EQ(marks_of(twin.mark, block)[0], is_marked ? uint64_t{1} << place : 0)
            << twin.name << ": " << octet << " at " << place;
      }
    }
  }
}

TEST(MarkLines, TwinsAgreeOnRandomWindows) {
  constexpr uint32_t seed = 20260;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 2000; ++i) {
    std::string octets(scan_block_octets * (1 + random() % std::size(LineMarks{})), 'a');
    for (char& c : octets) {
      c = "\r\n\t :a"[random() % 6];
      if (random() % 3 == 0) c = static_cast<char>(random() % 256);
    }
    const std::vector<uint64_t> expected = marks_of(mark_lines_scalar, octets);
    for (const Twin& twin : twins()) ASSERT_EQ(marks_of(twin.mark, octets), expected) << twin.name;
  }
}

TEST(MarkLines, UsesTheBestTwinOfThisProcessor) {
  EXPECT_EQ(mark_lines, twins().back().mark);
}

}  // namespace
}  // namespace demarc::sip
