// The non-INVITE server transaction: RFC 3261 section 17.2.2, Figure 8. Read by table.h. What
// RFC 4320 asks (no late answer, no 408) is the user's. The error of a transport is the user's
// abandon().
#pragma once

#include "dataplane/transaction/edge.h"

namespace demarc::transaction {

// Deviates from RFC 3261 section 17.2.2: a second final response of the user is not discarded in
// Completed but has no arrow, since it would be a mistake of ours.
inline constexpr Edge server_non_invite_edges[] = {
    {State::terminated, Event::begin, State::trying, Action::pass},

    {State::trying, Event::request, State::trying, Action::absorb},
    {State::trying, Event::send_provisional, State::proceeding, Action::keep | Action::send},
    {State::trying, Event::send_success, State::completed,
     Action::keep | Action::send | Action::start_j},
    {State::trying, Event::send_failure, State::completed,
     Action::keep | Action::send | Action::start_j},

    {State::proceeding, Event::request, State::proceeding, Action::absorb | Action::resend},
    {State::proceeding, Event::send_provisional, State::proceeding, Action::keep | Action::send},
    {State::proceeding, Event::send_success, State::completed,
     Action::keep | Action::send | Action::start_j},
    {State::proceeding, Event::send_failure, State::completed,
     Action::keep | Action::send | Action::start_j},

    {State::completed, Event::request, State::completed, Action::absorb | Action::resend},
    {State::completed, Event::timer_j, State::terminated},
};
inline constexpr Table server_non_invite = table_of(server_non_invite_edges);

}  // namespace demarc::transaction
