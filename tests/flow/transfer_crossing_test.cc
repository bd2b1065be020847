// What is under way between the two of a call when one of them leaves it for another one. The
// dialog of the one who stays goes on, so it hears nothing that would end it (RFC 5057 section 5).
#include "tests/flow/elsewhere_harness.h"
#include "tests/flow/openings.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

constexpr const char* allows_update = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n";

class TransferCrossing : public TransferFlow {
 protected:
  TransferCrossing() : TransferFlow(handled(), NoCall{}) {}
  void call(const std::string& answer_lines = "") {
    pbx.extra_lines = with_prack_and_update;
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    itsp.extra_lines = answer_lines;
    play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  }
  // A dialog as a header field names it, of how a URI does.
  static std::string plain(std::string dialog) {
    const std::pair<std::string, std::string> escapes[] = {
        {"%40", "@"}, {"%3B", ";"}, {"%3D", "="}};
    for (const auto& [escaped, octet] : escapes) {
      for (size_t at = dialog.find(escaped); at != std::string::npos; at = dialog.find(escaped)) {
        dialog.replace(at, escaped.size(), octet);
      }
    }
    return dialog;
  }
  static constexpr std::string_view transferor_leaves = R"(
    pbx  <- NOTIFY 200
    pbx  -> 200 NOTIFY
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )";
};

class ElsewhereUpdate : public Elsewhere {
 protected:
  ElsewhereUpdate() : Elsewhere(two_workers(), {}, false, allows_update) {}
};

