// The life of a leg that is with another worker, or asks to be, as a table: (state, event) ->
// (state, actions) (decision D60). What the actions mean stands in departure.cc; a unit test prints
// every edge, and tests/models/move.pml plays both workers by it.
#pragma once

#include <cstdint>
#include <string_view>

namespace demarc::call::transfers {

enum class AwayState : uint8_t {
  asked,    // the image is on its way; the call here goes on as it was
  away,     // it was joined there: messages of its dialog are passed on
  gone,     // it was joined there, but its peer or its call had left meanwhile
  leaving,  // the call there is over; repeated messages are passed on for 64*T1 more
  free,
  count,
};

enum class AwayEvent : uint8_t {
  joined,       // note: it is in a call there, and the transfer here waits for that
  joined_late,  // the same, and nobody waits any more
  refused,      // note: it was not joined
  forgotten,    // note: the call there is over
  time_over,
  count,
};

enum AwayActions : uint8_t {
  no_away_action = 0,
  hand_over = 1 << 0,       // the leg is not in the call here any more
  tell_gone = 1 << 1,       // to the other worker, which treats it as the peer's BYE
  report_refusal = 1 << 2,  // to the transfer, if it still waits
  start_time = 1 << 3,      // 64*T1
  give_back = 1 << 4,       // the row, and word to where the leg came from before
};

struct AwayStep {
  AwayState next = AwayState::free;
  uint8_t actions = no_away_action;
};

constexpr AwayStep away_step(AwayState state, AwayEvent event) {
  using S = AwayState;
  switch (state) {
    case S::asked:
      if (event == AwayEvent::joined) return {S::away, hand_over};
      if (event == AwayEvent::joined_late) return {S::gone, tell_gone};
      if (event == AwayEvent::refused) return {S::free, report_refusal | give_back};
      break;
    case S::away:
    case S::gone:
      if (event == AwayEvent::forgotten) return {S::leaving, start_time};
      break;
    case S::leaving:
      if (event == AwayEvent::time_over) return {S::free, give_back};
      break;
    default:
      break;
  }
  return {state, no_away_action};
}

std::string_view spelling(AwayState state);
std::string_view spelling(AwayEvent event);

}  // namespace demarc::call::transfers
