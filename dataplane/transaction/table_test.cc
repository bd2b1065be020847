// Prints every edge of the four tables and compares with the text that was reviewed against the
// figures of RFC 3261 section 17 and RFC 6026 section 7. A changed edge is a changed line here.
#include "dataplane/transaction/table.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace demarc::transaction {
namespace {

constexpr std::array state_names = {"calling",   "trying",   "proceeding", "completed",
                                    "confirmed", "accepted", "-"};
static_assert(state_names.size() == state_count);
constexpr std::array event_names = {
    "begin",   "request", "ack",     "send 1xx", "send 2xx", "send 3-6", "1xx",
    "2xx",     "3-6xx",   "timer A", "timer B",  "timer D",  "timer E",  "timer F",
    "timer G", "timer H", "timer I", "timer J",  "timer K",  "timer L",  "timer M"};
static_assert(event_names.size() == event_count);
constexpr std::array action_names = {
    "stop_retransmit", "stop_lifetime", "keep",       "drop_kept", "send",    "send_again",
    "resend",          "send_ack",      "resend_ack", "absorb",    "pass",    "no_response",
    "no_ack",          "start_A",       "start_E",    "start_G",   "again_A", "again_E",
    "again_E_at_T2",   "again_G",       "start_B",    "start_D",   "start_F", "start_H",
    "start_I",         "start_J",       "start_K",    "start_L",   "start_M"};
static_assert(1u << (action_names.size() - 1) == static_cast<Actions>(Action::start_m));

// "calling + timer A -> calling: resend again_A"; "-" is a transaction that does not exist.
std::string print(Machine machine) {
  std::string out = "\n";
  for (size_t state = 0; state < state_count; ++state) {
    for (size_t event = 0; event < event_count; ++event) {
      const Step taken = step(machine, static_cast<State>(state), static_cast<Event>(event));
      if (!taken.is_edge) continue;
      out += std::string(state_names[state]) + " + " + event_names[event] + " -> " +
             state_names[static_cast<size_t>(taken.state)] + ":";
      for (size_t bit = 0; bit < action_names.size(); ++bit) {
        if ((taken.actions >> bit & 1) != 0) out += std::string(" ") + action_names[bit];
      }
      out += "\n";
    }
  }
  return out;
}

TEST(ClientInviteTable, IsFigure5WithTheAcceptedStateOfRfc6026) {
  EXPECT_EQ(print(Machine::client_invite), R"(
calling + 1xx -> proceeding: stop_retransmit stop_lifetime pass
calling + 2xx -> accepted: stop_retransmit drop_kept pass start_M
calling + 3-6xx -> completed: stop_retransmit send_ack pass start_D
calling + timer A -> calling: resend again_A
calling + timer B -> -: no_response
proceeding + 1xx -> proceeding: pass
proceeding + 2xx -> accepted: drop_kept pass start_M
proceeding + 3-6xx -> completed: send_ack pass start_D
completed + 1xx -> completed: absorb
completed + 2xx -> completed: absorb
completed + 3-6xx -> completed: resend_ack absorb
completed + timer D -> -:
accepted + 1xx -> accepted: absorb
accepted + 2xx -> accepted: pass
accepted + 3-6xx -> accepted: absorb
accepted + timer M -> -:
- + begin -> calling: send start_A start_B
)");
}

TEST(ClientNonInviteTable, IsFigure6) {
  EXPECT_EQ(print(Machine::client_non_invite), R"(
trying + 1xx -> proceeding: pass
trying + 2xx -> completed: stop_retransmit pass start_K
trying + 3-6xx -> completed: stop_retransmit pass start_K
trying + timer E -> trying: resend again_E
trying + timer F -> -: no_response
proceeding + 1xx -> proceeding: pass
proceeding + 2xx -> completed: stop_retransmit pass start_K
proceeding + 3-6xx -> completed: stop_retransmit pass start_K
proceeding + timer E -> proceeding: resend again_E_at_T2
proceeding + timer F -> -: no_response
completed + 1xx -> completed: absorb
completed + 2xx -> completed: absorb
completed + 3-6xx -> completed: absorb
completed + timer K -> -:
- + begin -> trying: send start_E start_F
)");
}

TEST(ServerInviteTable, IsFigure7WithTheAcceptedStateOfRfc6026) {
  EXPECT_EQ(print(Machine::server_invite), R"(
proceeding + request -> proceeding: resend absorb
proceeding + ack -> proceeding: absorb
proceeding + send 1xx -> proceeding: keep send
proceeding + send 2xx -> accepted: drop_kept send start_L
proceeding + send 3-6 -> completed: keep send start_G start_H
completed + request -> completed: resend absorb
completed + ack -> confirmed: stop_retransmit absorb start_I
completed + timer G -> completed: resend again_G
completed + timer H -> -: no_ack
confirmed + request -> confirmed: absorb
confirmed + ack -> confirmed: absorb
confirmed + timer I -> -:
accepted + request -> accepted: absorb
accepted + ack -> accepted: pass
accepted + send 2xx -> accepted: send_again
accepted + timer L -> -:
- + begin -> proceeding: pass
)");
}

TEST(ServerNonInviteTable, IsFigure8) {
  EXPECT_EQ(print(Machine::server_non_invite), R"(
trying + request -> trying: absorb
trying + send 1xx -> proceeding: keep send
trying + send 2xx -> completed: keep send start_J
trying + send 3-6 -> completed: keep send start_J
proceeding + request -> proceeding: resend absorb
proceeding + send 1xx -> proceeding: keep send
proceeding + send 2xx -> completed: keep send start_J
proceeding + send 3-6 -> completed: keep send start_J
completed + request -> completed: resend absorb
completed + timer J -> -:
- + begin -> trying: pass
)");
}

TEST(Table, LeavesTheStateAloneWhereThereIsNoEdge) {
  const Step taken = step(Machine::client_invite, State::accepted, Event::timer_a);
  EXPECT_FALSE(taken.is_edge);
  EXPECT_EQ(taken.state, State::accepted);
  EXPECT_EQ(taken.actions, 0u);
}

// A state with neither a timer that ends it nor an answer of the user's to wait for would leak.
TEST(Table, EveryFinalStateStartsTheTimerThatEndsIt) {
  constexpr Actions lifetimes = ~(static_cast<Actions>(Action::start_b) - 1);
  for (const Machine machine : {Machine::client_invite, Machine::client_non_invite,
                                Machine::server_invite, Machine::server_non_invite}) {
    for (size_t from = 0; from < state_count; ++from) {
      for (size_t event = 0; event < event_count; ++event) {
        const Step taken = step(machine, static_cast<State>(from), static_cast<Event>(event));
        const bool is_entry = taken.is_edge && static_cast<size_t>(taken.state) != from;
        const bool is_final = taken.state == State::completed || taken.state == State::confirmed ||
                              taken.state == State::accepted;
        if (is_entry && is_final) {
          EXPECT_NE(taken.actions & lifetimes, 0u) << state_names[from] << event_names[event];
        }
      }
    }
  }
}

}  // namespace
}  // namespace demarc::transaction
