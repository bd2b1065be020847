#include "dataplane/call/transfers/transfer_table.h"

namespace demarc::call::transfers {

std::string_view spelling(TransferState state) {
  switch (state) {
    case TransferState::calling:
      return "calling";
    case TransferState::joining:
      return "joining";
    case TransferState::reporting:
      return "reporting";
    case TransferState::ended:
      return "ended";
    case TransferState::count:
      break;
  }
  return "?";
}

std::string_view spelling(TransferEvent event) {
  switch (event) {
    case TransferEvent::progress:
      return "progress";
    case TransferEvent::answer:
      return "answer";
    case TransferEvent::answer_held:
      return "answer_held";
    case TransferEvent::call_is_free:
      return "call_is_free";
    case TransferEvent::target_ended:
      return "target_ended";
    case TransferEvent::call_ended:
      return "call_ended";
    case TransferEvent::reported:
      return "reported";
    case TransferEvent::count:
      break;
  }
  return "?";
}

}  // namespace demarc::call::transfers
