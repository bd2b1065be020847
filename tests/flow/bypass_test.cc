// Media that goes from peer to peer: SDP crosses as it stands, and no port is taken.
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"
#include "tests/flow/rtp_line.h"
#include "tests/flow/srtp_line.h"

namespace demarc::flow {
namespace {

BoxOptions ways(contract::MediaWay pbx, contract::MediaWay itsp) {
  BoxOptions options;
  options.codecs[0].way = pbx;
  options.codecs[1].way = itsp;
  return options;
}

class Bypass : public Ladder {
 protected:
  explicit Bypass(contract::MediaWay itsp_way = contract::MediaWay::bypassed)
      : Ladder(ways(contract::MediaWay::bypassed, itsp_way)) {
    shows_media = itsp_way == contract::MediaWay::bypassed;
  }
  explicit Bypass(const BoxOptions& options) : Ladder(options) { shows_media = true; }
  void call() { play(answered_at_once); }
  void end() {
    play(R"(
      pbx  -> BYE
      pbx  <- 200
      itsp <- BYE
      itsp -> 200 BYE
    )");
    expect_clean(1);
  }
  uint32_t free_pairs() { return box.engine().media().free_pairs(contract::RealmId{0}); }
};

class HalfBypass : public Bypass {
 protected:
  HalfBypass() : Bypass(contract::MediaWay::relayed) {}
};

std::string sdp(const std::string& address, const std::string& lines) {
  return "v=0\r\no=x 1 1 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address + "\r\nt=0 0\r\n" +
         lines;
}

TEST_F(Bypass, SdpCrossesAsItStandsAndNoPortIsTaken) {
  pbx.body =
      sdp("10.20.1.2", "m=audio 40000 RTP/AVP 8\r\na=ice-lite\r\nm=video 40002 RTP/SAVPF 96\r\n");
  itsp.body = sdp("10.20.2.2", "m=audio 41000 RTP/AVP 8\r\nm=video 0 RTP/SAVPF 96\r\n");
  const uint32_t before = free_pairs();
  call();
  EXPECT_EQ(itsp.last_request("INVITE")->body, pbx.body);
  EXPECT_EQ(pbx.last_response("INVITE")->body, itsp.body);
  EXPECT_EQ(free_pairs(), before);
  // Its silence is nobody's death.
  wait_ms(120'000);
  EXPECT_EQ(box.engine().live_calls(), 1u);
  end();
}

// RFC 3323 section 5.2: where the caller is must not be seen, also by who answers it past us.
TEST_F(Bypass, WhoseSessionIsPrivateIsRelayed) {
  shows_media = false;
  const uint32_t before = free_pairs();
  pbx.extra_lines = "Privacy: session;critical\r\n";
  call();
  EXPECT_LT(free_pairs(), before);
  end();
}

// That a call shows no media of its own is not that it has none.
TEST_F(Bypass, RowAndRecordSayThatMediaGoesPastUs) {
  call();
  const std::vector<contract::DirectoryRow> rows = box.directory();
  ASSERT_EQ(rows.size(), 1u);
  for (const contract::MediaSummary& media : rows[0].media) {
    EXPECT_TRUE(media.is_bypassed);
    EXPECT_EQ(media.streams, 0);
  }
  play("pbx -> BYE\npbx <- 200\nitsp <- BYE\nitsp -> 200 BYE\n");
  const contract::CallRecord record = the_record();
  for (const contract::MediaSummary& media : record.media) EXPECT_TRUE(media.is_bypassed);
  expect_clean(0);
}

TEST_F(HalfBypass, RowAndRecordSayThatMediaIsRelayed) {
  call();
  const std::vector<contract::DirectoryRow> rows = box.directory();
  ASSERT_EQ(rows.size(), 1u);
  for (const contract::MediaSummary& media : rows[0].media) {
    EXPECT_FALSE(media.is_bypassed);
  }
  play("pbx -> BYE\npbx <- 200\nitsp <- BYE\nitsp -> 200 BYE\n");
  const contract::CallRecord record = the_record();
  for (const contract::MediaSummary& media : record.media) EXPECT_FALSE(media.is_bypassed);
  expect_clean(0);
}

TEST_F(Bypass, HoldAndResumeKeepIt) {
  pbx.body = sdp("10.20.1.2", "m=audio 40000 RTP/AVP 8\r\n");
  itsp.body = sdp("10.20.2.2", "m=audio 40000 RTP/AVP 8\r\n");
  call();
  for (const std::string direction : {"sendonly", "sendrecv"}) {
    pbx.body = sdp("10.20.1.2", "m=audio 40000 RTP/AVP 8\r\na=" + direction + "\r\n");
    play(R"(
      pbx  -> INVITE within sdp
      pbx  <- 100
      itsp <- INVITE sdp
      itsp -> 200 sdp
      itsp <- ACK
      pbx  <- 200 sdp
      pbx  -> ACK
    )");
    EXPECT_EQ(itsp.last_request("INVITE")->body, pbx.body);
  }
  end();
}

TEST_F(Bypass, UnreadableSdpIsRefusedAllTheSame) {
  pbx.body = "v=0\r\nnonsense\r\n";
  play(R"(
    pbx -> INVITE sdp
    pbx <- 100
    pbx <- 400
    pbx -> ACK
  )");
  expect_clean(1);
}

class BypassOfSecrets : public Ladder {
 protected:
  BypassOfSecrets() : Ladder(options_of()) {}
  static BoxOptions options_of() {
    BoxOptions options = with_srtp(contract::SrtpUse::optional, contract::SrtpUse::required);
    options.codecs[0].way = options.codecs[1].way = contract::MediaWay::bypassed;
    return options;
  }
};

// What goes past us could not be held to it.
TEST_F(BypassOfSecrets, WhatMustBeSrtpIsRelayed) {
  pbx.body = sdp("10.20.1.2", media_line("RTP/AVP", ""));
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  EXPECT_NE(itsp.last_request("INVITE")->body.find("RTP/SAVP"), std::string::npos);
  itsp.body = sdp("10.20.2.2", media_line("RTP/AVP", ""));
  play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 502\npbx -> ACK\nitsp <- BYE\nitsp -> 200 BYE\n");
  expect_clean(1);
}

TEST_F(HalfBypass, OneTrunkAloneDoesNotBypass) {
  const uint32_t before = free_pairs();
  call();
  EXPECT_LT(free_pairs(), before);
  RtpLine line(box, pbx, Peer::media_port, port_in(pbx.last_response("INVITE")->body));
  line.audio(8, {1, 2, 3});
  EXPECT_EQ(line.out.size(), 1u);
  end();
}

// pbx names the trunks that it bypasses with.
class NamedBypass : public Bypass {
 protected:
  explicit NamedBypass(std::vector<contract::TrunkId> of_pbx = {Box::itsp, Box::alt},
                       std::vector<contract::TrunkId> of_itsp = {})
      : Bypass(options(std::move(of_pbx), std::move(of_itsp))) {}
  static BoxOptions options(std::vector<contract::TrunkId> of_pbx,
                            std::vector<contract::TrunkId> of_itsp) {
    BoxOptions options = ways(contract::MediaWay::bypassed, contract::MediaWay::bypassed);
    options.has_third_trunk = true;
    options.bypass_with[0] = std::move(of_pbx);
    options.bypass_with[1] = std::move(of_itsp);
    return options;
  }
};
struct NamesAnother : NamedBypass {
  NamesAnother() : NamedBypass({Box::alt}) {}
};
struct IsNotNamedBack : NamedBypass {
  IsNotNamedBack() : NamedBypass({Box::itsp}, {Box::alt}) {}
};

TEST_F(NamedBypass, HoldsWithThoseTrunks) {
  pbx.body = sdp("10.20.1.2", "m=audio 40000 RTP/AVP 8\r\n");
  const uint32_t before = free_pairs();
  call();
  EXPECT_EQ(itsp.last_request("INVITE")->body, pbx.body);
  EXPECT_EQ(free_pairs(), before);
  end();
}

TEST_F(NamesAnother, OthersAreRelayed) {
  shows_media = false;
  const uint32_t before = free_pairs();
  call();
  EXPECT_LT(free_pairs(), before);
  end();
}

TEST_F(IsNotNamedBack, BothHaveToNameOneAnother) {
  shows_media = false;
  const uint32_t before = free_pairs();
  call();
  EXPECT_LT(free_pairs(), before);
  end();
}

}  // namespace
}  // namespace demarc::flow
