// The life of a transfer as a table: (state, event) -> (state, actions). "call" is the one whose
// peer transfers, "target" the one that is made for it (transfer.h). What the actions mean stands
// in transfer.cc; a unit test prints every edge, and tests/models/transfer.pml is searched by it.
#pragma once

#include <cstdint>
#include <string_view>

namespace demarc::call::transfers {

enum class TransferState : uint8_t {
  calling,    // the target is called; the call goes on as it was
  joining,    // the target has answered; an INVITE within the call has to be over first
  reporting,  // all is decided; the transferor has not confirmed the last NOTIFY
  ended,
  count,
};

enum class TransferEvent : uint8_t {
  progress,      // target: 101..199
  answer,        // target: 2xx, and no INVITE is under way within the call
  answer_held,   // target: 2xx, and there is one
  call_is_free,  // it is over
  target_ended,  // refused, cancelled, hung up before it was joined
  call_ended,
  reported,  // the last NOTIFY is answered, or there is nobody to answer it
  count,
};

enum TransferActions : uint8_t {
  no_transfer_action = 0,
  report_progress = 1 << 0,
  report_success = 1 << 1,
  report_failure = 1 << 2,
  join = 1 << 3,         // the transferee gets the target's peer instead of the transferor
  restore = 1 << 4,      // the call goes on, or ends when the transferor has left it
  drop_target = 1 << 5,  // CANCEL or BYE to whoever was called
  end_transfer = 1 << 6,
};

struct TransferStep {
  TransferState next = TransferState::ended;
  uint8_t actions = no_transfer_action;
};

constexpr TransferStep transfer_step(TransferState state, TransferEvent event) {
  using S = TransferState;
  const TransferStep stay{state, no_transfer_action};
  switch (state) {
    case S::calling:
    case S::joining:
      switch (event) {
        case TransferEvent::progress:
          if (state == S::joining) return stay;
          return {S::calling, report_progress};
        case TransferEvent::answer_held:
          return {S::joining, no_transfer_action};
        case TransferEvent::answer:
        case TransferEvent::call_is_free:
          if (state == S::calling && event == TransferEvent::call_is_free) return stay;
          return {S::reporting, join | report_success};
        case TransferEvent::target_ended:
          return {S::reporting, restore | report_failure};
        case TransferEvent::call_ended:
          return {S::ended, drop_target | end_transfer};
        default:
          return stay;
      }
    case S::reporting:
      switch (event) {
        case TransferEvent::reported:
        case TransferEvent::call_ended:
          return {S::ended, end_transfer};
        default:
          return stay;
      }
    default:
      return stay;
  }
}

std::string_view spelling(TransferState state);
std::string_view spelling(TransferEvent event);

}  // namespace demarc::call::transfers
