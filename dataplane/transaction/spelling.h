// The names of the transaction state machines, their states and events, for whoever prints a table
// or a trace: tests and models. Data only, any thread.
#pragma once

#include <array>
#include <string_view>

#include "dataplane/transaction/edge.h"

namespace demarc::transaction {

inline constexpr std::array<std::string_view, 4> machine_names = {
    "client_invite", "client_non_invite", "server_invite", "server_non_invite"};
inline constexpr std::array<std::string_view, state_count> state_names = {
    "calling", "trying", "proceeding", "completed", "confirmed", "accepted", "terminated"};
inline constexpr std::array<std::string_view, event_count> event_names = {
    "begin",       "request", "ack",     "send_provisional", "send_success", "send_failure",
    "provisional", "success", "failure", "timer_a",          "timer_b",      "timer_d",
    "timer_e",     "timer_f", "timer_g", "timer_h",          "timer_i",      "timer_j",
    "timer_k",     "timer_l", "timer_m"};
static_assert(machine_names[static_cast<size_t>(Machine::server_invite)] == "server_invite");
static_assert(state_names[static_cast<size_t>(State::accepted)] == "accepted");
static_assert(event_names[static_cast<size_t>(Event::timer_m)] == "timer_m");

}  // namespace demarc::transaction
