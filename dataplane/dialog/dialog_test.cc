#include "dataplane/dialog/dialog.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "sip-parser/parse.h"
#include "sip-parser/validate.h"

namespace demarc::dialog {
namespace {

// A message with the padding that the parser asks for.
struct Parsed {
  explicit Parsed(const std::string& text) : octets(text + std::string(64, '\0')) {
    datagram = std::string_view(octets).substr(0, text.size());
    EXPECT_TRUE(sip::parse(datagram, message).has_value());
    essentials = sip::read_essentials(message, datagram);
  }
  std::string octets;
  std::string_view datagram;
  sip::Message message;
  sip::Essentials essentials;
};

std::string response(const std::string& lines) {
  return "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: <sip:a@a>;tag=1\r\n"
         "To: \"B\" <sip:b@b>;tag=peer\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n" +
         lines + "Content-Length: 0\r\n\r\n";
}

TEST(Dialog, LearnsThePeerOfAnAnswerWithRoutesReversed) {
  const Parsed answer(
      response("Contact: <sip:b@192.0.2.1:5070>\r\n"
               "Record-Route: <sip:p1;lr>, <sip:p2;lr>\r\nRecord-Route: "
               "<sip:p3;lr>\r\n"));
  Dialog dialog;
  TextBlock block;
  ASSERT_TRUE(learn_peer(dialog, block, answer.message, answer.datagram, answer.essentials));
  EXPECT_EQ(block.get(dialog.remote_tag), "peer");
  EXPECT_EQ(block.get(dialog.remote_target), "sip:b@192.0.2.1:5070");
  EXPECT_EQ(block.get(dialog.route_set), "<sip:p3;lr>, <sip:p2;lr>, <sip:p1;lr>");
}

TEST(Dialog, KeepsTheOrderOfRoutesInARequest) {
  std::string text = response("Contact: <sip:b@b>\r\nRecord-Route: <sip:p1;lr>,<sip:p2;lr>\r\n");
  text.replace(0, 14, "INVITE sip:x SIP/2.0");
  const Parsed request(text);
  Dialog dialog;
  TextBlock block;
  ASSERT_TRUE(learn_peer(dialog, block, request.message, request.datagram, request.essentials));
  EXPECT_EQ(block.get(dialog.remote_tag), "1");
  EXPECT_EQ(block.get(dialog.route_set), "<sip:p1;lr>, <sip:p2;lr>");
}

TEST(Dialog, RefusesAPeerWithoutAUsableContact) {
  Dialog dialog;
  TextBlock block;
  for (const char* contact : {"", "Contact: *\r\n", "Contact: <mailto:b@b>\r\n"}) {
    const Parsed answer(response(contact));
    EXPECT_FALSE(learn_peer(dialog, block, answer.message, answer.datagram, answer.essentials))
        << contact;
  }
}

TEST(Dialog, RefusesWhatDoesNotFitItsText) {
  const Parsed answer(
      response("Contact: <sip:" + std::string(TextBlock::capacity, 'b') + "@b>\r\n"));
  Dialog dialog;
  TextBlock block;
  EXPECT_FALSE(learn_peer(dialog, block, answer.message, answer.datagram, answer.essentials));
}

TEST(Dialog, RefusesACSeqThatGoesBack) {
  Dialog dialog;
  EXPECT_TRUE(take_remote_cseq(dialog, 7));
  EXPECT_TRUE(take_remote_cseq(dialog, 7));
  EXPECT_TRUE(take_remote_cseq(dialog, 9));
  EXPECT_FALSE(take_remote_cseq(dialog, 8));
}

}  // namespace
}  // namespace demarc::dialog
