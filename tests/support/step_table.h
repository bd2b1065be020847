// A table of steps as the text that a person reviews: "trying + answer -> answered: pass_answer",
// one line for each edge that changes the state or does something. A changed edge is a changed line
// in the test that compares it.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace demarc::support {

// Of a step(State, Event) whose result has `next` and bits in `actions`; `actions` here are the
// names of those bits. Both enumerations end with `count` and have a spelling() beside them.
template <class State, class Event, class Step>
std::string step_table(Step (*step)(State, Event),
                       std::initializer_list<std::string_view> actions) {
  std::string text;
  for (unsigned s = 0; s < static_cast<unsigned>(State::count); ++s) {
    for (unsigned e = 0; e < static_cast<unsigned>(Event::count); ++e) {
      const auto state = static_cast<State>(s);
      const auto event = static_cast<Event>(e);
      const Step taken = step(state, event);
      if (taken.next == state && taken.actions == 0) continue;
      text.append(spelling(state)).append(" + ").append(spelling(event)).append(" -> ");
      text.append(spelling(taken.next)).append(":");
      size_t bit = 0;
      for (const std::string_view name : actions) {
        if ((taken.actions >> bit++ & 1) != 0) text.append(" ").append(name);
      }
      text.append("\n");
    }
  }
  return text;
}

}  // namespace demarc::support
