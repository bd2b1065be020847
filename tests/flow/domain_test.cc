// Domains in the place of addresses: of ours in From and other identities, of the peer in
// Request-URI and To of what begins at us. What follows within a dialog repeats its From and To
// (RFC 3261 section 12.2.1.1).
#include "tests/flow/openings.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

// The provider has a domain of its own and one for us; it is told who diverted.
BoxOptions with_domains() {
  BoxOptions options;
  options.from_domain[1] = "customer.example";
  options.peer_host = "ims.example";
  for (contract::CallPolicy& policy : options.policy) {
    policy.is_trusted = policy.keeps_identity = true;
  }
  options.policy[1].history = contract::CallHistory::diversion;
  return options;
}

class Domains : public Ladder {
 protected:
  explicit Domains(const BoxOptions& options = with_domains()) : Ladder(options) {}
  static std::string without_tag(const std::string& field) {
    return field.substr(0, field.find(";tag="));
  }
  static std::string request_line(const Wire& request) {
    return request.text.substr(0, request.text.find("\r\n"));
  }
  const Wire& invited() {
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    return *itsp.last_request("INVITE");
  }
  static constexpr const char* ours = "<sip:+4915112345@customer.example>";
  static constexpr const char* theirs = "<sip:+442079460018@ims.example>";
};

TEST_F(Domains, StandInAnInvite) {
  const Wire& sent = invited();
  EXPECT_EQ(request_line(sent), "INVITE sip:+442079460018@ims.example SIP/2.0");
  EXPECT_EQ(sent.field("To"), theirs);
  EXPECT_EQ(without_tag(sent.field("From")).substr(sent.field("From").find('<')), ours);
  EXPECT_EQ(sent.field("Contact"), "<sip:10.20.2.1:5060>");
  play(refused_ringing);
  const Wire& ack = *itsp.last_request("ACK");
  EXPECT_EQ(request_line(ack), "ACK sip:+442079460018@ims.example SIP/2.0");
  EXPECT_EQ(ack.field("From"), sent.field("From"));
  expect_clean(1);
}

TEST_F(Domains, StandInItsCancel) {
  const std::string from = invited().field("From");
  play("itsp -> 180\npbx <- 180\npbx -> CANCEL\npbx <- 200 CANCEL\npbx <- 487 INVITE\n");
  play("pbx -> ACK\nitsp <- CANCEL\n");
  const Wire& cancel = *itsp.last_request("CANCEL");
  EXPECT_EQ(request_line(cancel), "CANCEL sip:+442079460018@ims.example SIP/2.0");
  EXPECT_EQ(cancel.field("From"), from);
  play("itsp -> 200 CANCEL\nitsp -> 487 INVITE\nitsp <- ACK\nquiet\n");
  expect_clean(1);
}

