// Redirections that are passed: the caller goes where the called side says, and sees nothing of it
// (decision D98). Those that are followed are in followed_test.cc.
#include <gtest/gtest.h>

#include "tests/flow/openings.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;
using contract::Redirects;

class Passed : public Ladder {
 protected:
  explicit Passed(const BoxOptions& options = passed()) : Ladder(options) {}
  static BoxOptions passed() {
    BoxOptions options;
    options.has_second_target = true;
    options.policy[1].redirects = Redirects::passed;
    return options;
  }
  // What the caller is told after the called side has said `status`.
  std::vector<std::string> contacts(const std::string& status) {
    play("itsp -> " + status + "\nitsp <- ACK\npbx <- " + status + "\npbx -> ACK\nquiet\n");
    return pbx.last_response("INVITE")->fields("Contact");
  }
  contract::CallRecord the_record() {
    const auto records = box.take_records();
    EXPECT_EQ(records.size(), 1u);
    return records.empty() ? contract::CallRecord() : records[0];
  }
  static constexpr std::string_view invited = R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
  )";
};

TEST_F(Passed, ContactsElsewhereAreShownAsTheyStand) {
  play(invited);
  itsp.extra_response_lines =
      "Contact: \"Anna\" <sip:+1@192.0.2.99:5070;user=phone?Subject=x>;q=0.7;expires=60;+sip.x, "
      "<tel:+4930123>\r\n";
  itsp.contact = "mailto:nobody@example.net";
  EXPECT_EQ(contacts("302"),
            (std::vector<std::string>{"<sip:+1@192.0.2.99:5070;user=phone>;q=0.7;expires=60",
                                      "<tel:+4930123>", "<mailto:nobody@example.net>"}));
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.end, CallEnd::failed);
  EXPECT_EQ(record.status_code, 302);
  EXPECT_EQ(record.attempts[0].status_code, 302);
  expect_clean(0);
}

// The caller comes back to us, where routes know the number. That no place of the far side is in
// it is what each ladder looks for.
TEST_F(Passed, ContactsOfTheFarSideAreOurs) {
  play(invited);
  itsp.extra_response_lines =
      "Contact: <sip:+1@10.20.2.3:5060>;q=0.5, <sip:+2@10.20.2.1>, <sip:10.20.2.2>, "
      "<sip:+3@192.0.2.9;maddr=10.20.2.2>\r\n";
  itsp.contact = "sip:+4@10.20.2.2:5099";
  EXPECT_EQ(contacts("300"),
            (std::vector<std::string>{"<sip:+1@10.20.1.1:5060>;q=0.5", "<sip:+2@10.20.1.1:5060>",
                                      "<sip:10.20.1.1:5060>", "<sip:+3@10.20.1.1:5060>",
                                      "<sip:+4@10.20.1.1:5060>"}));
  expect_clean(1);
}

TEST_F(Passed, AHostOfTheFarSideIsNotShownBesideAnotherMaddr) {
  play(invited);
  itsp.extra_response_lines =
      "Contact: <sip:+1@10.20.2.2;maddr=192.0.2.9>, <sip:5?x@192.0.2.99?Subject=y>\r\n";
  itsp.contact = "sip:+4@192.0.2.98";
  EXPECT_EQ(contacts("300"),
            (std::vector<std::string>{"<sip:+1@10.20.1.1:5060>", "<sip:5?x@192.0.2.99>",
                                      "<sip:+4@192.0.2.98>"}));
  expect_clean(1);
}

class PassedOfNames : public Passed {
 protected:
  PassedOfNames() : Passed(options()) {}
  static BoxOptions options() {
    BoxOptions options = passed();
    options.peer_host = "ims.example";
    options.peer_names = {"edge1.ims.example", "edge2.ims.example"};
    return options;
  }
};

TEST_F(PassedOfNames, NoneOfThePeersNamesIsShown) {
  play(invited);
  itsp.extra_response_lines =
      "Contact: <sip:+1@EDGE2.ims.example>, <sip:+2@edge1.ims.example>, <sip:+3@ims.example>\r\n";
  itsp.contact = "sip:+4@edge3.ims.example";
  EXPECT_EQ(contacts("302"),
            (std::vector<std::string>{"<sip:+1@10.20.1.1:5060>", "<sip:+2@10.20.1.1:5060>",
                                      "<sip:+3@10.20.1.1:5060>", "<sip:+4@edge3.ims.example>"}));
  expect_clean(1);
}

TEST_F(Passed, NoMoreThanEight) {
  play(invited);
  for (int i = 0; i < 9; ++i) {
    itsp.extra_response_lines += "Contact: <sip:+1@192.0.2.99>\r\n";
  }
  EXPECT_EQ(contacts("302").size(), 8u);
  expect_clean(1);
}

TEST_F(Passed, WithNowhereToGoTheCallerGets480) {
  play(invited);
  std::string moved = itsp.compose("302");
  const size_t contact = moved.find("Contact: ");
  moved.erase(contact, moved.find("\r\n", contact) + 2 - contact);
  send(itsp, moved);
  play("itsp <- ACK\npbx <- 480\npbx -> ACK\nquiet\n");
  expect_clean(1);
}

// A caller that gave up hears that, whatever the called side says meanwhile.
TEST_F(Passed, ACancelledCallerHears487) {
  play(invited);
  itsp.contact = "sip:+1@192.0.2.99";
  play(R"(
    itsp -> 180
    pbx  <- 180
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    pbx  <- 487 INVITE
    itsp <- CANCEL
    pbx  -> ACK
    itsp -> 200 CANCEL
    itsp -> 302 INVITE
    itsp <- ACK
    quiet
  )");
  expect_clean(1);
}

// A list of codes that goes on to the next target is asked first.
class PassedOrNext : public Passed {
 protected:
  PassedOrNext() : Passed(options()) {}
  static BoxOptions options() {
    BoxOptions options = passed();
    options.failover_codes = {302};
    return options;
  }
};

TEST_F(PassedOrNext, OnlyTheLastTargetsIsPassed) {
  play(invited);
  itsp.contact = alt.contact = "sip:+1@192.0.2.99";
  play("itsp -> 302\nitsp <- ACK\nalt <- INVITE sdp\nalt -> 302\nalt <- ACK\npbx <- 302\n");
  play("pbx -> ACK\nquiet\n");
  EXPECT_EQ(pbx.last_response("INVITE")->field("Contact"), "<sip:+1@192.0.2.99>");
  expect_clean(1);
}

// The target of a transfer has no caller who could go elsewhere.
class PassedTransfer : public TransferFlow {
 protected:
  PassedTransfer() : TransferFlow(options()) {}
  static BoxOptions options() {
    BoxOptions options = handled();
    for (contract::CallPolicy& policy : options.policy) policy.redirects = Redirects::passed;
    return options;
  }
};

TEST_F(PassedTransfer, TheTransferorIsTold480) {
  refer("Refer-To: <sip:+4930123456@10.20.1.1>\r\n");
  play("pbx <- 202 REFER\nalt <- INVITE sdp\npbx <- NOTIFY 100\npbx -> 200 NOTIFY\n");
  alt.contact = "sip:+1@192.0.2.99";
  play("alt -> 302\nalt <- ACK\npbx <- NOTIFY 480\npbx -> 200 NOTIFY\n");
  alt.contact.clear();
  play(ended_by_caller);
  expect_clean(2);
}

}  // namespace
}  // namespace demarc::flow
