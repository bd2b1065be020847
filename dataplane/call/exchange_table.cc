#include "dataplane/call/exchange_table.h"

namespace demarc::call {

std::string_view spelling(ExchangeState state) {
  switch (state) {
    case ExchangeState::waiting:
      return "waiting";
    case ExchangeState::proceeding:
      return "proceeding";
    case ExchangeState::cancel_waiting:
      return "cancel_waiting";
    case ExchangeState::cancelling:
      return "cancelling";
    case ExchangeState::answered:
      return "answered";
    case ExchangeState::settled:
      return "settled";
    case ExchangeState::orphaned:
      return "orphaned";
    case ExchangeState::ended:
      return "ended";
    case ExchangeState::count:
      break;
  }
  return "?";
}

std::string_view spelling(ExchangeEvent event) {
  switch (event) {
    case ExchangeEvent::provisional:
      return "provisional";
    case ExchangeEvent::success:
      return "success";
    case ExchangeEvent::failure:
      return "failure";
    case ExchangeEvent::no_response:
      return "no_response";
    case ExchangeEvent::cancel:
      return "cancel";
    case ExchangeEvent::ack:
      return "ack";
    case ExchangeEvent::patience:
      return "patience";
    case ExchangeEvent::call_ended:
      return "call_ended";
    case ExchangeEvent::count:
      break;
  }
  return "?";
}

}  // namespace demarc::call
