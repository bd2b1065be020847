// The health of one target as a table: what it is, what is learnt, what it is then. Pure data; read
// by Monitor. A target that is down is tried behind the others, never left out (hunt.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace demarc::health {

enum class State : uint8_t {
  unknown,  // nothing was learnt, or not for long; tried like one that is up
  up,
  down,
  recovering,  // answers again, but not often enough yet; still tried last
};
inline constexpr size_t state_count = 4;

enum class Event : uint8_t {
  answered,         // a probe or a call was answered
  answered_enough,  // as often in a row as recovery wants
  lost,             // a probe or a call was not
  lost_enough,      // as often in a row as makes it down
  unavailable,      // 503 with a time for which it wants peace
  refused,          // no connection of TCP or TLS to it can be made
  hold_over,        // down for that time, and nobody probes
};
inline constexpr size_t event_count = 7;

struct Edge {
  State from;
  Event event;
  State to;
};

inline constexpr Edge edges[] = {
    {State::unknown, Event::answered, State::up},
    {State::unknown, Event::answered_enough, State::up},
    {State::unknown, Event::lost_enough, State::down},
    {State::unknown, Event::unavailable, State::down},
    {State::unknown, Event::refused, State::down},

    {State::up, Event::lost_enough, State::down},
    {State::up, Event::unavailable, State::down},
    {State::up, Event::refused, State::down},

    {State::down, Event::answered, State::recovering},
    {State::down, Event::answered_enough, State::up},
    {State::down, Event::hold_over, State::unknown},

    {State::recovering, Event::answered_enough, State::up},
    {State::recovering, Event::lost, State::down},
    {State::recovering, Event::lost_enough, State::down},
    {State::recovering, Event::unavailable, State::down},
    {State::recovering, Event::refused, State::down},
    {State::recovering, Event::hold_over, State::unknown},
};

// Without an edge a state stays.
constexpr State next(State state, Event event) {
  for (const Edge& edge : edges) {
    if (edge.from == state && edge.event == event) return edge.to;
  }
  return state;
}

// Calls and registrations go to others first.
constexpr bool is_tried_last(State state) {
  return state == State::down || state == State::recovering;
}

constexpr std::string_view spelling(State state) {
  constexpr std::array<std::string_view, state_count> names = {"unknown", "up", "down",
                                                               "recovering"};
  return names[static_cast<size_t>(state)];
}
constexpr std::string_view spelling(Event event) {
  constexpr std::array<std::string_view, event_count> names = {
      "answered", "answered_enough", "lost", "lost_enough", "unavailable", "refused", "hold_over"};
  return names[static_cast<size_t>(event)];
}

}  // namespace demarc::health
