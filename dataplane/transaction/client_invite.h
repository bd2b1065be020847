// The INVITE client transaction: RFC 3261 section 17.1.1, Figure 5, with the Accepted state of
// RFC 6026 section 7.2. Read by table.h. The error of a transport is the user's abandon().
#pragma once

#include "dataplane/transaction/edge.h"

namespace demarc::transaction {

// Timer B counts in Calling only; how long a call may ring is the user's to say.
//
// A response that the figure has no arrow for is absorbed: it belongs to this transaction and has
// nothing to say any more.
inline constexpr Edge client_invite_edges[] = {
    {State::terminated, Event::begin, State::calling,
     Action::send | Action::start_a | Action::start_b},

    {State::calling, Event::timer_a, State::calling, Action::resend | Action::again_a},
    {State::calling, Event::timer_b, State::terminated, Action::report_no_response},
    {State::calling, Event::provisional, State::proceeding,
     Action::pass | Action::stop_retransmit | Action::stop_lifetime},
    {State::calling, Event::success, State::accepted,
     Action::pass | Action::stop_retransmit | Action::drop_kept | Action::start_m},
    {State::calling, Event::failure, State::completed,
     Action::pass | Action::stop_retransmit | Action::send_ack | Action::start_d},

    {State::proceeding, Event::provisional, State::proceeding, Action::pass},
    {State::proceeding, Event::success, State::accepted,
     Action::pass | Action::drop_kept | Action::start_m},
    {State::proceeding, Event::failure, State::completed,
     Action::pass | Action::send_ack | Action::start_d},

    {State::completed, Event::provisional, State::completed, Action::absorb},
    {State::completed, Event::success, State::completed, Action::absorb},
    {State::completed, Event::failure, State::completed, Action::absorb | Action::resend_ack},
    {State::completed, Event::timer_d, State::terminated},

    // Retransmitted 2xx and those of other branches of a fork: the user acknowledges each.
    {State::accepted, Event::success, State::accepted, Action::pass},
    {State::accepted, Event::provisional, State::accepted, Action::absorb},
    {State::accepted, Event::failure, State::accepted, Action::absorb},
    {State::accepted, Event::timer_m, State::terminated},
};
inline constexpr Table client_invite = table_of(client_invite_edges);

}  // namespace demarc::transaction
