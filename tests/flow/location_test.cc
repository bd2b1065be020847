// Where a caller is: PIDF-LO beside the SDP, and Geolocation (RFC 6442), which go on to peers that
// take them.
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

const std::string place =
    "Content-Type: application/pidf+xml\r\nContent-Disposition: render;handling=optional\r\n"
    "Content-ID: <place@who.example>\r\n\r\n"
    "<presence entity=\"pres:ann@who.example\">\r\n--not a boundary\r\n</presence>";
const std::string required_place =
    "Content-Type: application/pidf+xml\r\nContent-Disposition: render;handling=required\r\n"
    "Content-ID: <place@who.example>\r\n\r\n<presence/>";
const std::string geolocation = "Geolocation: <cid:place@who.example>\r\n";

BoxOptions to_one_that_takes_it() {
  BoxOptions options;
  options.policy[1].passes_location = true;
  return options;
}

class Location : public Ladder {
 protected:
  explicit Location(const BoxOptions& options = to_one_that_takes_it()) : Ladder(options) {}

  // From now on the bodies of pbx are these parts.
  void wrap(std::initializer_list<std::string> parts) {
    pbx.body.clear();
    for (const std::string& part : parts) {
      pbx.body += "--edge\r\n";
      pbx.body += part + "\r\n";
    }
    pbx.body += "--edge--\r\n";
    pbx.content_type = "multipart/mixed;boundary=edge";
  }
  std::string sdp_part() const { return "Content-Type: application/sdp\r\n\r\n" + pbx.sdp(); }
  // Its SDP and where it is.
  void locate(const std::string& part = place) {
    pbx.body.clear();
    wrap({sdp_part(), part});
    pbx.extra_lines = geolocation;
  }
  static std::string boundary_of(const Wire& message) {
    constexpr std::string_view type = "multipart/mixed;boundary=";
    const std::string value = message.field("Content-Type");
    EXPECT_EQ(value.substr(0, type.size()), type) << message.text;
    return value.size() > type.size() ? value.substr(type.size()) : "none";
  }
  // SDP of ours, then the part as pbx sent it.
  static void expect_located(const Wire& message, const std::string& part = place) {
    const std::string edge = "--" + boundary_of(message);
    const std::string begin = edge + "\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n";
    EXPECT_EQ(message.body.substr(0, begin.size()), begin) << message.text;
    std::string rest = "\r\n" + edge;
    rest += "\r\n" + part + "\r\n" + edge + "--\r\n";
    ASSERT_GT(message.body.size(), rest.size());
    EXPECT_EQ(message.body.substr(message.body.size() - rest.size()), rest) << message.text;
    EXPECT_EQ(message.field("Geolocation"), "<cid:place@who.example>");
  }
  static void expect_unlocated(const Wire& message) {
    EXPECT_EQ(message.field("Content-Type"), "application/sdp") << message.text;
    for (const char* name : {"Geolocation", "Geolocation-Routing"}) {
      EXPECT_EQ(message.field(name), "") << message.text;
    }
    EXPECT_EQ(message.text.find("presence"), std::string::npos) << message.text;
  }
  const Wire& invited() {
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    return *itsp.last_request("INVITE");
  }
  void expect_refused_at_last() {
    play(refused_ringing);
    expect_clean(1);
  }
};

TEST_F(Location, GoesOnBesideOurSdp) {
  locate();
  pbx.extra_lines += "Geolocation-Routing: yes\r\n";
  play(answered_call);
  const Wire& sent = *itsp.last_request("INVITE");
  expect_located(sent);
  EXPECT_EQ(sent.field("Geolocation-Routing"), "yes");
  EXPECT_EQ(pbx.last_response("INVITE")->field("Content-Type"), "application/sdp");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Location, TheBoundaryIsNewWithEachInvite) {
  locate();
  const std::string first = boundary_of(invited());
  EXPECT_NE(first, "edge");
  play(refused_ringing);
  EXPECT_NE(boundary_of(invited()), first);
  play(refused_ringing);
  expect_clean(2);
}

TEST_F(Location, OfSeveralEachGoesOn) {
  const std::string other =
      "Content-Type: application/pidf+xml\r\nContent-ID: <2@who.example>\r\n\r\n<presence/>";
  wrap({place, sdp_part(), other});
  pbx.extra_lines = "Geolocation: <cid:2@who.example>, <cid:place@who.example>\r\n";
  const Wire& sent = invited();
  EXPECT_NE(sent.body.find(place), std::string::npos) << sent.text;
  EXPECT_NE(sent.body.find(other), std::string::npos) << sent.text;
  EXPECT_NE(sent.text.find("Geolocation: <cid:2@who.example>\r\n"
                           "Geolocation: <cid:place@who.example>\r\n"),
            std::string::npos)
      << sent.text;
  expect_refused_at_last();
}

// Our own offer comes later.
TEST_F(Location, GoesOnWithoutAnOffer) {
  wrap({place});
  pbx.extra_lines = geolocation;
  const Wire& sent = invited();
  const std::string edge = "--" + boundary_of(sent);
  EXPECT_EQ(sent.body, edge + "\r\n" + place + "\r\n" + edge + "--\r\n");
  expect_refused_at_last();
}

TEST_F(Location, OfAServerNeedsNoPart) {
  pbx.extra_lines = "Geolocation: <https://lis.example/k3>\r\nGeolocation-Routing: no\r\n";
  const Wire& sent = invited();
  EXPECT_EQ(sent.field("Content-Type"), "application/sdp");
  EXPECT_EQ(sent.field("Geolocation"), "<https://lis.example/k3>");
  EXPECT_EQ(sent.field("Geolocation-Routing"), "no");
  expect_refused_at_last();
}

