// A call that rings at one phone of a trunk and is picked up by another: what the ladders of pickup
// share (RFC 3891 section 3).
#pragma once

#include <string>
#include <string_view>

#include "tests/flow/ladder.h"

namespace demarc::flow {

// pbx calls itsp, whose phone rings; alt is another phone of that trunk.
class PickupFlow : public Ladder {
 protected:
  explicit PickupFlow(const BoxOptions& options = takeable()) : Ladder(options) {}
  static BoxOptions takeable() {
    BoxOptions options;
    options.media_timeout_ms = 0;
    options.has_second_target = true;
    options.policy[1].takes_replaces = true;
    options.count_everything();
    return options;
  }
  static std::string sdp(const std::string& address, const std::string& lines) {
    return "v=0\r\no=x 1 2 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address + "\r\nt=0 0\r\n" +
           lines;
  }
  void ring() {
    play(R"(
      pbx  -> INVITE sdp
      pbx  <- 100
      itsp <- INVITE sdp
      itsp -> 180
      pbx  <- 180
    )");
  }
  // The dialog of the phone that rings, as its trunk knows it: to-tag is ours.
  std::string rung() const {
    const Wire& invite = *itsp.last_request("INVITE");
    const std::string from = invite.field("From");
    return invite.field("Call-ID") + ";to-tag=" + from.substr(from.find(";tag=") + 5) +
           ";from-tag=" + itsp.tag();
  }
  void pick_up(const std::string& more = "") {
    alt.extra_lines = "Replaces: " + rung() + more + "\r\n";
    play("alt -> INVITE sdp\nalt <- 100\n");
  }
  static constexpr std::string_view cancelled = R"(
    itsp -> 200 CANCEL
    itsp -> 487
    itsp <- ACK
  )";
  static constexpr std::string_view ended = R"(
    pbx  -> BYE
    pbx  <- 200 BYE
    alt  <- BYE
    alt  -> 200 BYE
    quiet
  )";
  static constexpr std::string_view given_up = R"(
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    pbx  <- 487
    itsp <- CANCEL
    pbx  -> ACK
    itsp -> 200 CANCEL
    itsp -> 487
    itsp <- ACK
    quiet
  )";
};

}  // namespace demarc::flow
