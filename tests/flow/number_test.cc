// Numbers of a call as the trunks' rules rewrite them: in from the caller's trunk, out for each
// target by the rules of its own trunk.
#include "tests/flow/ladder.h"

namespace demarc::flow {
namespace {

constexpr std::string_view refused = "itsp -> 486\nitsp <- ACK\npbx <- 486\npbx -> ACK\n";

// The user part of a URI in a header field or request line.
std::string user_of(const std::string& text) {
  const size_t begin = text.find("sip:") + 4;
  return text.substr(begin, text.find('@', begin) - begin);
}

class Numbers : public Ladder {
 protected:
  explicit Numbers(const BoxOptions& options) : Ladder(options) {}
  // Calls a number, and gives what the provider sees of it.
  const Wire& call(const std::string& called) {
    pbx.called = called;
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    return *itsp.last_request("INVITE");
  }
};

struct Translated : Numbers {
  Translated() : Numbers(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.numbers[0].called_in = {R"(^(\d{4})$ -> +1425555$1)", R"(^9(1|2)(\d+)$ -> +$1$2)"};
    options.numbers[0].calling_in = {R"(^\+4915(\d+)$ -> +4420$1)"};
    options.numbers[1].called_out = {R"(^\+(1\d{10})$ -> $1)", R"(^\+(\d{9}\d+)$ -> 011$1)"};
    options.numbers[1].calling_out = {R"(^\+44 -> 0144)"};
    return options;
  }
};

TEST_F(Translated, InAndOutAgain) {
  const Wire& sent = call("2123");
  EXPECT_EQ(user_of(sent.text), "14255552123");
  EXPECT_EQ(user_of(sent.field("To")), "14255552123");
  EXPECT_EQ(user_of(sent.field("From")), "014420112345");
  play(refused);
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.called.view(), "2123");
  EXPECT_EQ(record.called_sent.view(), "14255552123");
  EXPECT_EQ(record.calling.view(), "+4915112345");
  expect_clean(0);
}

TEST_F(Translated, ByARegularExpression) {
  EXPECT_EQ(user_of(call("912065550123").text), "12065550123");
  play(refused);
  expect_clean(1);
}

TEST_F(Translated, AnExtensionSurvives) {
  EXPECT_EQ(user_of(call("+14255550123;ext=10001").text), "14255550123;ext=10001");
  play(refused);
  expect_clean(1);
}

struct Stripped : Numbers {
  Stripped() : Numbers(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.numbers[1].keeps_extension = false;
    return options;
  }
};

TEST_F(Stripped, AnExtensionGoesWhereThePeerTakesNone) {
  EXPECT_EQ(user_of(call("+14255550123;ext=10001").text), "+14255550123");
  play(refused);
  expect_clean(1);
}

TEST_F(Stripped, AContextThatIsADomainIsNotShown) {
  EXPECT_EQ(user_of(call("7042;phone-context=pbx.example.com").text), "7042");
  play(refused);
  expect_clean(1);
}

struct HiddenCaller : Numbers {
  explicit HiddenCaller(const char* rule = R"(^\+49 -> anonymous)") : Numbers(options(rule)) {}
  static BoxOptions options(const char* rule) {
    BoxOptions options;
    options.numbers[1].calling_out = {rule};
    return options;
  }
};

TEST_F(HiddenCaller, IsAnonymous) {
  const Wire& sent = call("+442079460018");
  EXPECT_NE(sent.field("From").find("sip:anonymous@anonymous.invalid"), std::string::npos);
  EXPECT_EQ(sent.text.find("+4915112345"), std::string::npos);
  play(refused);
  expect_clean(1);
}

// A number that can not be sent is not sent as it came, either.
struct UnusableCaller : HiddenCaller {
  UnusableCaller() : HiddenCaller(R"(^\+49\d+$ -> +)") {}
};

TEST_F(UnusableCaller, IsAnonymous) {
  const Wire& sent = call("+442079460018");
  EXPECT_NE(sent.field("From").find("sip:anonymous@anonymous.invalid"), std::string::npos);
  play(refused);
  expect_clean(1);
}

struct Unusable : Numbers {
  Unusable() : Numbers(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.numbers[0].called_in = {R"(^1\d*$ -> +)"};
    options.numbers[1].called_out = {R"(^2\d*$ -> +)"};
    return options;
  }
};

TEST_F(Unusable, NumbersAreRefusedAndCounted) {
  pbx.called = "123";
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 404\npbx -> ACK\nquiet\n");
  EXPECT_EQ(box.worker_counter(contract::WorkerCounter::number_unusable), 1u);
  wait_ms(40'000);
  pbx.called = "234";
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 480\npbx -> ACK\nquiet\n");
  EXPECT_EQ(box.worker_counter(contract::WorkerCounter::number_unusable), 2u);
  const auto records = box.take_records();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].attempt_count, 0) << "led nowhere";
  ASSERT_EQ(records[1].attempt_count, 1);
  EXPECT_EQ(records[1].attempts[0].end, contract::AttemptEnd::dropped);
  expect_clean(0);
}

