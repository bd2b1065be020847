#include "dataplane/call/bridge_table.h"

namespace demarc::call {

std::string_view spelling(State state) {
  switch (state) {
    case State::trying:
      return "trying";
    case State::proceeding:
      return "proceeding";
    case State::held:
      return "held";
    case State::cancel_waiting:
      return "cancel_waiting";
    case State::cancelling:
      return "cancelling";
    case State::answered:
      return "answered";
    case State::releasing:
      return "releasing";
    case State::confirmed:
      return "confirmed";
    case State::waiting:
      return "waiting";
    case State::parted:
      return "parted";
    case State::ended:
      return "ended";
    case State::count:
      break;
  }
  return "unknown";
}

std::string_view spelling(Event event) {
  switch (event) {
    case Event::trying_100:
      return "trying_100";
    case Event::progress:
      return "progress";
    case Event::answer:
      return "answer";
    case Event::answer_held:
      return "answer_held";
    case Event::next_target:
      return "next_target";
    case Event::prack:
      return "prack";
    case Event::prack_timeout:
      return "prack_timeout";
    case Event::session_expired:
      return "session_expired";
    case Event::transferor_left:
      return "transferor_left";
    case Event::transfer_failed:
      return "transfer_failed";
    case Event::joined:
      return "joined";
    case Event::picked_up:
      return "picked_up";
    case Event::farewell:
      return "farewell";
    case Event::failure:
      return "failure";
    case Event::no_response:
      return "no_response";
    case Event::ring_timeout:
      return "ring_timeout";
    case Event::cancel_timeout:
      return "cancel_timeout";
    case Event::cancel:
      return "cancel";
    case Event::ack:
      return "ack";
    case Event::ack_timeout:
      return "ack_timeout";
    case Event::bye_in:
      return "bye_in";
    case Event::bye_out:
      return "bye_out";
    case Event::hang_up:
      return "hang_up";
    case Event::media_silent:
      return "media_silent";
    case Event::count:
      break;
  }
  return "unknown";
}

}  // namespace demarc::call
