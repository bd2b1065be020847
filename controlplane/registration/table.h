// A registration as a table (RFC 3261 section 10.2): where it is, what happens, what is done. Pure
// data; read by Agent. Each state but `off` has a timer, which every edge into it starts: nothing
// can get stuck in it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace demarc::registration {

enum class State : uint8_t {
  off,
  waiting,      // a moment, so that many do not begin at once
  registering,  // a REGISTER is under way, and there was no binding before
  registered,
  refreshing,   // a REGISTER is under way, the binding holds meanwhile
  backing_off,  // it failed everywhere, or was refused
  unregistering,
};
inline constexpr size_t state_count = 7;

enum class Event : uint8_t {
  begin,
  accepted,  // 2xx with our binding in it
  again,     // the same once more: with credentials, a longer interval, or to another target
  failed,    // every target did
  refused,   // by the account: 403, or credentials that are wrong
  timer,
  refresh,   // somebody asks for it now
  withdraw,  // the trunk leaves the configuration, or its settings changed
};
inline constexpr size_t event_count = 8;

using Actions = uint8_t;
namespace action {
inline constexpr Actions send = 1 << 0;
inline constexpr Actions send_removal = 1 << 1;  // with an expiry of 0
inline constexpr Actions start_delay = 1 << 2;
inline constexpr Actions start_patience = 1 << 3;  // longer than the transaction lasts
inline constexpr Actions start_refresh = 1 << 4;
inline constexpr Actions start_back_off = 1 << 5;
inline constexpr Actions start_long_back_off = 1 << 6;
inline constexpr Actions begin_round = 1 << 7;  // all targets are tried anew
inline constexpr Actions timers =
    start_delay | start_patience | start_refresh | start_back_off | start_long_back_off;
}  // namespace action

struct Edge {
  State from;
  Event event;
  State to;
  Actions actions;
};

inline constexpr Actions send_first = action::begin_round | action::send | action::start_patience;
inline constexpr Actions send_again = action::send | action::start_patience;
inline constexpr Actions take_away =
    action::begin_round | action::send_removal | action::start_patience;

inline constexpr Edge edges[] = {
    {State::off, Event::begin, State::waiting, action::start_delay},

    {State::waiting, Event::timer, State::registering, send_first},
    {State::waiting, Event::refresh, State::registering, send_first},
    {State::waiting, Event::withdraw, State::off, 0},

    {State::registering, Event::accepted, State::registered, action::start_refresh},
    {State::registering, Event::again, State::registering, send_again},
    {State::registering, Event::failed, State::backing_off, action::start_back_off},
    {State::registering, Event::refused, State::backing_off, action::start_long_back_off},
    {State::registering, Event::timer, State::backing_off, action::start_back_off},
    {State::registering, Event::withdraw, State::unregistering, take_away},

    {State::registered, Event::timer, State::refreshing, send_first},
    {State::registered, Event::refresh, State::refreshing, send_first},
    {State::registered, Event::withdraw, State::unregistering, take_away},

    {State::refreshing, Event::accepted, State::registered, action::start_refresh},
    {State::refreshing, Event::again, State::refreshing, send_again},
    {State::refreshing, Event::failed, State::backing_off, action::start_back_off},
    {State::refreshing, Event::refused, State::backing_off, action::start_long_back_off},
    {State::refreshing, Event::timer, State::backing_off, action::start_back_off},
    {State::refreshing, Event::withdraw, State::unregistering, take_away},

    {State::backing_off, Event::timer, State::registering, send_first},
    {State::backing_off, Event::refresh, State::registering, send_first},
    {State::backing_off, Event::withdraw, State::unregistering, take_away},

    {State::unregistering, Event::accepted, State::off, 0},
    {State::unregistering, Event::again, State::unregistering,
     action::send_removal | action::start_patience},
    {State::unregistering, Event::failed, State::off, 0},
    {State::unregistering, Event::refused, State::off, 0},
    {State::unregistering, Event::timer, State::off, 0},
};

struct Step {
  State to = State::off;
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
    if (is_one == (edge.to == State::off)) return false;
  }
  for (size_t i = 1; i < state_count; ++i) {
    if (!step(static_cast<State>(i), Event::timer).is_edge) return false;
    if (!step(static_cast<State>(i), Event::withdraw).is_edge &&
        static_cast<State>(i) != State::unregistering) {
      return false;
    }
  }
  return true;
}
static_assert(has_no_state_without_a_timer());

constexpr std::string_view spelling(State state) {
  constexpr std::array<std::string_view, state_count> names = {
      "off", "waiting", "registering", "registered", "refreshing", "backing_off", "unregistering"};
  return names[static_cast<size_t>(state)];
}
constexpr std::string_view spelling(Event event) {
  constexpr std::array<std::string_view, event_count> names = {
      "begin", "accepted", "again", "failed", "refused", "timer", "refresh", "withdraw"};
  return names[static_cast<size_t>(event)];
}

}  // namespace demarc::registration
