// The subscription that a REFER makes: how long it lasts, and that nothing comes behind its end
// (RFC 3515 section 2.4.4, RFC 6665).
#include "tests/flow/openings.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

class TransferSubscription : public TransferFlow {
 protected:
  void subscribe(const std::string& lines) {
    pbx.extra_lines = lines;
    play("pbx -> SUBSCRIBE within\n");
  }
  std::string state() const { return pbx.last_request("NOTIFY")->field("Subscription-State"); }
  // The target answers, and the transferor hears of it by a BYE alone.
  static constexpr std::string_view transferred_in_silence = R"(
    alt  -> 180
    alt  -> 200 sdp INVITE
    alt  <- ACK
    quiet
    wait 5010
    pbx  <- BYE
    pbx  -> 200 BYE
    quiet
  )";
};

TEST_F(TransferSubscription, NothingComesBehindTheNotifyThatEndsIt) {
  refer_to_alt();
  play("alt -> 486\nalt <- ACK\npbx <- NOTIFY 486\n");
  EXPECT_EQ(state(), "terminated;reason=noresource");
  play("pbx -> 200 NOTIFY\nquiet\nwait 40000\nquiet\n");
  subscribe("Event: refer\r\n");
  play("pbx <- 481 SUBSCRIBE\nquiet\n");
  play(ended_by_caller);
  expect_clean(2);
}

// The last one is not answered yet; it is the last one all the same.
TEST_F(TransferSubscription, NorBehindOneThatIsUnderWay) {
  refer_to_alt();
  play("alt -> 486\nalt <- ACK\npbx <- NOTIFY 486\n");
  subscribe("Event: refer\r\n");
  play("pbx <- 481 SUBSCRIBE\npbx -> 200 NOTIFY\nquiet\n");
  play(ended_by_caller);
  expect_clean(2);
}

TEST_F(TransferSubscription, WhoRefusesANotifyGetsNoOther) {
  refer_to_alt();
  play("alt -> 183\npbx <- NOTIFY 183\npbx -> 481 NOTIFY\nquiet\n");
  play(transferred_in_silence);
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(TransferSubscription, WhoEndsItGetsOneThatSaysSo) {
  refer_to_alt();
  subscribe("Event: refer\r\nExpires: 0\r\n");
  play("pbx <- 200 SUBSCRIBE\npbx <- NOTIFY 100\n");
  EXPECT_EQ(pbx.last_response("SUBSCRIBE")->field("Expires"), "0");
  EXPECT_EQ(state(), "terminated;reason=timeout");
  play("pbx -> 200 NOTIFY\n");
  play(transferred_in_silence);
  play(joined_call_ends);
  expect_clean(2);
}

// The one that ends it waits for the one before, and says the newest.
TEST_F(TransferSubscription, WhoEndsItWithAReportUnderWayGetsTheNewest) {
  refer_to_alt();
  play("alt -> 180\npbx <- NOTIFY 180\nalt -> 183\n");
  subscribe("Event: refer\r\nExpires: 0\r\n");
  play("pbx <- 200 SUBSCRIBE\nquiet\npbx -> 200 NOTIFY\npbx <- NOTIFY 183\n");
  EXPECT_EQ(state(), "terminated;reason=timeout");
  play("pbx -> 200 NOTIFY\n");
  play(transferred_in_silence);
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(TransferSubscription, LastsAsLongAsItsPeerWants) {
  refer_to_alt();
  EXPECT_EQ(state(), "active;expires=3600");
  play("alt -> 180\npbx <- NOTIFY 180\npbx -> 200 NOTIFY\n");
  subscribe("Event: refer\r\nExpires: 30\r\n");
  play("pbx <- 200 SUBSCRIBE\npbx <- NOTIFY 180\n");
  EXPECT_EQ(state(), "active;expires=30");
  play("pbx -> 200 NOTIFY\nwait 29000\nquiet\n");
  for (unsigned i = 0; i < 200 && pbx.inbox().empty(); ++i) wait_ms(10);
  play("pbx <- NOTIFY 180\n");
  EXPECT_EQ(state(), "terminated;reason=timeout");
  play("pbx -> 200 NOTIFY\n");
  play(transferred_in_silence);
  play(joined_call_ends);
  expect_clean(2);
}

// Of another REFER, or of another package: none of ours, and the other side knows no REFER at all.
TEST_F(TransferSubscription, IsKnownByItsEvent) {
  refer_to_alt();
  subscribe("Event: refer;id=77\r\nExpires: 0\r\n");
  play("pbx <- 481 SUBSCRIBE\n");
  subscribe("Event: kpml\r\nExpires: 60\r\n");
  play("itsp <- SUBSCRIBE\nitsp -> 489 SUBSCRIBE\npbx <- 489 SUBSCRIBE\n");
  play("alt -> 486\nalt <- ACK\npbx <- NOTIFY 486\npbx -> 200 NOTIFY\n");
  play(ended_by_caller);
  expect_clean(2);
}

}  // namespace
}  // namespace demarc::flow
