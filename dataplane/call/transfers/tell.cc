#include <algorithm>
#include <utility>

#include "dataplane/call/calls.h"
#include "dataplane/call/transfers/transfers.h"

namespace demarc::call::transfers {
namespace {

using contract::Duration;
using dialog::OfferState;
using memory::DatagramId;
using memory::no_index;
using sip::HeaderName;
using sip::Method;

// Offers of ours to one call since it was joined, those that had to be repeated included.
constexpr uint8_t max_tellings = 8;

}  // namespace

// What the peer of `side` said last: itself, where a codec policy chose the formats; else as it was
// printed for the other one, since formats and directions are the same in both. Of a joined call it
// was printed for somebody who is not there any more.
DatagramId Transfers::said_of(const Call& call, Side side) {
  const DatagramId said = call.said[index_of(side)];
  return said != DatagramId::none ? said : call.sdp_sent[index_of(other(side))];
}

// Whether a peer that was `shown` something, and said `own`, needs no offer of `other`.
bool Transfers::fits(DatagramId shown, DatagramId own, DatagramId other) const {
  for (const DatagramId one : {shown, own, other}) {
    if (one == DatagramId::none) return false;
  }
  const memory::DatagramPool& datagrams = calls_.services_.datagrams;
  return calls_.session_.fits(datagrams.octets(shown), datagrams.octets(own),
                              datagrams.octets(other));
}

// The peers of a joined call get an INVITE only when what they have does not fit: first the one
// that moved, with what the other one said, then the other, with what the first has answered.
void Transfers::tell(uint32_t slot, contract::Instant now) {
  if (!calls_.is_call(slot)) return;
  Call& call = calls_.calls_[slot];
  if (call.state != State::confirmed || call.transfer != no_index) return;
  for (const Side side : {call.told_first, other(call.told_first)}) {
    sip::Writer offer(calls_.extra_);
    if (!is_to_be_told(slot, side, offer)) continue;
    // One offer at a time, whoever made it (RFC 3264 section 4).
    const bool is_open = call.leg(Side::in).offer != OfferState::idle ||
                         call.leg(Side::out).offer != OfferState::idle;
    if (is_open || calls_.open_invite_of(call) != no_index) return tell_later(slot, side, now);
    if (++call.tellings > max_tellings) return calls_.lose_call(slot, 491, now);
    if (!send_offer(slot, side, offer.written(), now)) tell_later(slot, side, now);
    return;
  }
  // What a refresh changed meanwhile had to wait, and its timer may have been ours (tell_later).
  calls_.tell_untold(slot, now);
}

// `offer`: what the other side says, without the hold that is over.
bool Transfers::is_to_be_told(uint32_t slot, Side side, sip::Writer& offer) {
  Call& call = calls_.calls_[slot];
  const memory::DatagramPool& datagrams = calls_.services_.datagrams;
  const unsigned is = index_of(side);
  DatagramId& shown = call.shown[is];
  const DatagramId own = said_of(call, side);
  const DatagramId said = said_of(call, other(side));
  const bool is_open = call.is_stale[is] || shown != DatagramId::none;
  if (!is_open || own == DatagramId::none || said == DatagramId::none) return false;
  const DatagramId held = call.shown[1 - is];
  const std::string_view text = datagrams.octets(said);
  const bool is_restated =
      held != DatagramId::none && calls_.session_.restate(datagrams.octets(held), text, offer);
  if (!is_restated) offer = sip::Writer(calls_.extra_);
  if (!is_restated) offer.raw(text);
  if (call.is_stale[is]) return true;
  if (!calls_.session_.fits(datagrams.octets(shown), datagrams.octets(own), offer.written())) {
    return true;
  }
  calls_.drop(shown);
  return false;
}

bool Transfers::send_offer(uint32_t slot, Side side, std::string_view offer,
                           contract::Instant now) {
  Call& call = calls_.calls_[slot];
  const Side from = other(side);
  sip::Writer body(calls_.body_);
  const SessionResult result = calls_.session_.offer(calls_.session_of(slot, no_index), from, offer,
                                                     body, now, Session::Words::repeated);
  if (!calls_.is_offered(result)) {
    if (is_for_want_of_room(result)) return false;
    calls_.lose_call(slot, 488, now);
    return true;
  }
  // It is offered both ways where a hold is over, though that is what was agreed last.
  calls_.session_.keep_remotes(call.negotiation, from, Session::Directions::offered);
  const uint32_t index =
      calls_.take_exchange({slot, from, no_index}, Exchange::Purpose::telling, Method::invite);
  if (index == no_index) {
    calls_.session_.withdraw(call, call.negotiation, now);
    return false;
  }
  call.leg(from).offer = OfferState::received;
  call.leg(side).offer = OfferState::sent;
  Exchange& exchange = calls_.exchanges_[index];
  exchange.body = Exchange::Body::offer;
  exchange.offered = calls_.keep(body);
  sip::Writer extra(calls_.extra_);
  extra.field(HeaderName::supported, calls_.supported_of(call.leg(side).trunk));
  calls_.write_request_terms(call, side, extra);
  const Content content{.method = "INVITE",
                        .extra = extra.written(),
                        .content_type = sdp_content_type,
                        .body = body.written()};
  if (!calls_.send_request(index, side, content, now)) {
    calls_.withdraw_offer(slot, no_index, now);
    calls_.release_exchange(index);
    return false;
  }
  calls_.start_timer(exchange.patience, CallTimer::exchange_patience, index,
                     calls_.exchanges_.generation(index),
                     now + Duration::milliseconds(call.ring_timeout_ms));
  return true;
}

void Transfers::tell_later(uint32_t slot, Side side, contract::Instant now) {
  calls_.start_call_timer(calls_.calls_[slot].patience, CallTimer::tell, slot,
                          now + calls_.glare_pause(slot, side));
}

void Transfers::on_told(uint32_t index, const Received& response) {
  Exchange& exchange = calls_.exchanges_[index];
  const uint32_t slot = exchange.call;
  const Side side = other(exchange.from);
  Call& call = calls_.calls_[slot];
  Leg& leg = call.leg(side);
  static_cast<void>(
      dialog::refresh_target(leg.dialog, call.text, response.message, response.datagram));
  Calls::follow(leg, response);
  calls_.take_refreshed(slot, side, response);
  calls_.acknowledge_exchange(index, {});
  // Its ACK may be lost; the exchange stays to repeat it.
  exchange.state = ExchangeState::settled;
  calls_.start_timer(exchange.patience, CallTimer::exchange_patience, index,
                     calls_.exchanges_.generation(index), response.now + leg.timing.timer_h());
  sip::Writer body(calls_.body_);
  if (!calls_.answer_of_exchange(index, response, body)) {
    return calls_.lose_call(slot, 488, response.now);
  }
  // What goes to the other one under a codec policy is not what this one said; and who was told
  // first may send nothing that the second has not taken.
  const unsigned is = index_of(other(side));
  const bool is_chosen = call.negotiation.is_chosen;
  const bool is_first = side == call.told_first;
  const bool is_narrower =
      !is_first && exchange.offered != DatagramId::none &&
      calls_.session_.is_narrower(calls_.services_.datagrams.octets(exchange.offered),
                                  response.body());
  if (is_first ? is_chosen : is_narrower) {
    const DatagramId shown =
        call.shown[is] == DatagramId::none ? call.sdp_sent[is] : call.shown[is];
    DatagramId told = calls_.keep(body);
    call.is_stale[is] = call.is_stale[is] || !fits(shown, said_of(call, other(side)), told);
    calls_.drop(told);
    if (!call.is_stale[is]) calls_.drop(call.shown[is]);
  }
  calls_.agree(index);
  calls_.drop(call.said[index_of(side)]);
  call.said[index_of(side)] =
      calls_.services_.datagrams.keep(is_chosen ? response.body() : body.written());
  calls_.drop(call.shown[index_of(side)]);
  call.is_stale[index_of(side)] = false;
  tell(slot, response.now);
}

// Taken, it is what the peer has now, and nobody else has that session: it needs an offer whatever
// was said. Refused, it leaves the session as it was.
void Transfers::on_orphan_answered(uint32_t index, const Received& response) {
  Exchange& exchange = calls_.exchanges_[index];
  const uint32_t slot = exchange.call;
  const Side side = other(exchange.from);
  const uint16_t status = response.message.status_code;
  Call& call = calls_.calls_[slot];
  const unsigned is = index_of(side);
  call.leg(side).offer = OfferState::idle;
  if (status < 300) {
    static_cast<void>(dialog::refresh_target(call.leg(side).dialog, call.text, response.message,
                                             response.datagram));
    calls_.take_refreshed(slot, side, response);
    call.is_stale[is] = true;
    if (exchange.offered != DatagramId::none) {
      calls_.drop(call.sdp_sent[is]);
      std::swap(call.sdp_sent[is], exchange.offered);
      calls_.drop(call.shown[is]);
      call.shown[is] = call.sdp_sent[is];
      calls_.services_.datagrams.hold(call.shown[is]);
    }
    if (has_sdp(response)) {
      calls_.drop(call.said[is]);
      call.said[is] = calls_.services_.datagrams.keep(response.body());
      take_lines(call, side, response);
    }
  }
  calls_.release_exchange(index);
  if (status == 481 || status == 408) return calls_.lose_call(slot, status, response.now);
  tell(slot, response.now);
}

// The session of that peer has the m-lines of an answer of its that nobody waits for.
void Transfers::take_lines(Call& call, Side side, const Received& answer) {
  const unsigned lines = std::min<unsigned>(Session::count_lines(answer.body()), sdp::max_media);
  uint8_t& agreed = call.negotiation.agreed_count[index_of(side)];
  agreed = std::max(agreed, static_cast<uint8_t>(lines));
}

void Transfers::on_not_told(uint32_t index, uint16_t status_code, contract::Instant now) {
  const uint32_t slot = calls_.exchanges_[index].call;
  const Side side = other(calls_.exchanges_[index].from);
  if (slot != no_index) calls_.withdraw_offer(slot, no_index, now);
  calls_.release_exchange(index);
  if (slot == no_index) return;
  // Glare: the peer has an INVITE of its own under way (RFC 3261 section 14.1).
  if (status_code == 491 || status_code == 500) return tell_later(slot, side, now);
  calls_.lose_call(slot, status_code, now);
}

}  // namespace demarc::call::transfers
