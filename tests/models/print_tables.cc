// Prints the tables that the models are checked with, an edge a line:
//
//   client_invite calling success accepted stop_retransmit drop_kept pass start_m
//
// table, state, event, next state, actions in the order in which they are done. Names are those of
// the code. tests/models/run makes Promela of it.
#include <array>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "dataplane/call/bridge_table.h"
#include "dataplane/call/exchange_table.h"
#include "dataplane/call/transfers/away_table.h"
#include "dataplane/call/transfers/transfer_table.h"
#include "dataplane/dialog/offer_answer.h"
#include "dataplane/media/latch_table.h"
#include "dataplane/transaction/spelling.h"
#include "dataplane/transaction/table.h"

namespace demarc {
namespace {

using Names = std::span<const std::string_view>;

void print_edge(std::string_view table, std::string_view from, std::string_view event,
                std::string_view to, uint32_t actions, Names names) {
  std::string line;
  for (const std::string_view word : {table, from, event, to}) line.append(word).append(" ");
  for (size_t bit = 0; bit < names.size(); ++bit) {
    if ((actions >> bit & 1) != 0) line.append(names[bit]).append(" ");
  }
  line.back() = '\n';
  std::fputs(line.c_str(), stdout);
}

namespace invite {
using namespace transaction;

constexpr std::array<std::string_view, 29> actions = {
    "stop_retransmit", "stop_lifetime", "keep",       "drop_kept", "send",    "send_again",
    "resend",          "send_ack",      "resend_ack", "absorb",    "pass",    "report_no_response",
    "report_no_ack",   "start_a",       "start_e",    "start_g",   "again_a", "again_e",
    "again_e_at_t2",   "again_g",       "start_b",    "start_d",   "start_f", "start_h",
    "start_i",         "start_j",       "start_k",    "start_l",   "start_m"};
static_assert(1u << (actions.size() - 1) == static_cast<Actions>(Action::start_m));

void print(std::string_view name, Machine machine) {
  for (size_t state = 0; state < state_count; ++state) {
    for (size_t event = 0; event < event_count; ++event) {
      const Step taken = step(machine, static_cast<State>(state), static_cast<Event>(event));
      if (!taken.is_edge) continue;
      print_edge(name, state_names[state], event_names[event],
                 state_names[static_cast<size_t>(taken.state)], taken.actions, actions);
    }
  }
}

}  // namespace invite

namespace bridge {
using namespace call;

constexpr std::array<std::string_view, 13> actions = {
    "start_ring_timer", "pass_progress", "pass_answer", "pass_failure", "refuse_in",
    "cancel_out",       "ack_out",       "got_ack",     "bye_in_leg",   "bye_out_leg",
    "finish",           "try_next",      "hold_answer"};
static_assert(1u << (actions.size() - 1) == Actions::hold_answer);

void print() {
  for (unsigned s = 0; s < static_cast<unsigned>(State::count); ++s) {
    for (unsigned e = 0; e < static_cast<unsigned>(Event::count); ++e) {
      const auto state = static_cast<State>(s);
      const auto event = static_cast<Event>(e);
      const Step taken = step(state, event);
      if (taken.next == state && taken.actions == no_action) continue;
      print_edge("bridge", spelling(state), spelling(event), spelling(taken.next), taken.actions,
                 actions);
    }
  }
}

}  // namespace bridge

namespace offer {
using namespace dialog;

// A verdict is what an action is elsewhere: what has to be done about it. `ok` is nothing.
constexpr std::array<std::string_view, 3> verdicts = {"glare", "busy", "unexpected"};

void print() {
  for (unsigned s = 0; s < static_cast<unsigned>(OfferState::count); ++s) {
    for (unsigned e = 0; e < static_cast<unsigned>(OfferEvent::count); ++e) {
      const auto state = static_cast<OfferState>(s);
      const auto event = static_cast<OfferEvent>(e);
      const OfferStep taken = offer_step(state, event);
      const unsigned verdict = 1u << static_cast<unsigned>(taken.verdict) >> 1;
      print_edge("offer_step", spelling(state), spelling(event), spelling(taken.next), verdict,
                 verdicts);
    }
  }
}
static_assert(static_cast<unsigned>(OfferVerdict::ok) == 0 &&
              static_cast<unsigned>(OfferVerdict::unexpected) == 3);

}  // namespace offer

namespace latch {
using namespace media;

constexpr std::array<std::string_view, 5> actions = {"open_window", "forget", "start_run",
                                                     "count_run", "learn"};
static_assert(1u << (actions.size() - 1) == LatchActions::learn);

void print() {
  for (unsigned s = 0; s < static_cast<unsigned>(LatchState::count); ++s) {
    for (unsigned e = 0; e < static_cast<unsigned>(LatchEvent::count); ++e) {
      const auto state = static_cast<LatchState>(s);
      const auto event = static_cast<LatchEvent>(e);
      const LatchStep taken = step(state, event);
      if (taken.next == state && taken.actions == no_latch_action) continue;
      print_edge("latch", spelling(state), spelling(event), spelling(taken.next), taken.actions,
                 actions);
    }
  }
}

}  // namespace latch

namespace exchange {
using namespace call;

constexpr std::array<std::string_view, 11> actions = {
    "pass_provisional", "pass_success", "pass_rejection", "give_up",   "send_cancel", "pass_ack",
    "repeat_ack",       "refuse_from",  "settle",         "lose_call", "end_exchange"};
static_assert(1u << (actions.size() - 1) == ExchangeActions::end_exchange);

void print() {
  for (unsigned s = 0; s < static_cast<unsigned>(ExchangeState::count); ++s) {
    for (unsigned e = 0; e < static_cast<unsigned>(ExchangeEvent::count); ++e) {
      const auto state = static_cast<ExchangeState>(s);
      const auto event = static_cast<ExchangeEvent>(e);
      const ExchangeStep taken = exchange_step(state, event);
      if (taken.next == state && taken.actions == no_exchange_action) continue;
      print_edge("exchange", spelling(state), spelling(event), spelling(taken.next), taken.actions,
                 actions);
    }
  }
}

}  // namespace exchange

namespace away {
using namespace call::transfers;

constexpr std::array<std::string_view, 5> actions = {"hand_over", "tell_gone", "report_refusal",
                                                     "start_time", "give_back"};
static_assert(1u << (actions.size() - 1) == AwayActions::give_back);

void print() {
  for (unsigned s = 0; s < static_cast<unsigned>(AwayState::count); ++s) {
    for (unsigned e = 0; e < static_cast<unsigned>(AwayEvent::count); ++e) {
      const auto state = static_cast<AwayState>(s);
      const auto event = static_cast<AwayEvent>(e);
      const AwayStep taken = away_step(state, event);
      if (taken.next == state && taken.actions == no_away_action) continue;
      print_edge("away", spelling(state), spelling(event), spelling(taken.next), taken.actions,
                 actions);
    }
  }
}

}  // namespace away

namespace transfer {
using namespace call::transfers;

constexpr std::array<std::string_view, 7> actions = {
    "report_progress", "report_success", "report_failure", "join",
    "restore",         "drop_target",    "end_transfer"};
static_assert(1u << (actions.size() - 1) == TransferActions::end_transfer);

void print() {
  for (unsigned s = 0; s < static_cast<unsigned>(TransferState::count); ++s) {
    for (unsigned e = 0; e < static_cast<unsigned>(TransferEvent::count); ++e) {
      const auto state = static_cast<TransferState>(s);
      const auto event = static_cast<TransferEvent>(e);
      const TransferStep taken = transfer_step(state, event);
      if (taken.next == state && taken.actions == no_transfer_action) continue;
      print_edge("transfer", spelling(state), spelling(event), spelling(taken.next), taken.actions,
                 actions);
    }
  }
}

}  // namespace transfer
}  // namespace
}  // namespace demarc

int main() {
  using demarc::transaction::Machine;
  demarc::invite::print("client_invite", Machine::client_invite);
  demarc::invite::print("server_invite", Machine::server_invite);
  demarc::bridge::print();
  demarc::offer::print();
  demarc::latch::print();
  demarc::exchange::print();
  demarc::away::print();
  demarc::transfer::print();
  return 0;
}
