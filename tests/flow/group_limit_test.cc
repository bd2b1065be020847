// Limits of groups by direction, and of their media: what fills them and what frees them.
#include "tests/flow/openings.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

using contract::LimitMet;
using contract::TrunkId;

struct Grouped : Ladder {
  explicit Grouped(const BoxOptions& options) : Ladder(options) {}
  // Of another phone of pbx's trunk, while the first call goes on.
  std::string refused(const std::string& status) {
    play("desk -> INVITE sdp\ndesk <- 100\ndesk <- " + status + "\ndesk -> ACK\nquiet\n");
    return desk.last_response("INVITE")->field("Retry-After");
  }
  // A call that goes through: what was full is free again.
  void expect_taken() {
    Peer first = itsp;
    play(R"(
      desk -> INVITE sdp
      desk <- 100
      itsp <- INVITE sdp
      itsp -> 486
      itsp <- ACK
      desk <- 486
      desk -> ACK
    )");
    std::swap(itsp, first);
  }
  void expect_met(LimitMet limit) {
    for (const contract::CallRecord& record : box.take_records()) {
      if (record.limits_met == 0) continue;
      EXPECT_EQ(record.limits_met, static_cast<uint32_t>(limit));
      return;
    }
    ADD_FAILURE() << "no record says it";
  }
};

// One call from the peers of pbx and alt, whatever goes to them.
struct GroupIn : Grouped {
  static BoxOptions options() {
    BoxOptions options;
    options.has_third_trunk = true;
    options.limits[0] = {.status_code = 486, .retry_after_s = 7};
    options.groups = {{{.name = {}, .trunks = {}, .calls_in = 1}, {Box::pbx, Box::alt}}};
    return options;
  }
  GroupIn() : Grouped(options()) {}
};
TEST_F(GroupIn, RefusesAsTheTrunkSaysUntilByeFreesIt) {
  play(answered_at_once);
  EXPECT_EQ(refused("486"), "7");
  expect_met(LimitMet::group_one_way_in);
  play(ended_by_caller);
  expect_taken();
  expect_clean(2);
}
TEST_F(GroupIn, IsFreedByAFailure) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 180\npbx <- 180\n");
  refused("486");
  play(refused_ringing);
  expect_taken();
  expect_clean(3);
}
TEST_F(GroupIn, IsFreedByACallerThatGivesUp) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 180\npbx <- 180\n");
  refused("486");
  play(R"(
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    pbx  <- 487 INVITE
    pbx  -> ACK
    itsp <- CANCEL
    itsp -> 200 CANCEL
    itsp -> 487 INVITE
    itsp <- ACK
  )");
  expect_taken();
  expect_clean(3);
}
TEST_F(GroupIn, LeavesTheOtherDirectionAlone) {
  play(answered_at_once);
  Peer first = itsp;
  Peer caller = pbx;
  play(R"(
    itsp -> INVITE sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 486
    pbx  <- ACK
    itsp <- 486
    itsp -> ACK
  )");
  std::swap(itsp, first);
  std::swap(pbx, caller);
  play(ended_by_caller);
  expect_clean(2);
}

// One call to the peers of itsp; those of alt, which is behind it, are a group of their own.
struct GroupOut : Grouped {
  static BoxOptions options() {
    BoxOptions options;
    options.has_third_trunk = true;
    options.next_trunk = 2;
    options.groups = {{{.name = {}, .trunks = {}, .calls_out = 1}, {Box::itsp}},
                      {{.name = {}, .trunks = {}, .calls_out = 1}, {Box::alt}}};
    return options;
  }
  GroupOut() : Grouped(options()) {}
  uint32_t calls_to(TrunkId trunk) { return box.region().trunk_limits(trunk).calls_out.load(); }
};
TEST_F(GroupOut, IsPassedOverForAnotherGroup) {
  play(answered_at_once);
  play("desk -> INVITE sdp\ndesk <- 100\nalt <- INVITE sdp\n");
  play("alt -> 486\nalt <- ACK\ndesk <- 486\ndesk -> ACK\n");
  expect_met(LimitMet::group_one_way_out);
  play(ended_by_caller);
  expect_clean(1);
}
TEST_F(GroupOut, IsFreedByACallThatGoesOnToAnotherGroup) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  EXPECT_EQ(calls_to(Box::itsp), 1u);
  play("itsp -> 503\nitsp <- ACK\nalt <- INVITE sdp\n");
  EXPECT_EQ(calls_to(Box::itsp), 0u);
  EXPECT_EQ(calls_to(Box::alt), 1u);
  expect_taken();
  play("alt -> 486\nalt <- ACK\npbx <- 486\npbx -> ACK\n");
  EXPECT_EQ(calls_to(Box::alt), 0u);
  expect_clean(2);
}