// The number is made anew for each target: another trunk has other rules.
struct TwoTrunks : Numbers {
  TwoTrunks() : Numbers(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.has_third_trunk = true;
    options.next_trunk = 2;
    options.numbers[1].called_out = {"prefix +44 -> 0"};
    options.numbers[1].calling_out = {"prefix +49 -> 0"};
    options.numbers[2].called_out = {"prefix + -> 00"};
    return options;
  }
};

TEST_F(TwoTrunks, EachTargetHasTheNumberOfItsTrunk) {
  const Wire& first = call("+442079460018");
  EXPECT_EQ(user_of(first.text), "02079460018");
  EXPECT_EQ(user_of(first.field("From")), "015112345");
  play("itsp -> 503\nitsp <- ACK\nalt <- INVITE sdp\n");
  const Wire& second = *alt.last_request("INVITE");
  EXPECT_EQ(user_of(second.text), "00442079460018");
  EXPECT_EQ(user_of(second.field("From")), "+4915112345");
  play("alt -> 486\nalt <- ACK\npbx <- 486\npbx -> ACK\n");
  expect_clean(1);
}

struct ShownNumber : Numbers {
  ShownNumber() : Numbers(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.caller_id = "+14255550100";
    options.numbers[1].calling_out = {"prefix +1 -> "};
    return options;
  }
};

// The route's number in place of the caller's, and no name beside it.
TEST_F(ShownNumber, TakesThePlaceOfTheCallers) {
  const Wire& sent = call("+442079460018");
  EXPECT_EQ(user_of(sent.field("From")), "4255550100");
  EXPECT_EQ(sent.field("From").find("Caller"), std::string::npos);
  play(refused);
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.calling.view(), "+4915112345");
  EXPECT_EQ(record.calling_sent.view(), "4255550100");
  expect_clean(0);
}

struct TakingTurns : Numbers {
  TakingTurns() : Numbers(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.has_third_trunk = true;
    options.next_trunk = 2;
    options.hunt = contract::HuntOrder::round_robin;
    return options;
  }
};

TEST_F(TakingTurns, TrunksOfARoute) {
  unsigned by_itsp = 0;
  for (unsigned i = 0; i < 4; ++i) {
    Peer fresh("pbx" + std::to_string(i), "10.20.1.2", "10.20.1.1");
    std::swap(pbx, fresh);
    play("pbx -> INVITE sdp\npbx <- 100\n");
    const bool is_itsp = !itsp.inbox().empty();
    by_itsp += is_itsp ? 1 : 0;
    const std::string name = is_itsp ? "itsp" : "alt";
    play(name + " <- INVITE sdp\n" + name + " -> 486\n" + name +
         " <- ACK\npbx <- 486\npbx -> ACK\n");
  }
  EXPECT_EQ(by_itsp, 2u);
  expect_clean(4);
}

// The first one in the file has so little weight that chance takes the other one.
struct ByWeight : Numbers {
  ByWeight() : Numbers(options()) {}
  static BoxOptions options() {
    BoxOptions options = TakingTurns::options();
    options.hunt = contract::HuntOrder::weighted;
    options.weights = {1, 65535};
    return options;
  }
};

TEST_F(ByWeight, TheHeavierTrunkIsTriedFirst) {
  for (unsigned i = 0; i < 4; ++i) {
    Peer fresh("pbx" + std::to_string(i), "10.20.1.2", "10.20.1.1");
    std::swap(pbx, fresh);
    play("pbx -> INVITE sdp\npbx <- 100\nalt <- INVITE sdp\nalt -> 503\nalt <- ACK\n");
    play("itsp <- INVITE sdp\n");
    play(refused);
  }
  expect_clean(4);
}

struct ByLoad : Numbers {
  ByLoad() : Numbers(options()) {}
  static BoxOptions options() {
    BoxOptions options = TakingTurns::options();
    options.hunt = contract::HuntOrder::least_busy;
    return options;
  }
};

