// Offer/answer on one leg as a table: (state, event) -> (state, verdict). RFC 3264 section 4, RFC
// 6337 section 2. Pure; call/ asks it before an SDP crosses to the other leg. A unit test prints
// every edge.
#pragma once

#include <cstdint>
#include <string_view>

namespace demarc::dialog {

enum class OfferState : uint8_t {
  idle,      // no offer is open; the last one is answered or refused
  sent,      // we offered, the peer has not answered
  received,  // the peer offered, we have not answered
  count,
};

enum class OfferEvent : uint8_t {
  send_offer,
  receive_offer,
  send_answer,
  receive_answer,
  withdraw,  // the request with the offer failed: the session stays as it was
  count,
};

enum class OfferVerdict : uint8_t {
  ok,
  glare,       // the peer offers while ours is open: 491 (RFC 3261 section 14.2, RFC 3311)
  busy,        // the peer offers again before we answered: 500 with Retry-After
  unexpected,  // an answer to nothing, or an offer of ours that has to wait
};

struct OfferStep {
  OfferState next = OfferState::idle;
  OfferVerdict verdict = OfferVerdict::ok;
};

constexpr OfferStep offer_step(OfferState state, OfferEvent event) {
  switch (event) {
    case OfferEvent::send_offer:
      if (state == OfferState::idle) return {OfferState::sent, OfferVerdict::ok};
      return {state, OfferVerdict::unexpected};
    case OfferEvent::receive_offer:
      if (state == OfferState::idle) return {OfferState::received, OfferVerdict::ok};
      return {state, state == OfferState::sent ? OfferVerdict::glare : OfferVerdict::busy};
    case OfferEvent::send_answer:
      if (state == OfferState::received) return {OfferState::idle, OfferVerdict::ok};
      return {state, OfferVerdict::unexpected};
    case OfferEvent::receive_answer:
      if (state == OfferState::sent) return {OfferState::idle, OfferVerdict::ok};
      return {state, OfferVerdict::unexpected};
    default:
      return {OfferState::idle, OfferVerdict::ok};
  }
}

std::string_view spelling(OfferState state);
std::string_view spelling(OfferEvent event);
std::string_view spelling(OfferVerdict verdict);

}  // namespace demarc::dialog