TEST_F(Domains, StayWithTheDialog) {
  play(answered_at_once);
  const std::string from = itsp.last_request("INVITE")->field("From");
  const std::string to = itsp.last_request("ACK")->field("To");
  EXPECT_EQ(without_tag(to), theirs);
  play("pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  const Wire& again = *itsp.last_request("INVITE");
  EXPECT_EQ(again.field("From"), from);
  EXPECT_EQ(again.field("To"), to);
  // The remote target is the Contact that the peer gave.
  EXPECT_EQ(again.text.find("ims.example SIP/2.0"), std::string::npos);
  play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  play(ended_by_caller);
  EXPECT_EQ(itsp.last_request("BYE")->field("From"), from);
  EXPECT_EQ(itsp.last_request("BYE")->field("To"), to);
  expect_clean(1);
}

TEST_F(Domains, StandInOtherIdentities) {
  pbx.extra_lines =
      "P-Asserted-Identity: <sip:+4915112345@10.20.1.2>\r\n"
      "Diversion: <sip:+4930123@10.20.1.2>;reason=no-answer\r\n";
  const Wire& sent = invited();
  pbx.extra_lines.clear();
  EXPECT_EQ(sent.field("P-Asserted-Identity"), ours);
  EXPECT_EQ(sent.field("Diversion"), "<sip:+4930123@customer.example>;reason=no-answer");
  play(refused_ringing);
  expect_clean(1);
}

// The peer calls: From and To of its dialog are its own, and who answers is one of ours.
TEST_F(Domains, AreNothingToADialogOfThePeer) {
  play("itsp -> INVITE sdp\nitsp <- 100\npbx <- INVITE sdp\n");
  const Wire& sent = *pbx.last_request("INVITE");
  EXPECT_EQ(sent.text.find(".example"), std::string::npos) << sent.text;
  pbx.extra_lines = "P-Asserted-Identity: <sip:+442079460018@10.20.1.2>\r\n";
  play("pbx -> 180\nitsp <- 180\n");
  pbx.extra_lines.clear();
  const Wire& ringing = *itsp.last_response("INVITE");
  EXPECT_EQ(ringing.field("From").find("customer.example"), std::string::npos);
  EXPECT_EQ(ringing.field("To").find(".example"), std::string::npos);
  EXPECT_EQ(ringing.field("P-Asserted-Identity"), "<sip:+442079460018@customer.example>");
  play("pbx -> 486\npbx <- ACK\nitsp <- 486\nitsp -> ACK\nquiet\n");
  expect_clean(1);
}

struct HiddenInADomain : Domains {
  HiddenInADomain() : Domains(options()) {}
  static BoxOptions options() {
    BoxOptions options = with_domains();
    options.numbers[1].calling_out = {R"(^\+49 -> anonymous)"};
    return options;
  }
};

TEST_F(HiddenInADomain, HasNoDomainOfOurs) {
  const Wire& sent = invited();
  EXPECT_NE(sent.field("From").find("<sip:anonymous@anonymous.invalid>"), std::string::npos);
  EXPECT_EQ(sent.text.find("customer.example"), std::string::npos) << sent.text;
  play(refused_ringing);
  expect_clean(1);
}

struct DomainsByTrunk : Domains {
  DomainsByTrunk() : Domains(options()) {}
  static BoxOptions options() {
    BoxOptions options = with_domains();
    options.has_third_trunk = true;
    options.next_trunk = 2;
    return options;
  }
};

TEST_F(DomainsByTrunk, TheNextTargetSeesItsOwn) {
  invited();
  play("itsp -> 503\nitsp <- ACK\nalt <- INVITE sdp\n");
  const Wire& sent = *alt.last_request("INVITE");
  EXPECT_EQ(sent.text.find(".example"), std::string::npos) << sent.text;
  EXPECT_NE(sent.field("From").find("@10.20.2.1>"), std::string::npos);
  EXPECT_NE(sent.field("To").find("@10.20.2.3>"), std::string::npos);
  play("alt -> 486\nalt <- ACK\npbx <- 486\npbx -> ACK\nquiet\n");
  expect_clean(1);
}

struct DomainBesideName : Domains {
  explicit DomainBesideName(const char* from_domain = "customer.example")
      : Domains(options(from_domain)) {}
  static BoxOptions options(const char* from_domain) {
    BoxOptions options = with_domains();
    options.contact_host = "sbc.example.com";
    options.from_domain[1] = from_domain;
    return options;
  }
  const Wire& asserted() {
    pbx.extra_lines = "P-Asserted-Identity: <sip:+4915112345@10.20.1.2>\r\n";
    const Wire& sent = invited();
    pbx.extra_lines.clear();
    return sent;
  }
};

TEST_F(DomainBesideName, EachHasItsFields) {
  const Wire& sent = asserted();
  EXPECT_EQ(sent.field("Contact"), "<sip:sbc.example.com>");
  EXPECT_EQ(sent.field("P-Asserted-Identity"), ours);
  EXPECT_NE(sent.field("From").find(ours), std::string::npos);
  play(refused_ringing);
  expect_clean(1);
}

struct NameAlone : DomainBesideName {
  NameAlone() : DomainBesideName("") {}
};

TEST_F(NameAlone, IsNotThatOfFrom) {
  const Wire& sent = asserted();
  EXPECT_EQ(sent.field("P-Asserted-Identity"), "<sip:+4915112345@sbc.example.com>");
  EXPECT_NE(sent.field("From").find("<sip:+4915112345@10.20.2.1>"), std::string::npos);
  play(refused_ringing);
  expect_clean(1);
}

struct AccountOfADomain : Domains {
  AccountOfADomain() : Domains(options()) {}
  static BoxOptions options() {
    BoxOptions options = with_domains();
    options.has_account = true;
    return options;
  }
};

// The realm is the challenge's, the digest-uri what is asked (RFC 3261 section 22.4).
TEST_F(AccountOfADomain, AnswersAChallengeForItsUri) {
  invited();
  itsp.extra_lines = "WWW-Authenticate: Digest realm=\"elsewhere\", nonce=\"n1\"\r\n";
  play("itsp -> 401\n");
  itsp.extra_lines.clear();
  play("itsp <- ACK\nitsp <- INVITE sdp\n");
  const Wire& sent = *itsp.last_request("INVITE");
  const std::string credentials = sent.field("Authorization");
  EXPECT_NE(credentials.find("realm=\"elsewhere\""), std::string::npos) << credentials;
  EXPECT_NE(credentials.find("uri=\"sip:+442079460018@ims.example\""), std::string::npos)
      << credentials;
  EXPECT_NE(sent.field("From").find(ours), std::string::npos);
  play(refused_ringing);
  expect_clean(1);
}

struct ReferredToADomain : TransferFlow {
  ReferredToADomain() : TransferFlow(options()) {}
  static BoxOptions options() {
    BoxOptions options = handled();
    options.policy[2].history = contract::CallHistory::diversion;
    options.from_domain[2] = "customer.example";
    return options;
  }
};

TEST_F(ReferredToADomain, WhoReferredIsOfIt) {
  refer_to_alt("Referred-By: <sip:2001@10.20.1.2>\r\n");
  EXPECT_EQ(alt.last_request("INVITE")->field("Referred-By"), "<sip:2001@customer.example>");
  play("alt -> 486\nalt <- ACK\npbx <- NOTIFY 486\npbx -> 200 NOTIFY\n");
  play(ended_by_caller);
  expect_clean(2);
}

}  // namespace
}  // namespace demarc::flow