TEST_F(ByLoad, TheLeastBusyTrunkIsTriedFirst) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  for (unsigned i = 0; i < 2; ++i) {
    Peer fresh("desk" + std::to_string(i), "10.20.1.3", "10.20.1.1");
    std::swap(desk, fresh);
    play("desk -> INVITE sdp\ndesk <- 100\nalt <- INVITE sdp\n");
    play("alt -> 486\nalt <- ACK\ndesk <- 486\ndesk -> ACK\n");
  }
  play(refused);
  expect_clean(3);
}

// A caller that writes tel URIs is understood, and the called side has SIP URIs.
struct WithTelUris : Translated {
  std::string with_tel(const std::string& called, const std::string& calling) {
    pbx.called = called;
    std::string invite = pbx.compose("INVITE sdp");
    const auto replace = [&invite](const std::string& from, const std::string& to) {
      const size_t at = invite.find(from);
      ASSERT_NE(at, std::string::npos) << from;
      invite.replace(at, from.size(), to);
    };
    replace("sip:" + called + "@10.20.1.1", "tel:" + called);
    replace("sip:" + called + "@10.20.1.1", "tel:" + called);
    replace("sip:+4915112345@10.20.1.2", "tel:" + calling);
    return invite;
  }
};

TEST_F(WithTelUris, NumbersOfRequestUriAndFromAreRead) {
  send(pbx, with_tel("+1-425-555-0123", "+49(151)12345"));
  play("pbx <- 100\nitsp <- INVITE sdp\n");
  const Wire& sent = *itsp.last_request("INVITE");
  EXPECT_TRUE(sent.text.starts_with("INVITE sip:14255550123@10.20.2.2")) << sent.text;
  EXPECT_EQ(user_of(sent.field("To")), "14255550123");
  EXPECT_EQ(user_of(sent.field("From")), "014420112345");
  play(refused);
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.called_sent.view(), "14255550123");
  EXPECT_EQ(record.calling_sent.view(), "014420112345");
  expect_clean(0);
}

// The route of the trunk's next usage stands in when all trunks of the first one have failed, with
// the number as it makes it.
struct StandIn : Numbers {
  StandIn() : Numbers(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.has_third_trunk = true;
    options.has_backup = true;
    return options;
  }
};

TEST_F(StandIn, RouteOfTheNextUsage) {
  EXPECT_EQ(user_of(call("4711").text), "4711");
  itsp.extra_lines = "Reason: Q.850;cause=34\r\n";
  alt.extra_lines = "Reason: Q.850;cause=17\r\n";
  play("itsp -> 503\nitsp <- ACK\nalt <- INVITE sdp\n");
  EXPECT_EQ(user_of(alt.last_request("INVITE")->text), "004711");
  play("alt -> 486\nalt <- ACK\npbx <- 486\npbx -> ACK\n");
  const contract::CallRecord record = the_record();
  ASSERT_EQ(record.route, 1u);
  EXPECT_EQ(record.routes[1].line, 13u);
  EXPECT_EQ(record.routes[1].file, 23u);
  EXPECT_EQ(record.routes[1].name.view(), "backup");
  EXPECT_EQ(record.rules_in_file, 0u) << "of pbx";
  EXPECT_EQ(record.rules_out_file, 2u) << "of alt, which was tried last";
  ASSERT_EQ(record.attempt_count, 2);
  EXPECT_EQ(record.attempts[0].route, 0) << "the one that matched";
  EXPECT_EQ(record.attempts[1].route, 1);
  EXPECT_EQ(record.attempts[0].status_code, 503);
  EXPECT_EQ(record.attempts[0].cause, 34);
  EXPECT_EQ(record.attempts[1].status_code, 486);
  EXPECT_EQ(record.attempts[1].cause, 17);
  expect_clean(0);
}

// The next target gets the number as the route made it once, not twice.
struct Rerouted : Numbers {
  Rerouted() : Numbers(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.has_second_target = true;
    options.route_strip = 2;
    options.route_add = "0";
    return options;
  }
};

TEST_F(Rerouted, TheNextTargetGetsTheNumberOfTheRoute) {
  EXPECT_EQ(user_of(call("0012345").text), "012345");
  play("itsp -> 503\nitsp <- ACK\nalt <- INVITE sdp\n");
  EXPECT_EQ(user_of(alt.last_request("INVITE")->text), "012345");
  EXPECT_EQ(user_of(alt.last_request("INVITE")->field("To")), "012345");
  play("alt -> 486\nalt <- ACK\npbx <- 486\npbx -> ACK\n");
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.called.view(), "0012345");
  EXPECT_EQ(record.called_sent.view(), "012345");
  expect_clean(0);
}

}  // namespace
}  // namespace demarc::flow
