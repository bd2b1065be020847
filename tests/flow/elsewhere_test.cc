// Attended transfers whose two calls are on different workers (decision D60).
#include <gtest/gtest.h>

#include "tests/flow/elsewhere_harness.h"
#include "tests/flow/openings.h"
#include "tests/flow/rtp_line.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;
using contract::TransferPart;
using contract::WorkerCounter;

TEST_F(Elsewhere, TheTwoCallsBecomeOneOfTheOtherWorker) {
  transfer();
  const auto rows = box.directory();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].worker, far);
  EXPECT_EQ(remote_of(0, 0), (contract::Endpoint{itsp.endpoint().address, Peer::media_port}));
  EXPECT_EQ(remote_of(0, 1), (contract::Endpoint{alt.endpoint().address, Peer::media_port}));
  EXPECT_EQ(box.worker_counter(WorkerCounter::transfer_moved), 1u);
  play(joined_call_ends);
  const auto records = box.take_records();
  ASSERT_EQ(records.size(), 2u);
  const auto& first = records[0].worker == near ? records[0] : records[1];
  const auto& other = records[0].worker == near ? records[1] : records[0];
  EXPECT_EQ(first.end, CallEnd::transferred);
  EXPECT_EQ(first.transfer, TransferPart::referred);
  EXPECT_EQ(first.transfer_status, 200);
  EXPECT_EQ(other.transfer, TransferPart::target);
  EXPECT_EQ(other.referred_by.view(), "2001");
  EXPECT_EQ(other.end, CallEnd::released_by_called);
  expect_clean(0);
}

TEST_F(Elsewhere, WhatTheMovedPeerSendsComesToItsCall) {
  transfer();
  play(R"(
    itsp -> INFO within
    alt  <- INFO
    alt  -> 200 INFO
    itsp <- 200 INFO
    itsp -> INVITE within sdp
    itsp <- 100
    alt  <- INVITE sdp
    alt  -> 200 sdp INVITE
    alt  <- ACK
    itsp <- 200 sdp INVITE
    itsp -> ACK
    itsp -> BYE
    itsp <- 200 BYE
    alt  <- BYE
    itsp -> again
    itsp <- 200 BYE
    alt  -> 200 BYE
    quiet
  )");
  EXPECT_GE(box.worker_counter(WorkerCounter::sip_passed_on), 4u);
  expect_clean(2);
}

