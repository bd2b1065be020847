// The INVITE server transaction: RFC 3261 section 17.2.1, Figure 7, with the Accepted state of
// RFC 6026 section 7.1. Read by table.h. The error of a transport is the user's abandon().
//
// Deviates from RFC 3261 section 17.2.1: no 100 is made here after 200 ms, since the user sends one
// at once.
#pragma once

#include "dataplane/transaction/edge.h"

namespace demarc::transaction {

// The user retransmits its 2xx until the ACK comes (RFC 3261 section 13.3.1.4), so a 2xx is not
// kept, and an INVITE that comes again in Accepted has no answer.
inline constexpr Edge server_invite_edges[] = {
    {State::terminated, Event::begin, State::proceeding, Action::pass},

    {State::proceeding, Event::request, State::proceeding, Action::absorb | Action::resend},
    {State::proceeding, Event::ack, State::proceeding, Action::absorb},
    {State::proceeding, Event::send_provisional, State::proceeding, Action::keep | Action::send},
    {State::proceeding, Event::send_success, State::accepted,
     Action::drop_kept | Action::send | Action::start_l},
    {State::proceeding, Event::send_failure, State::completed,
     Action::keep | Action::send | Action::start_g | Action::start_h},

    {State::completed, Event::request, State::completed, Action::absorb | Action::resend},
    {State::completed, Event::timer_g, State::completed, Action::resend | Action::again_g},
    {State::completed, Event::timer_h, State::terminated, Action::report_no_ack},
    {State::completed, Event::ack, State::confirmed,
     Action::absorb | Action::stop_retransmit | Action::start_i},

    {State::confirmed, Event::request, State::confirmed, Action::absorb},
    {State::confirmed, Event::ack, State::confirmed, Action::absorb},
    {State::confirmed, Event::timer_i, State::terminated},

    {State::accepted, Event::request, State::accepted, Action::absorb},
    {State::accepted, Event::ack, State::accepted, Action::pass},
    {State::accepted, Event::send_success, State::accepted, Action::send_again},
    {State::accepted, Event::timer_l, State::terminated},
};
inline constexpr Table server_invite = table_of(server_invite_edges);

}  // namespace demarc::transaction