TEST_F(Location, AReferenceToNothingDoesNotCross) {
  locate();
  pbx.extra_lines = "Geolocation: <cid:place@who.example>, <cid:other@who.example>\r\n";
  expect_located(invited());
  EXPECT_EQ(box.worker_counter(contract::WorkerCounter::header_field_dropped), 1u);
  expect_refused_at_last();
}

TEST_F(Location, GoesOnWithinACall) {
  pbx.extra_lines = with_prack_and_update;
  itsp.extra_response_lines = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n";
  play(answered_call);
  locate();
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )");
  expect_located(*itsp.last_request("INVITE"));
  locate();
  play("pbx -> UPDATE within sdp\nitsp <- UPDATE sdp\nitsp -> 200 sdp UPDATE\n");
  play("pbx <- 200 sdp UPDATE\n");
  expect_located(*itsp.last_request("UPDATE"));
  play(ended_by_caller);
  expect_clean(1);
}

// A later answer of the peer to what it was told; none of another trunk's.
TEST_F(Location, ItsErrorComesBack) {
  locate();
  invited();
  itsp.extra_response_lines = "Geolocation-Error: 100; code=\"Cannot Process Location\"\r\n";
  play(R"(
    itsp -> 424 INVITE
    itsp <- ACK
    pbx  <- 424 INVITE
    pbx  -> ACK
    quiet
  )");
  EXPECT_EQ(pbx.last_response("INVITE")->field("Geolocation-Error"),
            "100; code=\"Cannot Process Location\"");
  expect_clean(1);
}

TEST_F(Location, WhatMustBeUnderstoodIsNotRefused) {
  locate(required_place);
  expect_located(invited(), required_place);
  expect_refused_at_last();
}

struct LocationToAStranger : Location {
  LocationToAStranger() : Location(BoxOptions{}) {}
};

TEST_F(LocationToAStranger, StaysHere) {
  locate();
  pbx.extra_lines += "Geolocation-Routing: yes\r\n";
  expect_unlocated(invited());
  itsp.extra_response_lines = "Geolocation-Error: 100\r\n";
  play(refused_ringing);
  EXPECT_EQ(pbx.last_response("INVITE")->field("Geolocation-Error"), "");
  expect_clean(1);
}

TEST_F(LocationToAStranger, WhatMustBeUnderstoodIs415) {
  locate(required_place);
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 415\npbx -> ACK\nquiet\n");
  EXPECT_EQ(pbx.last_response("INVITE")->field("Accept"), "application/sdp, multipart/mixed");
  expect_clean(1);
}

TEST_F(LocationToAStranger, WithinACallItIs415AndTheSessionStays) {
  pbx.extra_lines = with_prack_and_update;
  play(answered_call);
  locate(required_place);
  play("pbx -> INVITE within sdp\npbx <- 415\npbx -> ACK\nquiet\n");
  play("pbx -> UPDATE within sdp\npbx <- 415 UPDATE\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

struct LocationToASecondTrunk : Location {
  LocationToASecondTrunk() : Location(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.has_third_trunk = true;
    options.next_trunk = 2;
    options.policy[2].passes_location = true;
    return options;
  }
};

TEST_F(LocationToASecondTrunk, WhatMustBeUnderstoodGoesToWhoTakesIt) {
  locate(required_place);
  play("pbx -> INVITE sdp\npbx <- 100\nalt <- INVITE sdp\n");
  expect_located(*alt.last_request("INVITE"), required_place);
  play("alt -> 486\nalt <- ACK\npbx <- 486\npbx -> ACK\nquiet\n");
  expect_clean(1);
}

TEST_F(LocationToASecondTrunk, EachTargetIsToldWhatItTakes) {
  locate();
  expect_unlocated(invited());
  play("itsp -> 503\nitsp <- ACK\nalt <- INVITE sdp\n");
  expect_located(*alt.last_request("INVITE"));
  play("alt -> 486\nalt <- ACK\npbx <- 486\npbx -> ACK\nquiet\n");
  expect_clean(1);
}

struct LocationOfAHiddenCaller : Location {
  explicit LocationOfAHiddenCaller(bool is_emergency = false) : Location(options(is_emergency)) {}
  static BoxOptions options(bool is_emergency) {
    BoxOptions options = to_one_that_takes_it();
    options.caller_id = "+442079460000";
    options.is_emergency = is_emergency;
    return options;
  }
};

TEST_F(LocationOfAHiddenCaller, StaysHere) {
  locate();
  expect_unlocated(invited());
  expect_refused_at_last();
}

struct LocationOfAHiddenCallerInNeed : LocationOfAHiddenCaller {
  LocationOfAHiddenCallerInNeed() : LocationOfAHiddenCaller(true) {}
};

TEST_F(LocationOfAHiddenCallerInNeed, GoesOn) {
  locate();
  expect_located(invited());
  expect_refused_at_last();
}

struct LocationWithAChallenge : Location {
  LocationWithAChallenge() : Location(options()) {}
  static BoxOptions options() {
    BoxOptions options = to_one_that_takes_it();
    options.has_account = true;
    return options;
  }
};

TEST_F(LocationWithAChallenge, GoesOnOnceMore) {
  locate();
  const std::string body = invited().body;
  itsp.extra_response_lines =
      "WWW-Authenticate: Digest realm=\"itsp\", nonce=\"n1\", algorithm=MD5, qop=\"auth\"\r\n";
  play("itsp -> 401 INVITE\nitsp <- ACK\nitsp <- INVITE sdp\n");
  itsp.extra_response_lines.clear();
  expect_located(*itsp.last_request("INVITE"));
  EXPECT_EQ(itsp.last_request("INVITE")->body, body);
  expect_refused_at_last();
}

}  // namespace
}  // namespace demarc::flow
