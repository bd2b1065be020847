#include "sip-parser/sdp/t38.h"

#include <gtest/gtest.h>

#include "sip-parser/sdp/sdp_harness.h"

namespace demarc::sdp {
namespace {

T38 read(std::string_view lines) {
  const Read body(std::string(session_lines) + "m=image 1 udptl t38\r\n" + std::string(lines));
  EXPECT_EQ(body.error, SdpError{});
  return t38_of(body.description, body.media(), body.body);
}

TEST(T38, ReadsItsAttributes) {
  const T38 t38 = read(
      "a=T38FaxVersion:3\r\na=T38MaxBitRate:14400\r\na=T38FaxFillBitRemoval\r\n"
      "a=T38FaxTranscodingMMR:1\r\na=T38FaxTranscodingJBIG:0\r\n"
      "a=T38FaxRateManagement:transferredTCF\r\na=T38FaxMaxBuffer:262\r\na=T38FaxMaxDatagram:"
      "176\r\n"
      "a=T38FaxMaxIFP:40\r\na=T38FaxUdpEC:t38UDPRedundancy\r\na=sendrecv\r\n");
  EXPECT_TRUE(t38.has_version);
  EXPECT_EQ(t38.version, 3);
  EXPECT_EQ(t38.max_bit_rate, 14400u);
  EXPECT_TRUE(t38.fill_bit_removal);
  EXPECT_TRUE(t38.transcoding_mmr);
  EXPECT_FALSE(t38.transcoding_jbig);
  EXPECT_EQ(t38.rate_management, T38RateManagement::transferred_tcf);
  EXPECT_EQ(t38.max_buffer_octets, 262u);
  EXPECT_EQ(t38.max_datagram_octets, 176u);
  EXPECT_EQ(t38.max_ifp_octets, 40u);
  EXPECT_EQ(t38.error_correction, T38ErrorCorrection::redundancy);
}

TEST(T38, ReadsEveryMethodInAnyLetters) {
  EXPECT_EQ(read("a=T38FaxRateManagement:LOCALTCF\r\n").rate_management,
            T38RateManagement::local_tcf);
  EXPECT_EQ(read("a=t38faxudpec:t38UDPFEC\r\n").error_correction, T38ErrorCorrection::fec);
  EXPECT_EQ(read("a=T38FaxUdpEC:t38UDPNoEC\r\n").error_correction, T38ErrorCorrection::no_ec);
}

TEST(T38, TakesAFlagBack) {
  EXPECT_FALSE(read("a=T38FaxFillBitRemoval\r\na=T38FaxFillBitRemoval:0\r\n").fill_bit_removal);
}

TEST(T38, ChecksItsNumbers) {
  for (const auto& [text, is_taken] : boundaries(0, max_t38_version)) {
    if (text == "\t1" || text == "1\t") continue;
    EXPECT_EQ(read("a=T38FaxVersion:" + text + "\r\n").has_version, is_taken) << text;
  }
  for (const auto& [text, is_taken] : boundaries(1, max_t38_bit_rate)) {
    if (text == "\t1" || text == "1\t") continue;
    EXPECT_EQ(read("a=T38MaxBitRate:" + text + "\r\n").max_bit_rate != 0, is_taken) << text;
  }
  for (const auto& [text, is_taken] : boundaries(1, max_t38_octets)) {
    if (text == "\t1" || text == "1\t") continue;
    EXPECT_EQ(read("a=T38FaxMaxBuffer:" + text + "\r\n").max_buffer_octets != 0, is_taken) << text;
    EXPECT_EQ(read("a=T38FaxMaxDatagram:" + text + "\r\n").max_datagram_octets != 0, is_taken);
    EXPECT_EQ(read("a=T38FaxMaxIFP:" + text + "\r\n").max_ifp_octets != 0, is_taken) << text;
  }
}

TEST(T38, LeavesOutWhatIsUnreadable) {
  const T38 t38 = read(
      "a=T38FaxFillBitRemoval:yes\r\na=T38FaxRateManagement:both\r\na=T38FaxUdpEC:x\r\n"
      "a=T38FaxRateManagement\r\na=x\r\n");
  EXPECT_FALSE(t38.fill_bit_removal);
  EXPECT_EQ(t38.rate_management, T38RateManagement::none);
  EXPECT_EQ(t38.error_correction, T38ErrorCorrection::none);
  T38 other;
  EXPECT_FALSE(read_t38({AttributeKind::mid, {}, {}}, "", other));
}

}  // namespace
}  // namespace demarc::sdp
