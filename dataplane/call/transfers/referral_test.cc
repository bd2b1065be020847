#include "dataplane/call/transfers/referral.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "sip-parser/parse.h"
#include "sip-parser/validate.h"

namespace demarc::call::transfers {
namespace {

// A REFER with these header field lines, and what it asks for.
class Refer {
 public:
  explicit Refer(const std::string& lines)
      : datagram_(
            "REFER sip:b@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKx\r\n"
            "From: <sip:a@10.0.0.2>;tag=1\r\nTo: <sip:b@10.0.0.1>;tag=2\r\nCall-ID: c\r\n"
            "CSeq: 2 REFER\r\nMax-Forwards: 70\r\nContact: <sip:a@10.0.0.2>\r\n" +
            lines + "Content-Length: 0\r\n\r\n") {
    const size_t length = datagram_.size();
    datagram_.append(sip::padding_octets, '\xee');
    const std::string_view octets = std::string_view(datagram_).substr(0, length);
    EXPECT_TRUE(sip::parse(octets, message_)) << lines;
    essentials_ = sip::read_essentials(message_, octets);
    const Received request{message_, octets, essentials_, {}, {}, contract::TrunkId{0}, {}};
    referral_ = read_referral(request, buffer_);
  }
  const Referral& operator*() const { return referral_; }
  const Referral* operator->() const { return &referral_; }

 private:
  std::string datagram_;
  sip::Message message_;
  sip::Essentials essentials_;
  std::array<char, 512> buffer_;
  Referral referral_;
};

TEST(Referral, ReadsWhomToCallInEachForm) {
  for (const char* value :
       {"<sip:+4930@10.9.9.9>", "sip:+4930@10.9.9.9", "<sips:+4930@h>", "<tel:+4930>",
        "<sip:+4930@10.9.9.9;method=INVITE>", "\"Carol\" <sip:+4930@10.9.9.9;x-m=1>;x=y"}) {
    const Refer refer(std::string("Refer-To: ") + value + "\r\n");
    EXPECT_EQ(refer->status_code, 0) << value;
    EXPECT_EQ(refer->user, "+4930") << value;
    EXPECT_TRUE(refer->wants_reports);
    EXPECT_FALSE(refer->has_replaces);
    EXPECT_EQ(refer->referred_by, "");
  }
}

TEST(Referral, RefusesNoneSeveralAndUnreadable) {
  EXPECT_EQ(Refer("")->status_code, 400);
  EXPECT_EQ(Refer("Refer-To: <sip:a@h>\r\nRefer-To: <sip:b@h>\r\n")->status_code, 400);
  EXPECT_EQ(Refer("Refer-To: <sip:a@h>, <sip:b@h>\r\n")->status_code, 400);
  EXPECT_EQ(Refer("Refer-To: <sip:a@h\r\n")->status_code, 400);
  EXPECT_EQ(Refer("Refer-To: <sip:a@h?Replaces=c%3Bto-tag%3D1>\r\n")->status_code, 400);
  EXPECT_EQ(Refer("Refer-To: <sip:a@h?Replaces=c&Replaces=d>\r\n")->status_code, 400);
  EXPECT_EQ(
      Refer("Refer-To: <sip:a@h?Replaces=c%0D%0Ax%3Bto-tag%3D1%3Bfrom-tag%3D2>\r\n")->status_code,
      400);
}

TEST(Referral, RefusesAnotherSchemeOrMethod) {
  EXPECT_EQ(Refer("Refer-To: <http://example.com/>\r\n")->status_code, 416);
  EXPECT_EQ(Refer("Refer-To: <sip:a@h;method=BYE>\r\n")->status_code, 603);
  EXPECT_EQ(Refer("Refer-To: <sip:a@h;method=nonsense>\r\n")->status_code, 603);
}

TEST(Referral, DecodesTheCallToTakeOver) {
  const Refer refer(
      "Refer-To: <sip:carol@h?Replaces=12%40x%3Bto-tag%3Da7%3Bfrom-tag%3Db8&Require=replaces>\r\n");
  ASSERT_EQ(refer->status_code, 0);
  ASSERT_TRUE(refer->has_replaces);
  EXPECT_EQ(refer->replaces, "12@x;to-tag=a7;from-tag=b8");
  EXPECT_EQ(text(refer->dialog.call_id, refer->replaces), "12@x");
  EXPECT_EQ(text(refer->dialog.to_tag, refer->replaces), "a7");
  EXPECT_EQ(text(refer->dialog.from_tag, refer->replaces), "b8");
}

TEST(Referral, OneThatDoesNotFitTheBufferIsRefused) {
  const std::string call_id(600, 'x');
  EXPECT_EQ(Refer("Refer-To: <sip:a@h?Replaces=" + call_id + "%3Bto-tag%3D1%3Bfrom-tag%3D2>\r\n")
                ->status_code,
            400);
}

TEST(Referral, ReadsWhoReferredAndWhetherReportsAreWanted) {
  const Refer refer(
      "Refer-To: <sip:carol@h?User-to-User=00aa%3Bencoding%3Dhex&X-Evil=1>\r\n"
      "Referred-By: \"Alice\" <sip:2001@10.0.0.2>\r\nRefer-Sub: false\r\n");
  EXPECT_EQ(refer->status_code, 0);
  EXPECT_EQ(refer->referred_by, "2001");
  EXPECT_FALSE(refer->wants_reports);
  EXPECT_EQ(refer->user_to_user, "00aa%3Bencoding%3Dhex");
  EXPECT_TRUE(Refer("Refer-To: <sip:c@h>\r\nRefer-Sub: true\r\n")->wants_reports);
}

}  // namespace
}  // namespace demarc::call::transfers
