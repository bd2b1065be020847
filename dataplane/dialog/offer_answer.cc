#include "dataplane/dialog/offer_answer.h"

namespace demarc::dialog {

std::string_view spelling(OfferState state) {
  switch (state) {
    case OfferState::idle:
      return "idle";
    case OfferState::sent:
      return "sent";
    case OfferState::received:
      return "received";
    case OfferState::count:
      break;
  }
  return "?";
}

std::string_view spelling(OfferEvent event) {
  switch (event) {
    case OfferEvent::send_offer:
      return "send_offer";
    case OfferEvent::receive_offer:
      return "receive_offer";
    case OfferEvent::send_answer:
      return "send_answer";
    case OfferEvent::receive_answer:
      return "receive_answer";
    case OfferEvent::withdraw:
      return "withdraw";
    case OfferEvent::count:
      break;
  }
  return "?";
}

std::string_view spelling(OfferVerdict verdict) {
  switch (verdict) {
    case OfferVerdict::ok:
      return "ok";
    case OfferVerdict::glare:
      return "glare";
    case OfferVerdict::busy:
      return "busy";
    case OfferVerdict::unexpected:
      return "unexpected";
  }
  return "?";
}

}  // namespace demarc::dialog