TEST_F(TransferCrossing, WhatTheTransfereeAskedIsRefusedAndItsDialogGoesOn) {
  call();
  play("itsp -> INFO within\npbx <- INFO\nitsp -> UPDATE within sdp\npbx <- UPDATE sdp\n");
  refer_to_alt();
  play("alt -> 200 sdp\nalt <- ACK\nitsp <- 491 UPDATE\nitsp <- 500 INFO\n");
  play(transferor_leaves);
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(TransferCrossing, WhatTheTransferorAskedEndsWithItsDialog) {
  call();
  play("pbx -> INFO within\nitsp <- INFO\n");
  refer_to_alt();
  play("alt -> 200 sdp\nalt <- ACK\npbx <- 481 INFO\n");
  play(transferor_leaves);
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(TransferCrossing, TheSameWhereTheTransferorLeavesAtOnce) {
  call();
  play("itsp -> INFO within\npbx <- INFO\npbx -> INFO within\nitsp <- INFO\n");
  refer_to_alt();
  play(R"(
    pbx  -> BYE
    pbx  <- 200 BYE
    pbx  <- 481 INFO
    itsp <- 500 INFO
    itsp -> INFO within
    itsp <- 500 INFO
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- NOTIFY 200
    pbx  -> 481 NOTIFY
    quiet
  )");
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(TransferCrossing, TheSameForTheTwoOfANamedCall) {
  call();
  const std::string dialog = consult();
  play("alt -> INFO within\ndesk <- INFO\ndesk -> INFO within\nalt <- INFO\n");
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play(R"(
    pbx  <- 202 REFER
    desk <- 481 INFO
    alt  <- 500 INFO
    desk <- BYE
    desk -> 200 BYE
  )");
  play(transferor_leaves);
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(TransferCrossing, TheSameWhereAnotherPhoneTakesTheCallOver) {
  call();
  play("itsp -> INFO within\npbx <- INFO\npbx -> INFO within\nitsp <- INFO\n");
  desk.extra_lines = "Replaces: " + plain(named(*pbx.last_response("INVITE"))) + "\r\n";
  play(R"(
    desk -> INVITE sdp
    desk <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  <- 481 INFO
    pbx  <- BYE
    itsp <- 500 INFO
    desk <- 200 sdp
    pbx  -> 200 BYE
    desk -> ACK
    desk -> BYE
    desk <- 200 BYE
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )");
  expect_clean(2);
}

// RFC 3311 section 5.1: one offer at a time. That of the one who left is open until the transferee
// has answered it; the next one brings together what nobody else knows of.
TEST_F(TransferCrossing, AnOfferThatTheTransfereeHasYetToAnswerIsOverBeforeTheNextOne) {
  call(allows_update);
  play("pbx -> UPDATE within sdp\nitsp <- UPDATE sdp\n");
  alt.body = sdp("10.20.2.3", "0", "");
  refer_to_alt();
  play("alt -> 200 sdp INVITE\nalt <- ACK\npbx <- 481 UPDATE\n");
  play(transferor_leaves);
  wait_ms(10000);
  itsp.inbox().clear();  // copies of the UPDATE
  play(R"(
    quiet
    itsp -> 200 sdp UPDATE
    itsp <- INVITE sdp
    itsp -> 200 sdp INVITE
    itsp <- ACK
    quiet
  )");
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(TransferCrossing, OneThatTheTransfereeRefusesLeavesNothingToTell) {
  call(allows_update);
  play("pbx -> UPDATE within sdp\nitsp <- UPDATE sdp\n");
  refer_to_alt();
  play("alt -> 200 sdp INVITE\nalt <- ACK\npbx <- 481 UPDATE\n");
  play(transferor_leaves);
  play("itsp -> 488 UPDATE\nquiet\nwait 10000\nquiet\n");
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(TransferCrossing, OneThatTheTransfereeNeverAnswersEndsTheCall) {
  call(allows_update);
  play("pbx -> UPDATE within sdp\nitsp <- UPDATE sdp\n");
  refer_to_alt();
  play("alt -> 200 sdp INVITE\nalt <- ACK\npbx <- 481 UPDATE\n");
  play(transferor_leaves);
  wait_ms(32100);
  itsp.inbox().clear();
  play("alt <- BYE\nalt -> 200 BYE\nitsp -> 200 BYE\n");
  expect_clean(2);
}

// The one who waits for the target keeps it, too, whichever comes first.
TEST_F(TransferCrossing, AnOfferIsOpenWhereTheTransfereeWaitsForTheTarget) {
  call(allows_update);
  play("pbx -> UPDATE within sdp\nitsp <- UPDATE sdp\n");
  refer_to_alt();
  play(R"(
    pbx  -> BYE
    pbx  <- 200 BYE
    pbx  <- 481 UPDATE
    alt  -> 200 sdp INVITE
    alt  <- ACK
    pbx  <- NOTIFY 200
    pbx  -> 481 NOTIFY
    quiet
    itsp -> 200 sdp UPDATE
    itsp <- INVITE sdp
    itsp -> 200 sdp INVITE
    itsp <- ACK
    quiet
  )");
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(TransferCrossing, WhatTheTransfereeTookWhileItWaitedIsPutRight) {
  call(allows_update);
  play("pbx -> UPDATE within sdp\nitsp <- UPDATE sdp\n");
  refer_to_alt();
  play(R"(
    pbx  -> BYE
    pbx  <- 200 BYE
    pbx  <- 481 UPDATE
    itsp -> 200 sdp UPDATE
    quiet
    alt  -> 200 sdp INVITE
    alt  <- ACK
    pbx  <- NOTIFY 200
    itsp <- INVITE sdp
    pbx  -> 481 NOTIFY
    itsp -> 200 sdp INVITE
    itsp <- ACK
    quiet
  )");
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(TransferCrossing, AnOfferIsOpenAtTheOneWhoStaysInANamedCall) {
  call();
  alt.extra_lines = allows_update;
  const std::string dialog = consult();
  play("desk -> UPDATE within sdp\nalt <- UPDATE sdp\n");
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play(R"(
    pbx  <- 202 REFER
    desk <- 481 UPDATE
    desk <- BYE
    desk -> 200 BYE
  )");
  play(transferor_leaves);
  play(R"(
    alt  -> 200 sdp UPDATE
    alt  <- INVITE sdp
    alt  -> 200 sdp INVITE
    alt  <- ACK
    quiet
  )");
  play(joined_call_ends);
  expect_clean(2);
}

// Nobody there would wait for the answer that comes here.
TEST_F(ElsewhereUpdate, ALegWithAnOpenOfferStays) {
  play("pbx -> UPDATE within sdp\nitsp <- UPDATE sdp\n");
  refer(refer_to);
  play(R"(
    pbx  <- 202 REFER
    pbx  <- NOTIFY 491
    pbx  -> 200 NOTIFY
    itsp -> 200 sdp UPDATE
    pbx  <- 200 sdp UPDATE
    quiet
  )");
  play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
  play("alt -> BYE\nalt <- 200 BYE\ndesk <- BYE\ndesk -> 200 BYE\n");
  expect_clean(2);
}

TEST_F(TransferCrossing, NobodyTakesACallOverWhileAnOfferIsOpenInIt) {
  call(allows_update);
  play("pbx -> UPDATE within sdp\nitsp <- UPDATE sdp\n");
  desk.extra_lines = "Replaces: " + plain(named(*pbx.last_response("INVITE"))) + "\r\n";
  play(R"(
    desk -> INVITE sdp
    desk <- 100
    desk <- 491
    desk -> ACK
    itsp -> 200 sdp UPDATE
    pbx  <- 200 sdp UPDATE
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp <- BYE
    itsp -> 200 BYE
  )");
  expect_clean(2);
}

TEST_F(Elsewhere, WhatTheTransfereeAskedIsRefusedAndItsDialogGoesOn) {
  play("itsp -> INFO within\npbx <- INFO\npbx -> INFO within\nitsp <- INFO\n");
  refer(refer_to);
  play(R"(
    pbx  <- 202 REFER
    pbx  <- 481 INFO
    desk <- BYE
    itsp <- INVITE sdp
    itsp <- 500 INFO
    pbx  <- NOTIFY 200
    desk -> 200 BYE
    pbx  -> 200 NOTIFY
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )");
  play(joined_call_ends);
  expect_clean(2);
}

// RFC 4028: nobody else would refresh the session of the one who waits.
TEST_F(TransferCrossing, WhoWaitsForTheTargetIsRefreshed) {
  call(
      "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n"
      "Session-Expires: 90;refresher=uac\r\nRequire: timer\r\n");
  refer("Refer-To: <sip:+4930123456@10.20.1.1>\r\n");
  play(R"(
    pbx  <- 202 REFER
    pbx  <- NOTIFY 100
    alt  <- INVITE sdp
    pbx  -> 481 NOTIFY
    pbx  -> BYE
    pbx  <- 200 BYE
    alt  -> 180
    wait 45100
    itsp <- UPDATE
    itsp -> 200 UPDATE
    wait 45100
    itsp <- UPDATE
    alt  -> 200 sdp INVITE
    alt  <- ACK
    itsp -> 200 UPDATE
  )");
  itsp.inbox().clear();
  play(joined_call_ends);
  expect_clean(2);
}

// Who takes no UPDATE is asked by an INVITE, with what it was told last.
TEST_F(TransferCrossing, WhoWaitsForTheTargetIsRefreshedByInvite) {
  call("Session-Expires: 90;refresher=uac\r\nRequire: timer\r\n");
  refer("Refer-To: <sip:+4930123456@10.20.1.1>\r\n");
  play(R"(
    pbx  <- 202 REFER
    pbx  <- NOTIFY 100
    alt  <- INVITE sdp
    pbx  -> 481 NOTIFY
    pbx  -> BYE
    pbx  <- 200 BYE
    alt  -> 180
    wait 45100
    itsp <- INVITE sdp
    itsp -> 200 sdp INVITE
    itsp <- ACK
    wait 45100
    itsp <- INVITE sdp
    alt  -> 200 sdp INVITE
    alt  <- ACK
    quiet
    itsp -> 200 sdp INVITE
    itsp <- ACK
    quiet
  )");
  play(joined_call_ends);
  expect_clean(2);
}

// What its answer says of it is compared with what the target has: nobody else heard it.
TEST_F(TransferCrossing, WhatSuchARefreshChangesIsToldTheTarget) {
  call("Session-Expires: 90;refresher=uac\r\nRequire: timer\r\n");
  refer("Refer-To: <sip:+4930123456@10.20.1.1>\r\n");
  play(R"(
    pbx  <- 202 REFER
    pbx  <- NOTIFY 100
    alt  <- INVITE sdp
    pbx  -> 481 NOTIFY
    pbx  -> BYE
    pbx  <- 200 BYE
    alt  -> 180
    wait 45100
    itsp <- INVITE sdp
  )");
  itsp.body = sdp("10.20.2.2", "8", "");
  play(R"(
    itsp -> 200 sdp INVITE
    itsp <- ACK
    quiet
    alt  -> 200 sdp INVITE
    alt  <- ACK
    alt  <- INVITE sdp
    alt  -> 200 sdp INVITE
    alt  <- ACK
    quiet
  )");
  play(joined_call_ends);
  expect_clean(2);
}

// Of two calls whose texts do not go into one nobody hears that they were to be joined.
TEST_F(TransferCrossing, AJoinThatFailsEndsNothingThatIsUnderWay) {
  const auto route = [](const char* host) {
    return "Record-Route: <sip:" + std::string(host) + ";lr;x=" + std::string(1100, 'x') + ">\r\n";
  };
  call(route("10.20.2.2"));
  alt.extra_lines = route("10.20.2.3");
  const std::string dialog = consult();
  play("pbx -> INFO within\nitsp <- INFO\nalt -> INFO within\ndesk <- INFO\n");
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play(R"(
    pbx  <- 202 REFER
    pbx  <- NOTIFY 500
    pbx  -> 200 NOTIFY
    quiet
    itsp -> 200 INFO
    pbx  <- 200 INFO
    desk -> 200 INFO
    alt  <- 200 INFO
    desk -> BYE
    desk <- 200 BYE
    alt  <- BYE
    alt  -> 200 BYE
  )");
  play(ended_by_caller);
  expect_clean(2);
}

TEST_F(TransferCrossing, ARefreshThatWasUnderWayIsSentAgain) {
  call();
  alt.extra_lines =
      "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n"
      "Session-Expires: 90;refresher=uac\r\nRequire: timer\r\n";
  const std::string dialog = consult();
  play("wait 45100\nalt <- UPDATE\n");
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play("pbx <- 202 REFER\ndesk <- BYE\ndesk -> 200 BYE\n");
  play(transferor_leaves);
  play("wait 100\nalt <- UPDATE\nalt -> 200 UPDATE\nwait 44000\nquiet\n");
  play(joined_call_ends);
  expect_clean(2);
}

// Each of two who were joined has to hear what the other one takes. What a refresh changes
// meanwhile is told behind that.
TEST_F(TransferCrossing, WhatARefreshChangesDoesNotStandForWhatIsToBeTold) {
  pbx.body = sdp("10.20.1.2", "8 0", "");
  itsp.body = sdp("10.20.2.2", "8 0", "");
  desk.body = sdp("10.20.1.3", "0 9 8", "");
  alt.body = sdp("10.20.2.3", "0 9", "");
  call();
  alt.extra_lines = "Session-Expires: 90;refresher=uac\r\nRequire: timer\r\n";
  const std::string dialog = consult();
  play("wait 44000\n");
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play(R"(
    pbx  <- 202 REFER
    desk <- BYE
    itsp <- INVITE sdp
    desk -> 200 BYE
    itsp -> 491
    itsp <- ACK
  )");
  play(transferor_leaves);
  play(R"(
    wait 1100
    alt  <- INVITE sdp
    alt  -> 200 sdp INVITE
    alt  <- ACK
    itsp <- INVITE sdp
    itsp -> 491
    itsp <- ACK
  )");
  EXPECT_GE(wait_for(itsp, 4100), 2100);
  play("itsp <- INVITE sdp\n");
  itsp.body = sdp("10.20.2.2", "0", "");
  play("itsp -> 200 sdp\nitsp <- ACK\nalt <- INVITE sdp\n");
  alt.body = sdp("10.20.2.3", "0", "");
  play("alt -> 200 sdp\nalt <- ACK\n");
  play("itsp <- INVITE sdp\nitsp -> 200 sdp\nitsp <- ACK\nquiet\nwait 10000\nquiet\n");
  play(joined_call_ends);
  expect_clean(2);
}

}  // namespace
}  // namespace demarc::flow
