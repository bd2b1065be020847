#include "dataplane/call/made_offer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dataplane/contract/section.h"
#include "dataplane/contract/section_builder.h"
#include "sip-parser/parse.h"
#include "sip-parser/sdp/sdp.h"

namespace demarc::call {
namespace {

// What is offered to a trunk that names these codecs; empty when nothing can be.
std::string made_for(const std::vector<std::string_view>& names, size_t room = 1024) {
  contract::SectionBuilder<contract::TrunkSection> builder(contract::SectionKind::trunks, 1);
  std::vector<contract::Text> texts;
  for (const std::string_view name : names) texts.push_back(builder.text(name));
  contract::CodecPolicy policy;
  policy.allowed = builder.array<contract::Text>(texts);
  const std::vector<std::byte> section = builder.finish();
  const CodecRules rules{&policy, reinterpret_cast<const contract::SectionHeader*>(section.data())};
  std::vector<char> octets(room);
  sip::Writer writer(octets);
  return write_made_offer(rules, writer) ? std::string(writer.written()) : "";
}

TEST(MadeOffer, NamesG711WhereTheTrunkNamesNothing) {
  const std::string expected =
      "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
      "m=audio 9 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
      "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n";
  EXPECT_EQ(made_for({}), expected);
  std::vector<char> octets(1024);
  sip::Writer writer(octets);
  EXPECT_TRUE(write_made_offer({}, writer));
  EXPECT_EQ(writer.written(), expected);
}

TEST(MadeOffer, KeepsTheOrderOfTheTrunkAndNamesEachOnce) {
  const std::string made = made_for({"g729", "opus", "SILK", "G729", "G722", "PCMA"});
  EXPECT_NE(made.find("m=audio 9 RTP/AVP 18 96 9 8 101\r\n"), std::string::npos) << made;
  EXPECT_NE(made.find("a=rtpmap:96 opus/48000/2\r\n"), std::string::npos) << made;
}

TEST(MadeOffer, IsNoneWithoutACodecThatIsKnown) {
  EXPECT_EQ(made_for({"AMR", "SILK"}), "");
}

TEST(MadeOffer, IsNoneWithoutRoom) {
  EXPECT_EQ(made_for({}, 100), "");
}

TEST(MadeOffer, CanBeRead) {
  std::string made = made_for({"PCMU", "GSM", "G723", "PCMA", "G722", "G728", "G729", "opus"});
  const size_t size = made.size();
  made.append(sip::padding_octets, '\0');
  const auto description = std::make_unique<sdp::Description>();
  ASSERT_TRUE(sdp::parse(std::string_view(made).substr(0, size), *description));
  EXPECT_EQ(description->media_count, 1);
  EXPECT_EQ(description->media[0].format_count, 9);
}

}  // namespace
}  // namespace demarc::call
