// Limits beside the calls of a trunk: of numbers that begin alike, the rate of a group, bandwidth.
#include "tests/flow/openings.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

using contract::LimitMet;

struct Limited : Ladder {
  explicit Limited(const BoxOptions& options) : Ladder(options) {}
  // Of another phone of the same trunk, while the first call goes on.
  std::string refused(const std::string& status) {
    play("desk -> INVITE sdp\ndesk <- 100\ndesk <- " + status + "\ndesk -> ACK\nquiet\n");
    return desk.last_response("INVITE")->field("Retry-After");
  }
  uint32_t live(uint32_t limit) {
    return box.region().limit_live(contract::LimitId{limit}).calls.load();
  }
  uint32_t limits_met() {
    for (const contract::CallRecord& record : box.take_records()) {
      if (record.limits_met != 0) return record.limits_met;
    }
    return 0;
  }
  void expect_met(LimitMet limit) { EXPECT_EQ(limits_met(), static_cast<uint32_t>(limit)); }
};

// The rules make +442079460018 of 0442079460018.
struct PrefixIn : Limited {
  static BoxOptions options() {
    BoxOptions options;
    options.numbers[0].called_in = {"^0(44\\d*)$ -> +$1"};
    options.limits[0].status_code = 486;
    options.limits[0].retry_after_s = 7;
    options.prefix_limits[0] = {{"+44", 1}, {"+4420", 1}, {"+1", 1}};
    return options;
  }
  PrefixIn() : Limited(options()) { pbx.called = "0442079460018"; }
};
TEST_F(PrefixIn, RefusesAsTheTrunkSaysByTheNumberThatItsRulesMade) {
  play(answered_at_once);
  EXPECT_EQ(live(1), 1u);
  EXPECT_EQ(live(0), 0u) << "the longest prefix alone";
  EXPECT_EQ(refused("486"), "7");
  expect_met(LimitMet::prefix_in);
  play(ended_by_caller);
  EXPECT_EQ(live(1), 0u);
  expect_clean(1);
}
TEST_F(PrefixIn, LeavesOtherNumbersAlone) {
  play(answered_at_once);
  desk.called = "+441179460018";
  play("desk -> INVITE sdp\ndesk <- 100\nitsp <- INVITE sdp\n");
  EXPECT_EQ(live(0), 1u);
  play("itsp -> 486\nitsp <- ACK\ndesk <- 486\ndesk -> ACK\n");
  EXPECT_EQ(live(0), 0u);
  play(ended_by_caller);
  expect_clean(2);
}
TEST_F(PrefixIn, KeepsNoCountOfACallThatFindsNobody) {
  itsp.called = pbx.called;
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 180
    pbx  <- 180
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    pbx  <- 487 INVITE
    pbx  -> ACK
    itsp <- CANCEL
    itsp -> 200 CANCEL
    itsp -> 487 INVITE
    itsp <- ACK
  )");
  EXPECT_EQ(live(1), 0u);
  expect_clean(1);
}

struct PrefixRate : Limited {
  static BoxOptions options() {
    BoxOptions options;
    options.prefix_limits[0] = {{"+44", 0, 1}};
    return options;
  }
  PrefixRate() : Limited(options()) {}
};
TEST_F(PrefixRate, IsGivenBackByTime) {
  play(answered_at_once);
  refused("503");
  expect_met(LimitMet::prefix_rate_in);
  wait_ms(1000);
  desk.called = pbx.called;
  play("desk -> INVITE sdp\ndesk <- 100\nitsp <- INVITE sdp\n");
  play("itsp -> 486\nitsp <- ACK\ndesk <- 486\ndesk -> ACK\n");
  play(ended_by_caller);
  expect_clean(2);
}

// A provider that takes one call to these numbers, and another one behind it.
struct PrefixOut : Limited {
  static BoxOptions options() {
    BoxOptions options;
    options.has_third_trunk = true;
    options.next_trunk = 2;
    options.prefix_limits[1] = {{"+44", 1}};
    options.prefix_limits[2] = {{"+", 9}};
    return options;
  }
  PrefixOut() : Limited(options()) {}
};
TEST_F(PrefixOut, PassesTheTrunkOver) {
  play(answered_at_once);
  play("desk -> INVITE sdp\ndesk <- 100\nalt <- INVITE sdp\n");
  EXPECT_EQ(live(0), 1u);
  EXPECT_EQ(live(1), 1u);
  play("alt -> 486\nalt <- ACK\ndesk <- 486\ndesk -> ACK\n");
  expect_met(LimitMet::prefix_out);
  EXPECT_EQ(live(1), 0u);
  play(ended_by_caller);
  expect_clean(1);
}
TEST_F(PrefixOut, GoesWithTheAttempt) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  EXPECT_EQ(live(0), 1u);
  play("itsp -> 503\nitsp <- ACK\nalt <- INVITE sdp\n");
  EXPECT_EQ(live(0), 0u);
  EXPECT_EQ(live(1), 1u);
  play(R"(
    alt -> 200 sdp
    alt <- ACK
    pbx <- 200 sdp
    pbx -> ACK
    pbx -> BYE
    pbx <- 200
    alt <- BYE
    alt -> 200 BYE
  )");
  EXPECT_EQ(live(1), 0u);
  expect_clean(1);
}