// Its ACK was lost, and the worker that it comes to has the call no more.
TEST_F(Elsewhere, A2xxThatComesAgainIsAcknowledged) {
  refer(refer_to);
  play(R"(
    pbx  <- 202 REFER
    desk <- BYE
    itsp <- INVITE sdp
    pbx  <- NOTIFY 200
    desk -> 200 BYE
    pbx  -> 200 NOTIFY
    itsp -> again
    itsp <- ACK
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )");
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(Elsewhere, ACallThatIsOverThereIsReportedAs481) {
  play(consultation_ends);
  refer(refer_to);
  play("pbx <- 202 REFER\npbx <- NOTIFY 481\npbx -> 200 NOTIFY\nquiet\n");
  play(ended_by_caller);
  expect_clean(2);
}

TEST_F(Elsewhere, ACallThatIsBusyThereStaysAsItIs) {
  play(R"(
    desk -> INVITE within sdp
    desk <- 100
    alt  <- INVITE sdp
  )");
  refer(refer_to);
  expect_untouched(491);
  play(R"(
    alt  -> 200 sdp INVITE
    alt  <- ACK
    desk <- 200 sdp INVITE
    desk -> ACK
  )");
  play(consultation_ends);
  expect_clean(2);
}

TEST_F(Elsewhere, AFullRingRefusesAndBothCallsStay) {
  unsigned taken = 0;
  holds_post = true;
  for (const size_t octets : {size_t{60000}, size_t{0}}) {
    while (box.post().letters({near, far}).push({}, std::string(octets, 'x'))) ++taken;
  }
  refer(refer_to);
  expect_untouched(480);
  for (unsigned i = 0; i < taken; ++i) {
    ASSERT_NE(box.post().letters({near, far}).front().head, nullptr);
    box.post().letters({near, far}).pop();
  }
  holds_post = false;
  play(consultation_ends);
  expect_clean(2);
}

TEST_F(Elsewhere, NoPortsThereRefusesAndBothCallsStay) {
  std::vector<media::PortPair> pairs;
  media::Table& media = box.engine(far).media();
  for (media::PortPair pair; (pair = media.acquire(contract::RealmId{1}, box.now())).is_set();) {
    pairs.push_back(pair);
  }
  refer(refer_to);
  expect_untouched(503);
  for (media::PortPair& pair : pairs) media.give_back(pair, box.now());
  play(consultation_ends);
  expect_clean(2);
}

TEST_F(Elsewhere, WhileItAsksTheSessionIsNotChanged) {
  holds_post = true;
  refer(refer_to);
  play(R"(
    pbx  <- 202 REFER
    itsp -> INVITE within sdp
    itsp <- 491
    itsp -> ACK
  )");
  holds_post = false;
  wait_ms(10);
  play(joined);
  play(joined_call_ends);
  expect_clean(2);
}

// In the moment of the transfer the transferee hangs up: whom it was joined with hears it.
TEST_F(Elsewhere, ATransfereeThatLeavesMeanwhileLeavesBoth) {
  holds_post = true;
  refer(refer_to);
  play(R"(
    pbx  <- 202 REFER
    itsp -> BYE
    itsp <- 200 BYE
    pbx  <- BYE
    pbx  -> 200 BYE
  )");
  holds_post = false;
  wait_ms(10);
  play(R"(
    desk <- BYE
    itsp <- INVITE sdp
    alt  <- BYE
    desk -> 200 BYE
    alt  -> 200 BYE
    itsp -> 481 INVITE
    itsp <- ACK
    quiet
  )");
  expect_clean(2);
}

TEST_F(Elsewhere, ATransferorThatLeavesMeanwhileIsNotMissed) {
  holds_post = true;
  refer(refer_to);
  play(R"(
    pbx  <- 202 REFER
    pbx  -> BYE
    pbx  <- 200 BYE
  )");
  holds_post = false;
  wait_ms(10);
  play(R"(
    desk <- BYE
    itsp <- INVITE sdp
    pbx  <- NOTIFY 200
    desk -> 200 BYE
    pbx  -> 200 NOTIFY
    itsp -> 200 sdp INVITE
    itsp <- ACK
    quiet
  )");
  play(joined_call_ends);
  expect_clean(2);
}

// What it was offered does not suit it: the call that was made of two ends.
TEST_F(Elsewhere, ATransfereeThatRefusesTheOfferEndsTheCall) {
  refer(refer_to);
  play(R"(
    pbx  <- 202 REFER
    desk <- BYE
    itsp <- INVITE sdp
    pbx  <- NOTIFY 200
    desk -> 200 BYE
    pbx  -> 200 NOTIFY
    itsp -> 488 INVITE
    itsp <- ACK
    itsp <- BYE
    alt  <- BYE
    itsp -> 200 BYE
    alt  -> 200 BYE
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )");
  expect_clean(2);
}

// A phone of the transferee's exchange, at its address, takes the moved dialog over.
class ElsewhereReplaced : public Elsewhere {
 protected:
  explicit ElsewhereReplaced(const BoxOptions& options = takeable()) : Elsewhere(options) {
    const Wire invite = *itsp.last_request("INVITE");
    const std::string from = invite.field("From");
    replaces = "Replaces: " + invite.field("Call-ID") +
               ";to-tag=" + from.substr(from.find(";tag=") + 5) + ";from-tag=" + itsp.tag();
    transfer();
    itsp = Peer("taker", "10.20.2.2", "10.20.2.1");
    itsp.called = "+4930123456";
  }
  static BoxOptions takeable() {
    BoxOptions options = two_workers();
    options.policy[1].takes_replaces = true;
    return options;
  }
  std::string replaces;
};

TEST_F(ElsewhereReplaced, AnInviteThatReplacesTheMovedDialogComesToItsCall) {
  itsp.extra_lines = replaces + ";early-only\r\n";
  play(R"(
    itsp -> INVITE sdp
    itsp <- 100
    itsp <- 486 INVITE
    itsp -> ACK
    quiet
  )");
  play(joined_call_ends);
  expect_clean(3);
}

TEST_F(ElsewhereReplaced, SoDoesItsCancel) {
  itsp.extra_lines = replaces + "\r\n";
  play(R"(
    itsp -> INVITE sdp
    itsp <- 100
    alt  <- INVITE sdp
    alt  -> 180
    itsp -> CANCEL
    itsp <- 200 CANCEL
    alt  <- CANCEL
    alt  -> 200 CANCEL
    alt  -> 487 INVITE
    alt  <- ACK
    itsp <- 487 INVITE
    itsp -> ACK
    quiet
  )");
  play(joined_call_ends);
  expect_clean(3);
}

class ElsewhereRelayed : public ElsewhereReplaced {
 protected:
  ElsewhereRelayed() : ElsewhereReplaced(options()) {}
  static BoxOptions options() {
    BoxOptions options = takeable();
    options.codecs[1].way = options.codecs[2].way = contract::MediaWay::bypassed;
    return options;
  }
};

// It may have been relayed for its privacy, which the worker that it comes to can not tell.
TEST_F(ElsewhereRelayed, WhoReplacesTheMovedPeerIsRelayedToo) {
  itsp.extra_lines = replaces + "\r\n";
  play("itsp -> INVITE sdp\nitsp <- 100\nalt <- INVITE sdp\n");
  EXPECT_EQ(alt.last_request("INVITE")->body.find("10.20.2.2"), std::string::npos);
  play(R"(
    alt  -> 488
    alt  <- ACK
    itsp <- 488 INVITE
    itsp -> ACK
    quiet
  )");
  play(joined_call_ends);
  expect_clean(3);
}

std::string crypto_line(char letter) {
  return "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string(40, letter) + "\r\n";
}

// alt speaks SRTP, and itsp may.
class ElsewhereWithKeys : public Elsewhere {
 protected:
  ElsewhereWithKeys() : Elsewhere(options(), secure("10.20.2.3", 'A')) {}
  static BoxOptions options() {
    BoxOptions options = two_workers();
    const contract::SrtpSuite suite = contract::SrtpSuite::aes_cm_128_hmac_sha1_80;
    options.srtp[1] = {contract::SrtpUse::optional, 1, {suite}};
    options.srtp[2] = {contract::SrtpUse::required, 1, {suite}};
    return options;
  }
  static std::string secure(const std::string& address, char letter) {
    return "v=0\r\no=x 1 2 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address +
           "\r\nt=0 0\r\nm=audio 40000 RTP/SAVP 8 101\r\n" +
           "a=rtpmap:101 telephone-event/8000\r\n" + crypto_line(letter);
  }
  // Keys in use: two for each side that is encrypted.
  uint32_t keys() { return box.engine(near).media().live_keys() + far_keys(); }
  uint32_t far_keys() { return box.engine(far).media().live_keys(); }
};

TEST_F(ElsewhereWithKeys, EachLegIsKeyedByTheWorkerThatHasIt) {
  EXPECT_EQ(far_keys(), 2u);
  const std::string before = itsp.last_request("INVITE")->body;
  itsp.body = sdp("10.20.2.2", "8 101", "a=rtpmap:101 telephone-event/8000\r\n" + crypto_line('B'));
  transfer();
  const std::string offered = itsp.last_request("INVITE")->body;
  const size_t key = offered.find(" inline:");
  ASSERT_NE(key, std::string::npos) << offered;
  EXPECT_EQ(before.find(offered.substr(key, 48)), std::string::npos) << "another worker's key";
  EXPECT_EQ(far_keys(), 4u);
  play(joined_call_ends);
  EXPECT_EQ(keys(), 0u);
  expect_clean(2);
}

// Media goes past the box in both calls: so it does in the one that they become.
class ElsewhereBypassed : public Elsewhere {
 protected:
  ElsewhereBypassed() : Elsewhere(options(), {}, true) {}
  static BoxOptions options() {
    BoxOptions options = two_workers();
    for (contract::CodecPolicy& policy : options.codecs) policy.way = contract::MediaWay::bypassed;
    return options;
  }
};

TEST_F(ElsewhereBypassed, BothPeersHearWhereTheOtherOneIs) {
  refer(refer_to);
  play(R"(
    pbx  <- 202 REFER
    desk <- BYE
    itsp <- INVITE sdp
    pbx  <- NOTIFY 200
    desk -> 200 BYE
    pbx  -> 200 NOTIFY
    itsp -> 200 sdp INVITE
    itsp <- ACK
    alt  <- INVITE sdp
    alt  -> 200 sdp INVITE
    alt  <- ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )");
  EXPECT_NE(itsp.last_request("INVITE")->body.find("10.20.2.3"), std::string::npos);
  EXPECT_NE(alt.last_request("INVITE")->body.find("10.20.2.2"), std::string::npos);
  play(joined_call_ends);
  expect_clean(2);
}

// Some peers go on sending to the address that they know (their SBCs do not follow another one).
class ElsewhereOfMany : public Elsewhere {
 protected:
  ElsewhereOfMany() : Elsewhere(options()) {}
  static BoxOptions options() {
    BoxOptions options = two_workers();
    options.media_addresses = 8;
    return options;
  }
  std::string shown_to_itsp() {
    const std::string& body = itsp.last_request("INVITE")->body;
    const size_t at = body.find("c=IN IP4 ");
    return body.substr(at, body.find('\r', at) - at);
  }
};

TEST_F(ElsewhereOfMany, TheMovedPeerIsShownTheAddressThatItKnows) {
  const std::string before = shown_to_itsp();
  const uint16_t port = port_in(itsp.last_request("INVITE")->body);
  transfer();
  EXPECT_EQ(shown_to_itsp(), before);
  EXPECT_NE(port_in(itsp.last_request("INVITE")->body), port);
  play(joined_call_ends);
  expect_clean(2);
}

}  // namespace
}  // namespace demarc::flow
