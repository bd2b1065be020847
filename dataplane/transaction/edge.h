// What the tables of the four transaction state machines are made of (RFC 3261 section 17,
// RFC 6026). Included by client_invite.h, client_non_invite.h, server_invite.h and
// server_non_invite.h; table.h has the one function that reads them. Data only, no thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "dataplane/transaction/transaction.h"
#include "sip-parser/base/check.h"

namespace demarc::transaction {

// What happens to a transaction. The timers are also the names in TimerEvent::name.
enum class Event : uint8_t {
  begin,             // the transaction is made: its first request goes out or came in
  request,           // server: its request came again
  ack,               // server INVITE: an ACK
  send_provisional,  // server: the user responds 1xx
  send_success,      // server: the user responds 2xx
  send_failure,      // server: the user responds 3xx to 6xx
  provisional,       // client: 1xx came
  success,           // client: 2xx came
  failure,           // client: 3xx to 6xx came
  timer_a,
  timer_b,
  timer_d,
  timer_e,
  timer_f,
  timer_g,
  timer_h,
  timer_i,
  timer_j,
  timer_k,
  timer_l,
  timer_m,
  count,
};
inline constexpr size_t event_count = static_cast<size_t>(Event::count);
inline constexpr size_t state_count = static_cast<size_t>(State::terminated) + 1;

// What is done about it, one bit each; the layer goes from the lowest to the highest. Starting a
// timer of the lifetime (all but A, E and G) stops the one before it.
using Actions = uint32_t;
enum class Action : Actions {
  stop_retransmit = 1u << 0,  // timer A, E or G
  stop_lifetime = 1u << 1,    // timer B (nothing else ends without its follower)
  keep = 1u << 2,             // the user's response replaces the kept one
  drop_kept = 1u << 3,        // the kept message is not needed any more
  send = 1u << 4,             // what the user gave, for the first time
  send_again = 1u << 5,       // the same, counted as a retransmission
  resend = 1u << 6,           // the kept message
  send_ack = 1u << 7,         // composed from the kept request and the response; kept
  resend_ack = 1u << 8,       // the kept ACK
  absorb = 1u << 9,           // handled here, counted
  pass = 1u << 10,            // to the transaction user
  report_no_response = 1u << 11,
  report_no_ack = 1u << 12,
  start_a = 1u << 13,  // at T1; doubled by `again`
  start_e = 1u << 14,
  start_g = 1u << 15,
  again_a = 1u << 16,  // twice the last interval
  again_e = 1u << 17,  // twice the last interval, T2 at most
  again_e_at_t2 = 1u << 18,
  again_g = 1u << 19,  // twice the last interval, T2 at most
  start_b = 1u << 20,
  start_d = 1u << 21,
  start_f = 1u << 22,
  start_h = 1u << 23,
  start_i = 1u << 24,
  start_j = 1u << 25,
  start_k = 1u << 26,
  start_l = 1u << 27,
  start_m = 1u << 28,
};
constexpr Actions operator|(Action a, Action b) {
  return static_cast<Actions>(a) | static_cast<Actions>(b);
}
constexpr Actions operator|(Actions a, Action b) {
  return a | static_cast<Actions>(b);
}
constexpr bool has(Actions actions, Action action) {
  return (actions & static_cast<Actions>(action)) != 0;
}

// One arrow of a figure.
struct Edge {
  State from = State::terminated;
  Event event = Event::begin;
  State to = State::terminated;
  Actions actions = 0;

  constexpr Edge(State a, Event e, State b, Actions bits)
      : from(a), event(e), to(b), actions(bits) {}
  constexpr Edge(State a, Event e, State b, Action one)
      : Edge(a, e, b, static_cast<Actions>(one)) {}
  // An arrow that only leads somewhere.
  constexpr Edge(State a, Event e, State b) : Edge(a, e, b, Actions{0}) {}
};

// What step() answers.
struct Step {
  State state = State::terminated;
  bool is_edge = false;  // false: the figure has no arrow for the event, and nothing is done
  Actions actions = 0;
};

// A transaction that does not exist, not yet or not any more, is in State::terminated.
using Table = std::array<std::array<Step, event_count>, state_count>;

// Fails to compile when two arrows leave one state for the same event.
template <size_t count>
consteval Table table_of(const Edge (&edges)[count]) {
  Table table{};
  for (size_t state = 0; state < state_count; ++state) {
    for (Step& step : table[state]) step.state = static_cast<State>(state);
  }
  for (const Edge& edge : edges) {
    Step& step = table[static_cast<size_t>(edge.from)][static_cast<size_t>(edge.event)];
    DEMARC_CHECK(!step.is_edge);
    step = {edge.to, true, edge.actions};
  }
  return table;
}

}  // namespace demarc::transaction
