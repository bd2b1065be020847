// A binding of a peer that registers with us as a table (RFC 3261 section 10.3): where it is, what
// happens, what is done. Pure data; read by Bindings. Each state but `absent` has a timer, which
// every edge into it starts: nothing can get stuck in it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace demarc::registrar {

enum class State : uint8_t {
  absent,
  coming,  // accepted, and not yet what calls go by: the 200 waits for that
  bound,
  over,  // no new calls; what goes on with those that there are is still taken from there
};
inline constexpr size_t state_count = 4;

enum class Event : uint8_t {
  accepted,  // a REGISTER with an interval, from where it was before if it was
  moved,     // the same from elsewhere
  in_force,  // the dataplane goes by it
  removed,   // an interval of 0, another in its place, or its account is gone
  no_calls,  // its trunk has none
  timer,
};
inline constexpr size_t event_count = 6;

using Actions = uint8_t;
namespace action {
inline constexpr Actions publish = 1 << 0;  // the dataplane is to know
inline constexpr Actions start_patience = 1 << 1;
inline constexpr Actions start_interval = 1 << 2;
inline constexpr Actions start_lingering = 1 << 3;
inline constexpr Actions timers = start_patience | start_interval | start_lingering;
}  // namespace action

struct Edge {
  State from;
  Event event;
  State to;
  Actions actions;
};

inline constexpr Actions announce = action::publish | action::start_patience;
inline constexpr Actions take_down = action::publish | action::start_lingering;

inline constexpr Edge edges[] = {
    {State::absent, Event::accepted, State::coming, announce},

    {State::coming, Event::accepted, State::coming, action::start_patience},
    {State::coming, Event::moved, State::coming, announce},
    {State::coming, Event::in_force, State::bound, action::start_interval},
    {State::coming, Event::removed, State::over, take_down},
    {State::coming, Event::timer, State::over, take_down},

    {State::bound, Event::accepted, State::bound, action::start_interval},
    {State::bound, Event::moved, State::coming, announce},
    {State::bound, Event::removed, State::over, take_down},
    {State::bound, Event::timer, State::over, take_down},

    {State::over, Event::accepted, State::coming, announce},
    {State::over, Event::moved, State::coming, announce},
    {State::over, Event::no_calls, State::absent, action::publish},
    {State::over, Event::timer, State::absent, action::publish},
};

struct Step {
  State to = State::absent;
  Actions actions = 0;
  bool is_edge = false;  // false: the event means nothing here, and all stays
};

constexpr Step step(State state, Event event) {
  for (const Edge& edge : edges) {
    if (edge.from == state && edge.event == event) return {edge.to, edge.actions, true};
  }
  return {state, 0, false};
}

// Whether every edge starts one timer where it leads into a state that can last, and every such
// state ends by it.
constexpr bool has_no_state_without_a_timer() {
  for (const Edge& edge : edges) {
    const Actions started = edge.actions & action::timers;
    const bool is_one = started != 0 && (started & (started - 1)) == 0;
    if (is_one == (edge.to == State::absent)) return false;
  }
  for (size_t i = 1; i < state_count; ++i) {
    if (!step(static_cast<State>(i), Event::timer).is_edge) return false;
  }
  return true;
}
static_assert(has_no_state_without_a_timer());

constexpr std::string_view spelling(State state) {
  constexpr std::array<std::string_view, state_count> names = {"absent", "coming", "bound", "over"};
  return names[static_cast<size_t>(state)];
}
constexpr std::string_view spelling(Event event) {
  constexpr std::array<std::string_view, event_count> names = {"accepted", "moved",    "in_force",
                                                               "removed",  "no_calls", "timer"};
  return names[static_cast<size_t>(event)];
}

}  // namespace demarc::registrar
