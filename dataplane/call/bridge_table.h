// The life of a call as a table: (state, event) -> (state, actions). Two legs: "in" called us,
// "out" is called by us (RFC 7092 section 3.1). What the actions mean stands in calls.cc; a unit
// test prints every edge.
#pragma once

#include <cstdint>
#include <string_view>

namespace demarc::call {

enum class State : uint8_t {
  trying,          // INVITE sent, nothing heard
  proceeding,      // a provisional response came
  held,            // 2xx acknowledged; a provisional response of ours waits for its PRACK first
  cancel_waiting,  // the caller is done; CANCEL waits for a provisional (RFC 3261 section 9.1)
  cancelling,      // CANCEL sent, the final response is awaited
  answered,        // 2xx passed to the caller, its ACK is awaited
  releasing,       // as answered, but over: the caller gets BYE after its ACK (section 15)
  confirmed,       // both legs are up
  waiting,         // the transferor has left, the transferee waits for the target (transfer.h)
  parted,          // the transferee is in another call; the transferor has not left yet
  ended,
  count,
};

enum class Event : uint8_t {
  trying_100,    // out: 100
  progress,      // out: 101..199
  answer,        // out: 2xx
  answer_held,   // the same, while SDP that the caller has waits for its PRACK (RFC 3262 section 3)
  failure,       // out: 3xx..6xx
  next_target,   // out: a response or timeout after which another target is tried
  no_response,   // out: timer B
  ring_timeout,  // no final response in the trunk's time, or no progress and no other target
  cancel_timeout,   // no final response to what we cancelled
  cancel,           // in: CANCEL, or BYE in the early dialog
  prack,            // in: the PRACK that a 2xx waits for
  prack_timeout,    // in: 64*T1 without one
  ack,              // in: ACK to our 2xx
  ack_timeout,      // in: 64*T1 without one
  bye_in,           // in: BYE
  bye_out,          // out: BYE
  hang_up,          // by command, by the end of a drain
  media_silent,     // no media from either side for the trunk's time
  session_expired,  // a peer did not refresh its session timer (RFC 4028)
  transferor_left,  // BYE of the peer whose transfer is under way
  transfer_failed,  // and nobody is there to whom the transferee could go back
  joined,           // the transferee is in another call from now on
  picked_up,        // in place of the phone that rings another one has the call (RFC 3891)
  farewell,         // the transferor had its time to leave, or knows all there is to know
  count,
};

enum Actions : uint16_t {
  no_action = 0,
  start_ring_timer = 1 << 0,  // unless it runs, or the failover timer goes before it
  pass_progress = 1 << 1,     // to the caller, with SDP when there is some
  pass_answer = 1 << 2,       // to the caller; its ACK is awaited from now on
  pass_failure = 1 << 3,      // to the caller
  refuse_in = 1 << 4,         // a final response of our own to the caller; the event says which
  cancel_out = 1 << 5,        // CANCEL, and a timer in case nothing comes of it
  ack_out = 1 << 6,           // learn the dialog from the 2xx and acknowledge it
  got_ack = 1 << 7,           // stop retransmitting our 2xx
  bye_in_leg = 1 << 8,        // send BYE to the caller
  bye_out_leg = 1 << 9,       // send BYE to the called
  finish = 1 << 10,           // record, give everything back
  try_next = 1 << 11,         // give up this target's INVITE, send one to the next
  hold_answer = 1 << 12,      // keep the 2xx's SDP until the PRACK
};

struct Step {
  State next = State::ended;
  uint16_t actions = no_action;
};

constexpr Step step(State state, Event event) {
  const Step stay{state, no_action};
  switch (state) {
    case State::trying:
    case State::proceeding:
      switch (event) {
        case Event::trying_100:
          return {State::proceeding, start_ring_timer};
        case Event::progress:
          return {State::proceeding, start_ring_timer | pass_progress};
        case Event::answer:
          return {State::answered, ack_out | pass_answer};
        case Event::answer_held:
          return {State::held, ack_out | hold_answer};
        case Event::picked_up:
          return {State::answered, pass_answer};
        case Event::next_target:
          return {State::trying, try_next};
        case Event::failure:
          return {State::ended, pass_failure | finish};
        case Event::no_response:
          return {State::ended, refuse_in | finish};
        case Event::ring_timeout:
        case Event::cancel:
        case Event::hang_up:
        case Event::prack_timeout:
          if (state == State::trying) return {State::cancel_waiting, refuse_in};
          return {State::cancelling, refuse_in | cancel_out};
        default:
          return stay;
      }
    case State::held:
      switch (event) {
        case Event::prack:
          return {State::answered, pass_answer};
        case Event::cancel:
        case Event::hang_up:
        case Event::prack_timeout:
          return {State::ended, refuse_in | bye_out_leg | finish};
        case Event::bye_out:
          return {State::ended, refuse_in | finish};
        default:
          return stay;
      }
    case State::cancel_waiting:
      switch (event) {
        case Event::trying_100:
        case Event::progress:
          return {State::cancelling, cancel_out};
        case Event::answer:
        case Event::answer_held:
          return {State::ended, ack_out | bye_out_leg | finish};
        case Event::failure:
        case Event::no_response:
          return {State::ended, finish};
        default:
          return stay;
      }
    case State::cancelling:
      switch (event) {
        case Event::answer:
        case Event::answer_held:
          return {State::ended, ack_out | bye_out_leg | finish};
        case Event::failure:
        case Event::no_response:
        case Event::cancel_timeout:
          return {State::ended, finish};
        default:
          return stay;
      }
    case State::answered:
      switch (event) {
        case Event::ack:
          return {State::confirmed, got_ack};
        case Event::ack_timeout:
          return {State::ended, bye_in_leg | bye_out_leg | finish};
        case Event::bye_in:
          return {State::ended, bye_out_leg | finish};
        case Event::bye_out:
          return {State::releasing, no_action};
        case Event::hang_up:
        case Event::media_silent:
        case Event::session_expired:
          return {State::releasing, bye_out_leg};
        default:
          return stay;
      }
    case State::releasing:
      switch (event) {
        case Event::ack:
        case Event::ack_timeout:
          return {State::ended, bye_in_leg | finish};
        case Event::bye_in:
          return {State::ended, finish};
        default:
          return stay;
      }
    case State::confirmed:
      switch (event) {
        case Event::bye_in:
          return {State::ended, bye_out_leg | finish};
        case Event::bye_out:
          return {State::ended, bye_in_leg | finish};
        case Event::hang_up:
        case Event::media_silent:
        case Event::session_expired:
          return {State::ended, bye_in_leg | bye_out_leg | finish};
        case Event::transferor_left:
          return {State::waiting, no_action};
        case Event::joined:
          return {State::parted, no_action};
        default:
          return stay;
      }
    case State::waiting:
      switch (event) {
        case Event::bye_in:
          return {State::ended, bye_out_leg | finish};
        case Event::bye_out:
          return {State::ended, bye_in_leg | finish};
        case Event::joined:
          return {State::parted, no_action};
        case Event::transfer_failed:
        case Event::hang_up:
        case Event::session_expired:
          return {State::ended, bye_in_leg | bye_out_leg | finish};
        default:
          return stay;
      }
    case State::parted:
      switch (event) {
        case Event::bye_in:
          return {State::ended, bye_out_leg | finish};
        case Event::bye_out:
          return {State::ended, bye_in_leg | finish};
        case Event::farewell:
        case Event::hang_up:
          return {State::ended, bye_in_leg | bye_out_leg | finish};
        default:
          return stay;
      }
    default:
      return stay;
  }
}

std::string_view spelling(State state);
std::string_view spelling(Event event);

}  // namespace demarc::call
