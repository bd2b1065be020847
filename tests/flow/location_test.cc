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

  // From now on the bodies of that peer are these parts.
  static void wrap(Peer& peer, std::initializer_list<std::string> parts) {
    peer.body.clear();
    for (const std::string& part : parts) {
      peer.body += "--edge\r\n";
      peer.body += part + "\r\n";
    }
    peer.body += "--edge--\r\n";
    peer.content_type = "multipart/mixed;boundary=edge";
  }
  static std::string sdp_part(const Peer& peer) {
    return "Content-Type: application/sdp\r\n\r\n" + peer.sdp();
  }
  // Its SDP and where it is.
  static void locate(Peer& peer, const std::string& part = place) {
    peer.body.clear();
    wrap(peer, {sdp_part(peer), part});
    peer.extra_lines = geolocation;
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
  locate(pbx);
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
  locate(pbx);
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
  wrap(pbx, {place, sdp_part(pbx), other});
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
  wrap(pbx, {place});
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
  locate(pbx);
  pbx.extra_lines = "Geolocation: <cid:place@who.example>, <cid:other@who.example>\r\n";
  expect_located(invited());
  EXPECT_EQ(box.worker_counter(contract::WorkerCounter::header_field_dropped), 1u);
  expect_refused_at_last();
}

TEST_F(Location, GoesOnWithinACall) {
  pbx.extra_lines = with_prack_and_update;
  itsp.extra_response_lines = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n";
  play(answered_call);
  locate(pbx);
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
  locate(pbx);
  play("pbx -> UPDATE within sdp\nitsp <- UPDATE sdp\nitsp -> 200 sdp UPDATE\n");
  play("pbx <- 200 sdp UPDATE\n");
  expect_located(*itsp.last_request("UPDATE"));
  play(ended_by_caller);
  expect_clean(1);
}

