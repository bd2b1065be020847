#include "dataplane/media/report_writer.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "dataplane/media/rtp.h"

namespace demarc::media {
namespace {

using contract::Duration;
using contract::Instant;

Report report() {
  Report made;
  made.ssrc = 0x01020304;
  constexpr std::string_view name = "0123456789abcdef01234567";
  std::copy(name.begin(), name.end(), made.name.begin());
  return made;
}

std::vector<uint8_t> written(const Report& made) {
  std::vector<uint8_t> octets(max_report_octets, 0xee);
  octets.resize(write_report(made, octets));
  return octets;
}

// The packets of a compound by their types; empty when a length does not lead to the next one.
std::vector<uint8_t> types_of(std::span<const uint8_t> octets) {
  std::vector<uint8_t> types;
  while (octets.size() >= 4) {
    types.push_back(octets[1]);
    const size_t length = 4u + 4u * read_be16(&octets[2]);
    if ((octets[0] & 0xc0) != 0x80 || length > octets.size()) return {};
    octets = octets.subspan(length);
  }
  return octets.empty() ? types : std::vector<uint8_t>{};
}

TEST(ReportWriter, WritesAReceiverReportWithTheNameOfItsSource) {
  const std::vector<uint8_t> octets = written(report());
  EXPECT_EQ(types_of(octets), (std::vector<uint8_t>{receiver_report, source_description}));
  EXPECT_EQ(octets[0], 0x80);
  EXPECT_EQ(read_be32(&octets[4]), 0x01020304u);
  EXPECT_EQ(octets[8], 0x81);
  EXPECT_EQ(read_be32(&octets[12]), 0x01020304u);
  EXPECT_EQ(octets[16], 1);
  EXPECT_EQ(octets[17], 24);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(&octets[18]), 24),
            "0123456789abcdef01234567");
  EXPECT_EQ(read_be16(&octets[42]), 0);
  EXPECT_EQ(octets.size(), 44u);
}

TEST(ReportWriter, WritesASenderReportWithItsBlock) {
  Report made = report();
  made.is_sender = made.has_block = true;
  made.ntp = 0x1111111122222222;
  made.rtp_timestamp = 3;
  made.packets = 4;
  made.octets = 5;
  made.block = {6, 7, 8, 9, 10, 11, 12};
  const std::vector<uint8_t> octets = written(made);
  EXPECT_EQ(types_of(octets), (std::vector<uint8_t>{sender_report, source_description}));
  EXPECT_EQ(octets.size(), max_report_octets);
  const uint32_t words[] = {0x81c8000c, 0x01020304, 0x11111111, 0x22222222, 3,  4, 5,
                            6,          0x07000008, 9,          10,         11, 12};
  for (size_t i = 0; i < std::size(words); ++i) EXPECT_EQ(read_be32(&octets[4 * i]), words[i]) << i;
}

TEST(ReportWriter, CutsTheLossTo24BitsWithItsSign) {
  Report made = report();
  made.has_block = true;
  for (const auto& [lost, word] : {std::pair{-1, 0xffffffu},
                                   {-0x900000, 0x800000u},
                                   {0x7fffffff, 0x7fffffu},
                                   {-0x7fffffff, 0x800000u}}) {
    made.block.lost = lost;
    EXPECT_EQ(read_be32(&written(made)[12]), word) << lost;
  }
}

TEST(ReportWriter, TakesTimeAsItsUnits) {
  EXPECT_EQ(ntp_of(Instant{1'500'000'000}), 0x180000000u);
  EXPECT_EQ(ntp_of(Instant{999'999'999}), 0xfffffffbu);
  EXPECT_EQ(report_delay(Duration::milliseconds(2500)), 0x28000u);
  EXPECT_EQ(report_delay({-1}), 0u);
  EXPECT_EQ(report_delay(Duration::seconds(100'000)), 0xffffffffu);
}

TEST(ReportWriter, SpellsANameInHexadecimal) {
  const CanonicalName name = spelled({0x01234567, 0x89abcdef, 0xf0000000});
  EXPECT_EQ(std::string(name.begin(), name.end()), "76543210fedcba980000000f");
}

}  // namespace
}  // namespace demarc::media
