// Transfers between calls whose numbers of m-lines differ (RFC 3264 section 8: no SDP of a dialog
// has fewer than the one before).
#include "tests/flow/openings.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

class TransferLines : public TransferFlow {
 protected:
  const std::string events = "a=rtpmap:101 telephone-event/8000\r\n";
  static unsigned lines_of(const std::string& body) {
    unsigned lines = 0;
    for (size_t at = body.find("m="); at != std::string::npos; at = body.find("m=", at + 1))
      ++lines;
    return lines;
  }
  // The transferee has a fax line, too.
  void add_fax() {
    pbx.body = sdp("10.20.1.2", "8 101", events + "m=image 40004 udptl t38\r\n");
    itsp.body = sdp("10.20.2.2", "8 101", events + "m=image 40004 udptl t38\r\n");
    play(R"(
      pbx  -> INVITE within sdp
      pbx  <- 100
      itsp <- INVITE sdp
      itsp -> 200 sdp
      itsp <- ACK
      pbx  <- 200 sdp
      pbx  -> ACK
    )");
    pbx.body.clear();
  }
};

TEST_F(TransferLines, ATargetWithFewerOfThemLeavesTheOthersOff) {
  add_fax();
  const std::string dialog = consult();
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play("pbx <- 202 REFER\ndesk <- BYE\nitsp <- INVITE sdp\npbx <- NOTIFY 200\n");
  const std::string offered = itsp.last_request("INVITE")->body;
  EXPECT_EQ(lines_of(offered), 2u) << offered;
  EXPECT_EQ(offered.find("m=image"), std::string::npos) << "the target has none";
  itsp.body = sdp("10.20.2.2", "8 101", events + "m=audio 0 RTP/AVP 0\r\n");
  play(R"(
    desk -> 200 BYE
    pbx  -> 200 NOTIFY
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )");
  // Alt goes on with one line, whoever makes the next offer.
  play(R"(
    alt  -> INVITE within sdp
    alt  <- 100
    itsp <- INVITE sdp
  )");
  EXPECT_EQ(lines_of(itsp.last_request("INVITE")->body), 2u);
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\nalt <- 200 sdp INVITE\nalt -> ACK\n");
  EXPECT_EQ(lines_of(alt.last_response("INVITE")->body), 1u);
  play("itsp -> INVITE within sdp\nitsp <- 100\nalt <- INVITE sdp\n");
  EXPECT_EQ(lines_of(alt.last_request("INVITE")->body), 2u);
  alt.body = sdp("10.20.2.3", "8 101", events + "m=audio 0 RTP/AVP 0\r\n");
  play("alt -> 200 sdp INVITE\nalt <- ACK\nitsp <- 200 sdp INVITE\nitsp -> ACK\n");
  play(joined_call_ends);
  expect_clean(2);
}

}  // namespace
}  // namespace demarc::flow