struct EmergencyPrefix : Limited {
  static BoxOptions options() {
    BoxOptions options;
    options.is_emergency = true;
    options.groups = {{{.name = {},
                        .trunks = {},
                        .max_calls = 1,
                        .calls_in = 1,
                        .rate = 1,
                        .rate_out = 1,
                        .kbps = 1}}};
    options.prefix_limits[0] = {{"+44", 1, 1}};
    options.prefix_limits[1] = {{"+44", 1, 1}};
    return options;
  }
  EmergencyPrefix() : Limited(options()) {}
};
TEST_F(EmergencyPrefix, CallsAreCountedAndNotRefused) {
  play(answered_at_once);
  play("desk -> INVITE sdp\ndesk <- 100\nitsp <- INVITE sdp\n");
  EXPECT_EQ(live(0), 2u);
  EXPECT_EQ(live(1), 2u);
  play("itsp -> 486\nitsp <- ACK\ndesk <- 486\ndesk -> ACK\n");
  play(ended_by_caller);
  expect_clean(2);
}

// All trunks are of the group; a call is one in its rate, however many of them it meets.
struct GroupRate : Limited {
  static BoxOptions options() {
    BoxOptions options;
    options.groups = {{{.name = {}, .trunks = {}, .rate = 1}}};
    options.has_second_target = true;
    options.limits[0] = {.status_code = 480};
    return options;
  }
  GroupRate() : Limited(options()) {}
};
TEST_F(GroupRate, IsOfAllItsTrunksTogether) {
  play(answered_at_once);
  refused("480");
  expect_met(LimitMet::group_rate_in);
  play(ended_by_caller);
  wait_ms(1000);
  play(R"(
    itsp -> INVITE sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 486
    pbx  <- ACK
    itsp <- 486
    itsp -> ACK
  )");
  refused("480");
  expect_met(LimitMet::group_rate_in);
  expect_clean(0);
}
TEST_F(GroupRate, LeavesACallItsOtherTargets) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 503
    itsp <- ACK
    alt  <- INVITE sdp
    alt  -> 486
    alt  <- ACK
    pbx  <- 486
    pbx  -> ACK
  )");
  expect_clean(1);
}

// The offer's first codec is G.711, of 80 kbit/s, and there is room for one such call.
struct Bandwidth : Limited {
  static BoxOptions options(unsigned trunk = 0) {
    BoxOptions options;
    options.limits[trunk] = {.kbps = 120, .status_code = 480, .retry_after_s = 3};
    return options;
  }
  explicit Bandwidth(const BoxOptions& options = Bandwidth::options()) : Limited(options) {}
  static std::string sdp(const std::string& address, const std::string& formats) {
    return "v=0\r\no=x 1 1 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address +
           "\r\nt=0 0\r\nm=audio 40000 RTP/AVP " + formats + "\r\n";
  }
  uint32_t kbps(contract::TrunkId trunk = Box::pbx) {
    return box.region().trunk_limits(trunk).kbps.load();
  }
};
TEST_F(Bandwidth, OfTheOfferRefusesAsTheTrunkSays) {
  play(answered_at_once);
  EXPECT_EQ(kbps(), 80u);
  EXPECT_EQ(kbps(Box::itsp), 0u) << "it has no limit";
  EXPECT_EQ(refused("480"), "3");
  expect_met(LimitMet::bandwidth_in);
  EXPECT_EQ(box.worker_counter(contract::WorkerCounter::bandwidth_full), 1u);
  EXPECT_EQ(box.worker_counter(contract::WorkerCounter::trunk_full), 0u);
  play(ended_by_caller);
  EXPECT_EQ(kbps(), 0u);
  expect_clean(1);
}
TEST_F(Bandwidth, IsThatOfTheAnswerOnceThereIsOne) {
  pbx.body = sdp("10.20.1.2", "8 18");
  itsp.body = sdp("10.20.2.2", "18");
  play(answered_at_once);
  wait_ms(1100);  // calls are looked at once a second
  EXPECT_EQ(kbps(), 24u);
  desk.body = sdp("10.20.1.3", "8");
  itsp.body.clear();
  Peer first = itsp;
  play("desk -> INVITE sdp\ndesk <- 100\nitsp <- INVITE sdp\n");
  EXPECT_EQ(kbps(), 104u);
  play("itsp -> 486\nitsp <- ACK\ndesk <- 486\ndesk -> ACK\n");
  EXPECT_EQ(kbps(), 24u);
  std::swap(itsp, first);
  play(ended_by_caller);
  expect_clean(2);
}
TEST_F(Bandwidth, FollowsWhatIsAgreedWithinTheCall) {
  play(answered_at_once);
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
  wait_ms(1100);
  EXPECT_EQ(kbps(), 24u);
  play(ended_by_caller);
  expect_clean(1);
}

