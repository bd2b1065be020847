#include "sip-parser/scan.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "sip-parser/parse.h"
#include "tests/support/guarded_buffer.h"

namespace demarc::sip {
namespace {

std::vector<uint32_t> scan_all(std::string_view datagram, uint32_t position) {
  std::vector<uint32_t> found;
  LineScanner scanner(datagram, position);
  for (uint32_t at = scanner.next(); at != datagram.size(); at = scanner.next()) {
    found.push_back(at);
  }
  EXPECT_EQ(scanner.next(), datagram.size());
  return found;
}

std::vector<uint32_t> expected(std::string_view datagram, uint32_t position) {
  std::vector<uint32_t> found;
  for (uint32_t i = position; i < datagram.size(); ++i) {
    if (datagram[i] == '\0' || datagram[i] == '\r' || datagram[i] == '\n') found.push_back(i);
  }
  return found;
}

TEST(LineMask, AgreesWithScalarForEveryOctetAtEveryPlace) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    for (unsigned place = 0; place < scan_block_octets; ++place) {
      std::string block(scan_block_octets, 'a');
      block[place] = static_cast<char>(octet);
      const uint64_t mask = line_mask_scalar(block.data());
      ASSERT_EQ(line_mask(block.data()), mask) << octet << " at " << place;
      const bool is_marked = octet == 0 || octet == '\r' || octet == '\n';
      ASSERT_EQ(mask, is_marked ? uint64_t{1} << place : 0) << octet << " at " << place;
    }
  }
}

TEST(LineMask, AgreesWithScalarOnRandomBlocks) {
  constexpr uint32_t seed = 20260;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  constexpr char alphabet[] = {'\0', '\r', '\n', '\t', ' ', ':', 'a', '\x0b', '\x0c', '\x8d'};
  char block[scan_block_octets];
  for (int i = 0; i < 20000; ++i) {
    for (char& c : block) c = alphabet[random() % sizeof alphabet];
    ASSERT_EQ(line_mask(block), line_mask_scalar(block)) << i;
  }
}

TEST(LineScanner, FindsEveryMarkFromEveryStart) {
  constexpr uint32_t seed = 7;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  std::string octets(300, 'x');
  for (char& c : octets) {
    if (random() % 9 == 0) c = "\r\n\0"[random() % 3];
  }
  // The padding is full of line ends, none of which may be seen.
  const support::GuardedBuffer buffer(octets, padding_octets, '\n');
  for (uint32_t position = 0; position <= octets.size(); ++position) {
    ASSERT_EQ(scan_all(buffer.view(), position), expected(octets, position)) << position;
  }
}

TEST(LineScanner, EndsAtEveryLength) {
  const std::string octets(200, '\n');
  for (size_t length = 0; length <= octets.size(); ++length) {
    const support::GuardedBuffer buffer({octets.data(), length}, padding_octets, '\r');
    ASSERT_EQ(scan_all(buffer.view(), 0).size(), length);
  }
}

}  // namespace
}  // namespace demarc::sip