// It is a refresh, and hangs on nobody else.
TEST_F(Location, OfAnUpdateWithoutSdpEndsHere) {
  pbx.extra_lines = with_prack_and_update;
  itsp.extra_response_lines = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n";
  play(answered_call);
  locate(pbx);
  wrap(pbx, {place});
  play("pbx -> UPDATE within sdp\npbx <- 200 UPDATE\nquiet\n");
  wrap(pbx, {required_place});
  play("pbx -> UPDATE within sdp\npbx <- 415 UPDATE\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

// A later answer of the peer to what it was told; none of another trunk's.
TEST_F(Location, ItsErrorComesBack) {
  locate(pbx);
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
  locate(pbx, required_place);
  expect_located(invited(), required_place);
  expect_refused_at_last();
}

struct LocationToAStranger : Location {
  LocationToAStranger() : Location(BoxOptions{}) {}
};

TEST_F(LocationToAStranger, StaysHere) {
  locate(pbx);
  pbx.extra_lines += "Geolocation-Routing: yes\r\n";
  expect_unlocated(invited());
  itsp.extra_response_lines = "Geolocation-Error: 100\r\n";
  play(refused_ringing);
  EXPECT_EQ(pbx.last_response("INVITE")->field("Geolocation-Error"), "");
  expect_clean(1);
}

TEST_F(LocationToAStranger, WhatMustBeUnderstoodIs415) {
  locate(pbx, required_place);
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 415\npbx -> ACK\nquiet\n");
  EXPECT_EQ(pbx.last_response("INVITE")->field("Accept"), "application/sdp, multipart/mixed");
  expect_clean(1);
}

TEST_F(LocationToAStranger, WithinACallItIs415AndTheSessionStays) {
  pbx.extra_lines = with_prack_and_update;
  play(answered_call);
  locate(pbx, required_place);
  play("pbx -> INVITE within sdp\npbx <- 415\npbx -> ACK\nquiet\n");
  play("pbx -> UPDATE within sdp\npbx <- 415 UPDATE\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

// Another phone takes the call over, or picks it up (RFC 3891).
class LocationOfATaker : public Location {
 protected:
  explicit LocationOfATaker(const BoxOptions& options = to_one_that_takes_it())
      : Location(with_replaces(options)) {}
  static BoxOptions with_replaces(BoxOptions options) {
    options.has_second_target = true;
    for (contract::CallPolicy& policy : options.policy) policy.takes_replaces = true;
    return options;
  }
  // Our tag is in that field of the message.
  static std::string replaces(const Wire& message, const char* field, const Peer& peer) {
    const std::string ours = message.field(field);
    return "Replaces: " + message.field("Call-ID") +
           ";to-tag=" + ours.substr(ours.find(";tag=") + 5) + ";from-tag=" + peer.tag() + "\r\n";
  }
  void take_over(const std::string& part = place) {
    play(answered_at_once);
    locate(desk, part);
    desk.extra_lines += replaces(*pbx.last_response("INVITE"), "To", pbx);
  }
  const Wire& taken_over() {
    play("desk -> INVITE sdp\ndesk <- 100\nitsp <- INVITE sdp\n");
    return *itsp.last_request("INVITE");
  }
  void end() {
    play("itsp -> 200 sdp\nitsp <- ACK\npbx <- BYE\ndesk <- 200 sdp\npbx -> 200 BYE\n");
    play("desk -> ACK\ndesk -> BYE\ndesk <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\nquiet\n");
    expect_clean(2);
  }
};

TEST_F(LocationOfATaker, GoesOn) {
  take_over();
  expect_located(taken_over());
  end();
}

struct LocationOfATakerToAStranger : LocationOfATaker {
  LocationOfATakerToAStranger() : LocationOfATaker(BoxOptions{}) {}
};

TEST_F(LocationOfATakerToAStranger, StaysHere) {
  take_over();
  expect_unlocated(taken_over());
  end();
}

TEST_F(LocationOfATakerToAStranger, WhatMustBeUnderstoodIs415) {
  take_over(required_place);
  play("desk -> INVITE sdp\ndesk <- 100\ndesk <- 415\ndesk -> ACK\nquiet\n");
  play(ended_by_caller);
  expect_clean(2);
}

// The caller hears of who picks up by a response.
TEST_F(LocationOfATaker, WhatMustBeUnderstoodIs415WhereAPhoneIsPickedUp) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 180\npbx <- 180\n");
  locate(alt, required_place);
  alt.extra_lines += replaces(*itsp.last_request("INVITE"), "From", itsp);
  play("alt -> INVITE sdp\nalt <- 100\nalt <- 415\nalt -> ACK\nquiet\n");
  play(refused_ringing);
  expect_clean(2);
}

// Whoever is hidden: an emergency stays one.
class LocationOfAHiddenTaker : public LocationOfATaker {
 protected:
  explicit LocationOfAHiddenTaker(bool is_emergency = false)
      : LocationOfATaker(options(is_emergency)) {}
  static BoxOptions options(bool is_emergency) {
    BoxOptions options = to_one_that_takes_it();
    options.numbers[1].calling_out = {"^.*$ -> anonymous"};
    options.is_emergency = is_emergency;
    return options;
  }
};

TEST_F(LocationOfAHiddenTaker, StaysHere) {
  take_over();
  expect_unlocated(taken_over());
  end();
}

struct LocationOfAHiddenTakerInNeed : LocationOfAHiddenTaker {
  LocationOfAHiddenTakerInNeed() : LocationOfAHiddenTaker(true) {}
};

TEST_F(LocationOfAHiddenTakerInNeed, GoesOn) {
  take_over();
  expect_located(taken_over());
  end();
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
  locate(pbx, required_place);
  play("pbx -> INVITE sdp\npbx <- 100\nalt <- INVITE sdp\n");
  expect_located(*alt.last_request("INVITE"), required_place);
  play("alt -> 486\nalt <- ACK\npbx <- 486\npbx -> ACK\nquiet\n");
  expect_clean(1);
}

TEST_F(LocationToASecondTrunk, EachTargetIsToldWhatItTakes) {
  locate(pbx);
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
  locate(pbx);
  expect_unlocated(invited());
  expect_refused_at_last();
}

struct LocationOfAHiddenCallerInNeed : LocationOfAHiddenCaller {
  LocationOfAHiddenCallerInNeed() : LocationOfAHiddenCaller(true) {}
};

TEST_F(LocationOfAHiddenCallerInNeed, GoesOn) {
  locate(pbx);
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
  locate(pbx);
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