struct BandwidthOut : Bandwidth {
  static BoxOptions options() {
    BoxOptions options = Bandwidth::options(1);
    options.has_third_trunk = true;
    options.next_trunk = 2;
    return options;
  }
  BandwidthOut() : Bandwidth(options()) {}
};
TEST_F(BandwidthOut, PassesTheTrunkOver) {
  play(answered_at_once);
  EXPECT_EQ(kbps(Box::itsp), 80u);
  play("desk -> INVITE sdp\ndesk <- 100\nalt <- INVITE sdp\n");
  play("alt -> 486\nalt <- ACK\ndesk <- 486\ndesk -> ACK\n");
  expect_met(LimitMet::bandwidth_out);
  EXPECT_EQ(box.worker_counter(contract::WorkerCounter::bandwidth_full), 1u);
  play(ended_by_caller);
  expect_clean(1);
}

struct BandwidthPastUs : Bandwidth {
  static BoxOptions options() {
    BoxOptions options = Bandwidth::options();
    for (auto& codecs : options.codecs) codecs.way = contract::MediaWay::bypassed;
    return options;
  }
  BandwidthPastUs() : Bandwidth(options()) { shows_media = true; }
};
TEST_F(BandwidthPastUs, DoesNotCount) {
  play(answered_at_once);
  wait_ms(1100);
  EXPECT_EQ(kbps(), 0u);
  play(ended_by_caller);
  expect_clean(1);
}

// Media goes past us with itsp, and through us with alt, which is tried next.
struct BandwidthPastUsAtFirst : Bandwidth {
  static BoxOptions options() {
    BoxOptions options = BandwidthOut::options();
    std::swap(options.limits[0], options.limits[1]);
    options.codecs[0].way = options.codecs[1].way = contract::MediaWay::bypassed;
    return options;
  }
  BandwidthPastUsAtFirst() : Bandwidth(options()) { shows_media = true; }
};
TEST_F(BandwidthPastUsAtFirst, IsAskedForBeforeATargetThatIsRelayed) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 503
    itsp <- ACK
    alt  <- INVITE sdp
  )");
  EXPECT_EQ(kbps(), 80u);
  play(R"(
    desk -> INVITE sdp
    desk <- 100
    itsp <- INVITE sdp
    itsp -> 503
    itsp <- ACK
    desk <- 480
    desk -> ACK
    quiet
  )");
  EXPECT_EQ(kbps(), 80u);
  EXPECT_EQ(kbps(Box::alt), 0u);
  expect_met(LimitMet::bandwidth_in);
  play("alt -> 486\nalt <- ACK\npbx <- 486\npbx -> ACK\n");
  EXPECT_EQ(kbps(), 0u);
  expect_clean(1);
}

// A leg that goes on in another call keeps its place until it is gone.
struct PrefixOfATransfer : TransferFlow {
  static BoxOptions options() {
    BoxOptions options = handled();
    options.prefix_limits[0] = {{"+44", 5}};
    options.prefix_limits[1] = {{"+44", 5}};
    options.prefix_limits[2] = {{"+49", 5}};
    return options;
  }
  PrefixOfATransfer() : TransferFlow(options()) {}
  uint32_t live(uint32_t limit) {
    return box.region().limit_live(contract::LimitId{limit}).calls.load();
  }
};
TEST_F(PrefixOfATransfer, GoesWithEachLeg) {
  refer_to_alt();
  EXPECT_EQ(live(0), 1u);
  EXPECT_EQ(live(1), 1u);
  EXPECT_EQ(live(2), 1u);
  play(R"(
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- NOTIFY 200
    pbx  -> 200 NOTIFY
    pbx  -> BYE
    pbx  <- 200 BYE
  )");
  EXPECT_EQ(live(0), 0u) << "who transferred has gone";
  EXPECT_EQ(live(1), 1u);
  EXPECT_EQ(live(2), 1u);
  play(joined_call_ends);
  EXPECT_EQ(live(1), 0u);
  EXPECT_EQ(live(2), 0u);
  expect_clean(2);
}

}  // namespace
}  // namespace demarc::flow
