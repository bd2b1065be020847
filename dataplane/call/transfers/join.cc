#include <algorithm>

#include "dataplane/call/calls.h"
#include "dataplane/call/transfers/dialog_texts.h"
#include "dataplane/call/transfers/transfers.h"
#include "dataplane/route/admission.h"

namespace demarc::call::transfers {
namespace {

using contract::CallEnd;
using contract::Duration;
using memory::DatagramId;
using memory::no_index;

// How long the transferor may take to its BYE once it knows that the transfer is done.
constexpr Duration farewell_time = Duration::seconds(5);

// Of a joined call whose two have never answered one another, and between whom a policy may choose:
// who is offered what the other one said. A trunk that adds formats makes of it something that its
// peer can answer.
Side told_first(const contract::Snapshot& snapshot, const Call& call, Side moved) {
  const auto adds = [&](Side side) {
    const contract::TrunkId trunk = call.leg(side).trunk;
    return snapshot.has_trunk(trunk) && snapshot.trunk(trunk).media.codecs.added != 0;
  };
  const bool is_moved = call.is_stale[index_of(moved)] || (adds(moved) && !adds(other(moved)));
  return is_moved ? moved : other(moved);
}

}  // namespace

// The leg `from` takes the place of the leg `to`, with all that the peer knows of it. The text of
// the call is packed anew, since what the other leg had there is not needed any more. False, and
// nothing has changed and nobody heard of it, when it does not fit. The record of the call that it
// leaves is written first.
bool Transfers::move_leg(const Move& move, contract::Instant now) {
  Call& source = calls_.calls_[move.from.slot];
  Call& dest = calls_.calls_[move.to.slot];
  const unsigned was = index_of(move.from.side);
  const unsigned is = index_of(move.to.side);
  dialog::TextBlock packed;
  packed.open(calls_.texts_);
  dialog::Dialog moving = source.legs[was].dialog;
  dialog::Dialog kept = dest.legs[1 - is].dialog;
  Span notes[] = {dest.calling,     dest.called,       dest.called_sent,    dest.referred_by,
                  dest.referred_to, dest.calling_sent, dest.on_route().name};
  Span names[2] = {dest.trunk_names[0], dest.trunk_names[1]};
  each_text(moving, [&](Span& span) { span = packed.put(source.text.get(span)); });
  each_text(kept, [&](Span& span) { span = packed.put(dest.text.get(span)); });
  for (Span& span : notes) span = packed.put(dest.text.get(span));
  names[is] = packed.put(source.text.get(source.trunk_names[was]));
  names[1 - is] = packed.put(dest.text.get(names[1 - is]));
  if (packed.is_full()) {
    packed.clear();
    return false;
  }

  end_carried({move.from.slot, other(move.from.side)}, now);
  end_carried(move.to, now);
  // Of a leg that is there already, its peer is not needed any more.
  calls_.send_bye(move.to.slot, move.to.side, now);
  drop_settled(move.to.slot, move.to.side);
  source.end = CallEnd::transferred;
  source.ended = now;
  // Where the ring is full that is made up for when the rest of the call ends.
  source.is_recorded = calls_.write_record(move.from.slot, now);
  calls_.unindex_leg(move.from.slot, move.from.side);
  calls_.unindex_leg(move.to.slot, move.to.side);
  calls_.leave_trunk(dest.legs[is]);
  forget(dest.legs[is].origin);
  calls_.services_.transactions.set_user(dest.legs[is].invite, 0);

  Leg moved = source.legs[was];
  moved.dialog = moving;
  const contract::TrunkId trunk = moved.trunk;
  moved.is_indexed = false;
  // Whoever was hidden from the one or from the other stays so.
  moved.identity = std::max(moved.identity, dest.legs[is].identity);
  dest.text.take(packed);
  dest.legs[is] = moved;
  dest.legs[1 - is].dialog = kept;
  dest.calling = notes[0];
  dest.called = notes[1];
  dest.called_sent = dest.called_routed = notes[2];
  // Of an INVITE that goes nowhere any more.
  dest.calling_routed = dest.called_ruled = {};
  dest.referred_by = notes[3];
  dest.referred_to = notes[4];
  dest.calling_sent = notes[5];
  Routed& routed = dest.routed[dest.route];
  routed.called = dest.called_routed;
  routed.name = notes[6];
  routed.shown = {};
  dest.trunk_names[0] = names[0];
  dest.trunk_names[1] = names[1];
  dest.sdp_id[is] = source.sdp_id[was];
  dest.sdp_version[is] = source.sdp_version[was];
  dest.sdp_hash[is] = source.sdp_hash[was];
  dest.must_relay = dest.must_relay || source.must_relay;
  dest.agreed_at = dest.audible_since = now;
  for (DatagramId* kept_text : {&dest.sdp_sent[is], &source.ack, &dest.ack}) {
    calls_.drop(*kept_text);
  }
  std::swap(dest.sdp_sent[is], source.sdp_sent[was]);
  source.legs[was] = Leg{};
  source.legs[was].trunk = trunk;
  calls_.index_leg(move.to.slot, move.to.side);
  // A 2xx that comes again finds its leg here (on_response).
  calls_.services_.transactions.set_user(moved.invite, Calls::user_of(move.to));
  // Its peer was not asked: the session is as old as it was there.
  calls_.start_session_timer(move.to.slot, move.to.side, moved.session_began);
  return true;
}

// An INVITE of ours to that leg may still have its 2xx come again, and must be there to acknowledge
// it; an offer that is open there is to be over before the next one.
void Transfers::move_exchanges(const Move& move) {
  Call& source = calls_.calls_[move.from.slot];
  Call& dest = calls_.calls_[move.to.slot];
  for (uint32_t* link = &source.first_exchange; *link != no_index;) {
    const uint32_t index = *link;
    Exchange& exchange = calls_.exchanges_[index];
    const bool is_settled = exchange.is_invite() && exchange.state == ExchangeState::settled;
    const bool is_orphan = exchange.purpose == Exchange::Purpose::orphaned;
    const bool is_moved = (is_settled || is_orphan) && exchange.from == other(move.from.side);
    if (!is_moved) {
      link = &exchange.next;
      continue;
    }
    *link = exchange.next;
    exchange.next = dest.first_exchange;
    dest.first_exchange = index;
    exchange.call = move.to.slot;
    exchange.from = other(move.to.side);
    if (is_orphan) continue;
    // Nobody's ACK belongs to it any more.
    exchange.purpose = Exchange::Purpose::refresh;
    calls_.services_.transactions.set_user(exchange.server, 0);
    exchange.server = {};
  }
}

// What else was under way between the two peers has nobody to go to. Only the dialog of the one who
// leaves is over, with what is open there; the other one's goes on, and 481 would end it (decision
// D113).
void Transfers::end_carried(const LegRef& leaver, contract::Instant now) {
  Call& call = calls_.calls_[leaver.slot];
  for (const Side side : {Side::in, Side::out}) calls_.drop_digits(call, side);
  for (uint32_t i = call.first_exchange; i != no_index;) {
    const uint32_t next = calls_.exchanges_[i].next;
    const Exchange& exchange = calls_.exchanges_[i];
    const bool is_orphan = exchange.purpose == Exchange::Purpose::orphaned;
    if (is_orphan && other(exchange.from) == leaver.side) {
      call.leg(leaver.side).offer = dialog::OfferState::idle;
      calls_.release_exchange(i);
      i = next;
      continue;
    }
    const bool is_carried =
        !exchange.is_invite() && exchange.purpose != Exchange::Purpose::notify && !is_orphan;
    if (is_carried) {
      const bool is_offer = exchange.body == Exchange::Body::offer;
      if (is_offer) calls_.withdraw_offer(leaver.slot, exchange.early, now);
      const uint16_t status = exchange.from == leaver.side ? 481 : is_offer ? 491 : 500;
      calls_.respond_exchange(i, status, {}, false, now);
      if (is_offer && exchange.from == leaver.side) {
        orphan(i);
        i = next;
        continue;
      }
      const bool is_refresh = exchange.purpose == Exchange::Purpose::refresh;
      const Side refreshed = other(exchange.from);
      calls_.release_exchange(i);
      // It is due as before, if its peer stays.
      if (is_refresh) {
        calls_.start_session_timer(leaver.slot, refreshed, call.leg(refreshed).session_began);
      }
    }
    i = next;
  }
}

// The offer of an UPDATE is open at the one who stays until it is answered, and no other may come
// beside it (RFC 3311 section 5.1). Until then its leg counts as offered to.
void Transfers::orphan(uint32_t index) {
  Exchange& exchange = calls_.exchanges_[index];
  exchange.purpose = Exchange::Purpose::orphaned;
  exchange.body = Exchange::Body::none;
  exchange.early = no_index;
  calls_.services_.timers.cancel(exchange.patience);
  calls_.services_.transactions.set_user(exchange.server, 0);
  exchange.server = {};
  calls_.calls_[exchange.call].leg(other(exchange.from)).offer = dialog::OfferState::sent;
}

// Both talked past us, each with somebody else: these two may not. Of a trunk that left nothing is
// known, and no port of its realm is to be had.
bool Transfers::must_part(const Call& call) const {
  const contract::Snapshot& snapshot = *calls_.snapshot_;
  const contract::TrunkId in = call.leg(Side::in).trunk;
  const contract::TrunkId out = call.leg(Side::out).trunk;
  return snapshot.has_trunk(in) && snapshot.has_trunk(out) && !route::may_bypass(snapshot, in, out);
}

// A leg of a call takes the place of one in another, and its peer talks to the peer that is there.
// Neither hears of it unless what it negotiated does not fit (decision D23).
bool Transfers::join(const Move& move, contract::Instant now) {
  Call& source = calls_.calls_[move.from.slot];
  Call& dest = calls_.calls_[move.to.slot];
  const unsigned is = index_of(move.to.side);
  // What each said, and was told last, in words for whom it talked to.
  DatagramId said[2], shown[2];
  said[is] = said_of(source, move.from.side);
  shown[is] = source.sdp_sent[index_of(move.from.side)];
  said[1 - is] = said_of(dest, other(move.to.side));
  shown[1 - is] = dest.sdp_sent[1 - is];
  // Under a codec policy the target was called with what the one who comes has said, and answered
  // that: in words of its own, so that it is compared as it was printed for that one. What it
  // answered to somebody else says nothing of this one.
  const bool is_under_policy = dest.negotiation.was_chosen;
  const bool is_chosen = is_under_policy && dest.is_muted;
  const bool is_for_another = is_under_policy && !dest.is_muted;
  const bool is_fit = is_chosen && fits(shown[is], said[is], dest.sdp_sent[is]);
  for (const DatagramId one : {said[0], said[1], shown[0], shown[1]}) {
    if (one != DatagramId::none) calls_.services_.datagrams.hold(one);
  }
  if (!move_leg(move, now)) {
    for (DatagramId* one : {&said[0], &said[1], &shown[0], &shown[1]}) calls_.drop(*one);
    return false;
  }
  move_exchanges(move);
  calls_.forget_shown(dest);
  // Who talked past us, or to ports of another worker, must hear where the other one is.
  // So must who was to hear of somebody else, and has not yet.
  dest.is_stale[is] = source.is_stale[index_of(move.from.side)] || source.is_bypassed ||
                      source.is_visiting || dest.is_bypassed || (is_chosen && !is_fit);
  dest.is_stale[1 - is] = dest.is_stale[1 - is] || dest.is_bypassed;
  dest.is_bypassed = dest.is_bypassed && source.is_bypassed && !must_part(dest);
  for (unsigned i = 0; i < 2; ++i) {
    dest.said[i] = said[i];
    dest.shown[i] = shown[i];
  }
  if (is_chosen) calls_.drop(dest.shown[1 - is]);
  if (is_fit && !dest.is_stale[is]) calls_.drop(dest.shown[is]);
  dest.told_first = move.to.side;
  dest.tellings = 0;
  calls_.session_.join({source, move.from.side, dest, move.to.side,
                        contract::CallSlot{move.to.slot}, *calls_.snapshot_},
                       now);
  if (is_for_another) {
    dest.told_first = told_first(*calls_.snapshot_, dest, move.to.side);
    dest.is_stale[index_of(dest.told_first)] = true;
    // Neither may be sent what was chosen for the one who left.
    calls_.session_.mute(dest, now);
  }
  return true;
}

// What is left of a call is the leg of the transferor, which has its time to go.
void Transfers::part(uint32_t slot, Side transferor, contract::Instant now) {
  Call& call = calls_.calls_[slot];
  calls_.session_.close(call, now);
  const Duration time =
      call.state == State::waiting ? call.leg(transferor).timing.t1 * 64 : farewell_time;
  calls_.apply(slot, {Event::joined, CallEnd::transferred}, now);
  calls_.start_call_timer(call.patience, CallTimer::farewell, slot, now + time);
}

// The target has answered. When the two do not go together it is given up, as if it had refused.
void Transfers::join_target(uint32_t index, contract::Instant now) {
  Transfer& transfer = transfers_[index];
  if (transfer.away != no_index) return leave(index, now);
  const uint32_t slot = transfer.target;
  Call& call = calls_.calls_[transfer.call];
  Call& target = calls_.calls_[slot];
  const Side transferee = other(transfer.transferor);
  const Move move{{transfer.call, transferee}, {slot, transfer.target_side}};
  call.transfer_status = target.transfer_status = 200;
  if (transfer.kind == Transfer::Kind::replaces) return take_lent(index, now);
  // Of an attended transfer: the transferor's other leg, which nobody needs any more.
  const bool is_named = target.leg(transfer.target_side).dialog.state == dialog::State::confirmed;
  if (!join(move, now)) {
    transfer.final_status = call.transfer_status = target.transfer_status = 500;
    transfer.target = no_index;
    target.transfer = no_index;
    if (!is_named) calls_.apply(slot, {Event::hang_up, CallEnd::failed, 500}, now);
    return restore(transfer, now);
  }
  transfer.target = no_index;
  target.transfer = no_index;
  part(transfer.call, transfer.transferor, now);
  tell(slot, now);
  // What it had to be told may have ended it.
  if (calls_.is_call(slot)) calls_.write_row(slot);
}

}  // namespace demarc::call::transfers
