// The life of a learnt media source as a table: (state, event) -> (state, actions). For trunks
// whose peers are behind NAT and signal an address that nothing comes from. What events mean stands
// in latch.cc; a unit test prints every edge, tests/models/latch.pml searches what they allow.
#pragma once

#include <cstdint>
#include <iterator>
#include <string_view>

namespace demarc::media {

enum class LatchState : uint8_t {
  shut,         // no address is signalled: nobody may send
  learning,     // the window is open, nobody has begun; the source in force may send
  proving,      // the same, and one source, the candidate, is being watched
  provisional,  // learnt; a source that is nearer to what was signalled may still take its place
  challenged,   // the same, and such a source is being watched
  settled,      // nothing is learnt any more
  count,
};

enum class LatchEvent : uint8_t {
  offer_new,     // an offer or answer signals an address that it did not before
  offer_same,    // it signals the same, and the source in force has sent lately
  offer_silent,  // it signals the same, and the source in force has not
  offer_none,    // it signals none
  weaker,  // good packet of a source that may not take the candidate's or the learnt one's place
  fresh,   // good packet of one that may: its run begins, or begins again
  next,    // the candidate's run goes on
  proven,  // and is long enough
  proven_top,  // and no other source can be nearer
  window_over,
  count,
};

enum LatchActions : uint8_t {
  no_latch_action = 0,
  open_window = 1 << 0,
  forget = 1 << 1,     // the signalled address is the source in force again
  start_run = 1 << 2,  // the packet's source is the candidate
  count_run = 1 << 3,
  learn = 1 << 4,  // the candidate is the source in force; what goes to the peer goes there
};

struct LatchStep {
  LatchState next = LatchState::shut;
  uint8_t actions = no_latch_action;
};

namespace latch_table {

// What an offer or an answer does is the same whatever is being learnt.
constexpr LatchStep on_offer(LatchState state, LatchEvent event) {
  const bool is_unproven = state == LatchState::learning || state == LatchState::proving;
  switch (event) {
    case LatchEvent::offer_new:
      return {LatchState::learning, forget | open_window};
    case LatchEvent::offer_none:
      return {LatchState::shut, forget};
    case LatchEvent::offer_silent:
      return {LatchState::learning, open_window};
    default:
      // A refresh of the session gives an attacker no second window.
      if (is_unproven) return {LatchState::learning, open_window};
      return {state, no_latch_action};
  }
}

// Before anything is learnt, and after.
struct Phase {
  LatchState idle;
  LatchState watching;
};
constexpr LatchStep on_packet(const Phase& phase, LatchState state, LatchEvent event) {
  switch (event) {
    case LatchEvent::fresh:
      return {phase.watching, start_run};
    case LatchEvent::next:
      if (state == phase.watching) return {state, count_run};
      return {state, no_latch_action};
    case LatchEvent::proven:
      if (state == phase.watching) return {LatchState::provisional, learn};
      return {state, no_latch_action};
    case LatchEvent::proven_top:
      if (state == phase.watching) return {LatchState::settled, learn};
      return {state, no_latch_action};
    case LatchEvent::window_over:
      return {LatchState::settled, no_latch_action};
    default:
      return {state, no_latch_action};
  }
}

}  // namespace latch_table

constexpr LatchStep step(LatchState state, LatchEvent event) {
  if (event <= LatchEvent::offer_none) {
    // What was shut has no source in force, so nothing is the same.
    const bool is_shut = state == LatchState::shut;
    if (is_shut && event != LatchEvent::offer_new) return {state, no_latch_action};
    return latch_table::on_offer(state, event);
  }
  switch (state) {
    case LatchState::learning:
    case LatchState::proving:
      return latch_table::on_packet({LatchState::learning, LatchState::proving}, state, event);
    case LatchState::provisional:
    case LatchState::challenged:
      return latch_table::on_packet({LatchState::provisional, LatchState::challenged}, state,
                                    event);
    default:
      return {state, no_latch_action};
  }
}

constexpr std::string_view spelling(LatchState state) {
  constexpr std::string_view names[] = {"shut",        "learning",   "proving",
                                        "provisional", "challenged", "settled"};
  static_assert(std::size(names) == static_cast<size_t>(LatchState::count));
  return names[static_cast<size_t>(state)];
}
constexpr std::string_view spelling(LatchEvent event) {
  constexpr std::string_view names[] = {"offer_new",  "offer_same", "offer_silent", "offer_none",
                                        "weaker",     "fresh",      "next",         "proven",
                                        "proven_top", "window_over"};
  static_assert(std::size(names) == static_cast<size_t>(LatchEvent::count));
  return names[static_cast<size_t>(event)];
}

}  // namespace demarc::media