struct GroupRateOut : Grouped {
  static BoxOptions options() {
    BoxOptions options;
    options.groups = {{{.name = {}, .trunks = {}, .rate_out = 1}, {Box::itsp}}};
    return options;
  }
  GroupRateOut() : Grouped(options()) {}
};
TEST_F(GroupRateOut, RefusesUntilTheSecondIsOver) {
  play(answered_at_once);
  refused("503");
  expect_met(LimitMet::group_one_way_rate_out);
  wait_ms(1000);
  expect_taken();
  play(ended_by_caller);
  expect_clean(2);
}

// Emergency calls are counted and never refused.
struct GroupEmergency : Grouped {
  static BoxOptions options() {
    BoxOptions options;
    options.is_emergency = true;
    options.groups = {{{.name = {},
                        .trunks = {},
                        .max_calls = 1,
                        .calls_in = 1,
                        .calls_out = 1,
                        .rate = 1,
                        .rate_in = 1,
                        .rate_out = 1,
                        .kbps = 1}}};
    return options;
  }
  GroupEmergency() : Grouped(options()) {}
};
TEST_F(GroupEmergency, IsNoReasonToRefuse) {
  play(answered_at_once);
  expect_taken();
  play(ended_by_caller);
  expect_clean(2);
}

// G.711 of one call, 80 kbit/s, fits; the trunks have no limit of their own.
struct GroupBandwidth : Grouped {
  static BoxOptions options() {
    BoxOptions options;
    options.groups = {{{.name = {}, .trunks = {}, .kbps = 120}, {Box::pbx, Box::alt}}};
    options.has_third_trunk = true;
    return options;
  }
  GroupBandwidth() : Grouped(options()) {}
  static std::string sdp(const std::string& address, const std::string& formats) {
    return "v=0\r\no=x 1 2 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address +
           "\r\nt=0 0\r\nm=audio 40000 RTP/AVP " + formats + "\r\n";
  }
  uint32_t kbps(TrunkId trunk) { return box.region().trunk_limits(trunk).kbps.load(); }
};
TEST_F(GroupBandwidth, IsFreedByAReInviteWithAnotherCodec) {
  play(answered_at_once);
  EXPECT_EQ(kbps(Box::pbx), 80u);
  EXPECT_EQ(kbps(Box::itsp), 0u) << "it is in no group";
  refused("503");
  expect_met(LimitMet::group_bandwidth_in);
  EXPECT_EQ(box.worker_counter(contract::WorkerCounter::bandwidth_full), 1u);
  pbx.body = sdp("10.20.1.2", "18");
  itsp.body = sdp("10.20.2.2", "18");
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )");
  wait_ms(1100);  // calls are looked at once a second
  EXPECT_EQ(kbps(Box::pbx), 24u);
  expect_taken();
  play(ended_by_caller);
  expect_clean(2);
}

// A leg that goes on in another call keeps its place in its group until it is gone.
struct GroupOfATransfer : TransferFlow {
  static BoxOptions options() {
    BoxOptions options = handled();
    options.groups = {{{.name = {}, .trunks = {}, .calls_in = 1}, {Box::pbx}},
                      {{.name = {}, .trunks = {}, .calls_out = 2}, {Box::itsp, Box::alt}}};
    return options;
  }
  GroupOfATransfer() : TransferFlow(options()) {}
  uint32_t calls_out() {
    return box.region().trunk_limits(Box::itsp).calls_out.load() +
           box.region().trunk_limits(Box::alt).calls_out.load();
  }
  uint32_t calls_in() { return box.region().trunk_limits(Box::pbx).calls_in.load(); }
};
TEST_F(GroupOfATransfer, GoesWithEachLeg) {
  refer_to_alt();
  EXPECT_EQ(calls_in(), 1u);
  EXPECT_EQ(calls_out(), 2u);
  play(R"(
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- NOTIFY 200
    pbx  -> 200 NOTIFY
    pbx  -> BYE
    pbx  <- 200 BYE
  )");
  EXPECT_EQ(calls_in(), 0u) << "who transferred has gone";
  EXPECT_EQ(calls_out(), 2u);
  play(joined_call_ends);
  EXPECT_EQ(calls_out(), 0u);
  expect_clean(2);
}

}  // namespace
}  // namespace demarc::flow
