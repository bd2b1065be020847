// The life of an INVITE that crosses a confirmed call, or that was given up, as a table: (state,
// event) -> (state, actions). "from" is the leg whose peer sent it, "to" the other one. A unit test
// prints every edge.
#pragma once

#include <cstdint>
#include <string_view>

namespace demarc::call {

enum class ExchangeState : uint8_t {
  waiting,         // sent on, nothing heard
  proceeding,      // a provisional response came
  cancel_waiting,  // given up; CANCEL waits for a provisional (RFC 3261 section 9.1)
  cancelling,      // CANCEL sent, the final response is awaited
  answered,        // 2xx passed on, its ACK is awaited
  settled,         // acknowledged on both sides; only repeated 2xx may come
  orphaned,        // the call is over; the final response is awaited
  ended,
  count,
};

enum class ExchangeEvent : uint8_t {
  provisional,  // to: 1xx
  success,      // to: 2xx
  failure,      // to: 3xx..6xx
  no_response,  // to: timer B
  cancel,       // from: CANCEL
  ack,          // from: ACK to our 2xx
  patience,     // the time of the state is over
  call_ended,
  count,
};

enum ExchangeActions : uint16_t {
  no_exchange_action = 0,
  pass_provisional = 1 << 0,
  pass_success = 1 << 1,  // acknowledged towards `to` at once, unless its offer waits for an answer
  pass_rejection = 1 << 2,
  give_up = 1 << 3,      // 408 to `from`
  send_cancel = 1 << 4,  // to `to`, and the time that it has
  pass_ack = 1 << 5,     // stop repeating the 2xx; the answer in the ACK goes on
  repeat_ack = 1 << 6,   // its ACK was lost
  refuse_from = 1 << 7,  // 487 to `from`
  settle = 1 << 8,       // ACK, and BYE: nobody wants it any more
  lose_call = 1 << 9,    // BYE to both
  end_exchange = 1 << 10,
};

struct ExchangeStep {
  ExchangeState next = ExchangeState::ended;
  uint16_t actions = no_exchange_action;
};

constexpr ExchangeStep exchange_step(ExchangeState state, ExchangeEvent event) {
  using S = ExchangeState;
  const ExchangeStep stay{state, no_exchange_action};
  const bool is_given_up = state == S::cancel_waiting || state == S::cancelling;
  switch (state) {
    case S::waiting:
    case S::proceeding:
    case S::cancel_waiting:
    case S::cancelling:
      switch (event) {
        case ExchangeEvent::provisional:
          if (state == S::cancel_waiting) return {S::cancelling, send_cancel};
          if (is_given_up) return stay;
          return {S::proceeding, pass_provisional};
        case ExchangeEvent::success:
          return {S::answered, pass_success};
        case ExchangeEvent::failure:
          return {S::ended, pass_rejection | end_exchange};
        case ExchangeEvent::no_response:
          return {S::ended, give_up | end_exchange};
        case ExchangeEvent::cancel:
        case ExchangeEvent::patience:
          // Without any response timer B ends it, and not before: until then it is pending at the
          // peer, and another INVITE must not come beside it (RFC 3261 section 14.1).
          if (state == S::cancelling && event == ExchangeEvent::patience) {
            return {S::ended, give_up | end_exchange};
          }
          if (is_given_up) return stay;
          if (state == S::waiting) return {S::cancel_waiting, no_exchange_action};
          return {S::cancelling, send_cancel};
        case ExchangeEvent::call_ended:
          return {S::orphaned, refuse_from};
        default:
          return stay;
      }
    case S::answered:
      switch (event) {
        case ExchangeEvent::success:
          return {S::answered, repeat_ack};
        case ExchangeEvent::ack:
          return {S::settled, pass_ack};
        case ExchangeEvent::patience:
          return {S::ended, lose_call | end_exchange};
        case ExchangeEvent::call_ended:
          return {S::ended, end_exchange};
        default:
          return stay;
      }
    case S::settled:
      switch (event) {
        case ExchangeEvent::success:
          return {S::settled, repeat_ack};
        case ExchangeEvent::patience:
        case ExchangeEvent::call_ended:
          return {S::ended, end_exchange};
        default:
          return stay;
      }
    case S::orphaned:
      switch (event) {
        case ExchangeEvent::success:
          return {S::ended, settle | end_exchange};
        case ExchangeEvent::failure:
        case ExchangeEvent::no_response:
        case ExchangeEvent::patience:
          return {S::ended, end_exchange};
        default:
          return stay;
      }
    default:
      return stay;
  }
}

std::string_view spelling(ExchangeState state);
std::string_view spelling(ExchangeEvent event);

}  // namespace demarc::call
