// The non-INVITE client transaction: RFC 3261 section 17.1.2, Figure 6. Read by table.h. The error
// of a transport is the user's abandon().
#pragma once

#include "dataplane/transaction/edge.h"

namespace demarc::transaction {

// A provisional response leaves timer E running; from then on it is set to T2.
inline constexpr Edge client_non_invite_edges[] = {
    {State::terminated, Event::begin, State::trying,
     Action::send | Action::start_e | Action::start_f},

    {State::trying, Event::timer_e, State::trying, Action::resend | Action::again_e},
    {State::trying, Event::timer_f, State::terminated, Action::report_no_response},
    {State::trying, Event::provisional, State::proceeding, Action::pass},
    {State::trying, Event::success, State::completed,
     Action::pass | Action::stop_retransmit | Action::start_k},
    {State::trying, Event::failure, State::completed,
     Action::pass | Action::stop_retransmit | Action::start_k},

    {State::proceeding, Event::timer_e, State::proceeding, Action::resend | Action::again_e_at_t2},
    {State::proceeding, Event::timer_f, State::terminated, Action::report_no_response},
    {State::proceeding, Event::provisional, State::proceeding, Action::pass},
    {State::proceeding, Event::success, State::completed,
     Action::pass | Action::stop_retransmit | Action::start_k},
    {State::proceeding, Event::failure, State::completed,
     Action::pass | Action::stop_retransmit | Action::start_k},

    {State::completed, Event::provisional, State::completed, Action::absorb},
    {State::completed, Event::success, State::completed, Action::absorb},
    {State::completed, Event::failure, State::completed, Action::absorb},
    {State::completed, Event::timer_k, State::terminated},
};
inline constexpr Table client_non_invite = table_of(client_non_invite_edges);

}  // namespace demarc::transaction
