#include "dataplane/call/transfers/away_table.h"

namespace demarc::call::transfers {

std::string_view spelling(AwayState state) {
  switch (state) {
    case AwayState::asked:
      return "asked";
    case AwayState::away:
      return "away";
    case AwayState::gone:
      return "gone";
    case AwayState::leaving:
      return "leaving";
    case AwayState::free:
      return "free";
    case AwayState::count:
      break;
  }
  return "?";
}

std::string_view spelling(AwayEvent event) {
  switch (event) {
    case AwayEvent::joined:
      return "joined";
    case AwayEvent::joined_late:
      return "joined_late";
    case AwayEvent::refused:
      return "refused";
    case AwayEvent::forgotten:
      return "forgotten";
    case AwayEvent::time_over:
      return "time_over";
    case AwayEvent::count:
      break;
  }
  return "?";
}

}  // namespace demarc::call::transfers
