// How most ladders begin and end, so that a test spells only what it is about. The caller is pbx,
// the called side itsp.
#pragma once

#include <string_view>

namespace demarc::flow {

// An offer in the INVITE, an answer in the 2xx.
inline constexpr std::string_view answered_call = R"(
  pbx  -> INVITE sdp
  pbx  <- 100
  itsp <- INVITE sdp
  itsp -> 180
  pbx  <- 180
  itsp -> 200 sdp INVITE
  itsp <- ACK
  pbx  <- 200 sdp INVITE
  pbx  -> ACK
)";
// The same without ringing.
inline constexpr std::string_view answered_at_once = R"(
  pbx  -> INVITE sdp
  pbx  <- 100
  itsp <- INVITE sdp
  itsp -> 200 sdp
  itsp <- ACK
  pbx  <- 200 sdp
  pbx  -> ACK
)";
inline constexpr std::string_view ended_by_caller = R"(
  pbx  -> BYE
  pbx  <- 200 BYE
  itsp <- BYE
  itsp -> 200 BYE
  quiet
)";
inline constexpr std::string_view ended_by_called = R"(
  itsp -> BYE
  itsp <- 200 BYE
  pbx  <- BYE
  pbx  -> 200 BYE
  quiet
)";
// A call that rings and that nobody wants any more.
inline constexpr std::string_view refused_ringing = R"(
  itsp -> 486 INVITE
  itsp <- ACK
  pbx  <- 486 INVITE
  pbx  -> ACK
  quiet
)";
inline constexpr std::string_view with_prack_and_update =
    "Supported: 100rel\r\nAllow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE\r\n";

}  // namespace demarc::flow
