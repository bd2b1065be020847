// Two trunks to one peer at one address of ours, told apart by our port: 5060 is itsp, 5061 is alt.
#include "tests/flow/ladder.h"

namespace demarc::flow {
namespace {

using contract::TrunkState;

class TwoPorts : public Ladder {
 protected:
  TwoPorts() : Ladder(options()) { alt = Peer("alt", "10.20.2.2", "10.20.2.1:5061"); }

  void expect_call_to_alt() {
    pbx.called = "+4930123";
    play("pbx -> INVITE sdp\npbx <- 100\nalt <- INVITE sdp\n");
    play("alt -> 486\nalt <- ACK\npbx <- 486\npbx -> ACK\n");
  }
  void expect_call_from_itsp() {
    play("itsp -> INVITE sdp\nitsp <- 100\npbx <- INVITE sdp\n");
    play("pbx -> 486\npbx <- ACK\nitsp <- 486\nitsp -> ACK\n");
  }

 private:
  static BoxOptions options() {
    BoxOptions options;
    options.has_third_trunk = true;
    options.alt_port = 5061;
    options.numbers[1].called_out = {R"(^\+ -> 00)"};
    options.numbers[2].called_out = {R"(^\+ -> 011)"};
    options.policy[2].reliable_provisionals = contract::Use::off;
    return options;
  }
};

TEST_F(TwoPorts, EachCallGoesByTheRulesAndThePortOfItsTrunk) {
  pbx.called = "+33123";
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  play("itsp -> 486\nitsp <- ACK\npbx <- 486\npbx -> ACK\n");
  expect_call_to_alt();
  const Wire& first = *itsp.last_request("INVITE");
  const Wire& second = *alt.last_request("INVITE");
  EXPECT_TRUE(first.text.starts_with("INVITE sip:0033123@10.20.2.2")) << first.text;
  EXPECT_TRUE(second.text.starts_with("INVITE sip:0114930123@10.20.2.2")) << second.text;
  EXPECT_NE(first.field("Supported").find("100rel"), std::string::npos);
  EXPECT_EQ(second.field("Supported").find("100rel"), std::string::npos);
  for (const char* name : {"Contact", "Via"}) {
    EXPECT_EQ(first.field(name).find("10.20.2.1:5061"), std::string::npos) << first.text;
    EXPECT_NE(second.field(name).find("10.20.2.1:5061"), std::string::npos) << second.text;
  }
  expect_clean(2);
}

// Of the two only itsp has a route to the pbx, and only alt has no PRACK.
TEST_F(TwoPorts, WhatComesIsOfTheTrunkWhosePortItComesTo) {
  expect_call_from_itsp();
  alt.called = itsp.called;
  play("alt -> INVITE sdp\nalt <- 100\nalt <- 404\nalt -> ACK\n");
  itsp.extra_lines = alt.extra_lines = "Require: 100rel\r\n";
  play("alt -> INVITE sdp\nalt <- 100\nalt <- 420\nalt -> ACK\n");
  expect_call_from_itsp();
  expect_clean(4);
}

TEST_F(TwoPorts, OneIsDownAndTheOtherUp) {
  box.set_state(Box::itsp, TrunkState::disabled);
  play("itsp -> INVITE sdp\nitsp <- 100\nitsp <- 503\nitsp -> ACK\n");
  play("itsp -> OPTIONS\nitsp <- 503\nalt -> OPTIONS\nalt <- 200\n");
  expect_call_to_alt();
  box.set_state(Box::itsp, TrunkState::enabled);
  box.set_state(Box::alt, TrunkState::disabled);
  expect_call_from_itsp();
  pbx.called = "+4930123";
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 503\npbx -> ACK\n");
  expect_clean(4);
}

}  // namespace
}  // namespace demarc::flow
