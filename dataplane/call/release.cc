#include <algorithm>

#include "dataplane/call/calls.h"
#include "dataplane/route/route.h"

namespace demarc::call {

using contract::CallEnd;
using contract::Duration;
using contract::TrunkCounter;
using memory::DatagramId;

namespace {

// What was agreed counts from now on, whatever was offered when the legs were counted in.
void weigh(Call& call, const contract::Region& region) {
  for (const Side side : {Side::in, Side::out}) {
    Leg& leg = call.leg(side);
    const uint32_t kbps = call.negotiation.kbps[index_of(side)];
    if (!leg.counted.is_set || leg.counted.kbps == 0 || kbps == 0) continue;
    route::weigh_leg(region, leg.trunk, leg.counted.kbps, kbps);
    leg.counted.kbps = kbps;
  }
}

}  // namespace

void Calls::finish(uint32_t slot, const Cause& cause, contract::Instant now) {
  Call& call = calls_[slot];
  static_cast<void>(cause);
  call.state = State::ended;
  transfers_.on_finish(slot, now);
  forget_shown(call);
  for (transaction::TimerId* timer : {&call.patience, &call.retransmit, &call.supervise}) {
    services_.timers.cancel(*timer);
  }
  // Whoever ended it, a 2xx is acknowledged (RFC 3261 section 13.2.2.4).
  if (call.owes_ack) send_ack(slot, {});
  acknowledge_owed(slot, Side::in);
  acknowledge_owed(slot, Side::out);
  end_exchanges(slot, now);
  for (const Side side : {Side::in, Side::out}) drop_digits(call, side);
  drop_all_early(slot);
  if (!call.ended.is_set()) call.ended = now;
  const bool is_recorded = write_record(slot, call.ended);
  if (!is_recorded) await_record_room(slot, call.ended);
  session_.close(call, now);
  if (!call.answered.is_set()) {
    if (call.transfer_part != contract::TransferPart::target) {
      trunk_counters(call.leg(Side::in).trunk).add(TrunkCounter::failed_in);
    }
    if (call.leg(Side::out).invite.is_set()) {
      trunk_counters(call.leg(Side::out).trunk).add(TrunkCounter::failed_out);
    }
  }
  leave_trunks(call);
  for (const Side side : {Side::in, Side::out}) {
    Leg& leg = call.leg(side);
    unindex_leg(slot, side);
    transfers_.forget(leg.origin);
    // What has its final response lives on for retransmissions, as nobody's. What has none would
    // wait for ever (RFC 3261 section 9.1: 64*T1 after a CANCEL it is destroyed).
    if (services_.transactions.is_pending(leg.invite)) {
      services_.transactions.abandon(leg.invite);
    } else if (services_.transactions.is_live(leg.invite)) {
      services_.transactions.set_user(leg.invite, 0);
    }
  }
  for (DatagramId* kept : {&call.response_head, &call.answer, &call.held_body, &call.held_fields,
                           &call.ack, &call.large, &call.sdp_sent[0], &call.sdp_sent[1]}) {
    drop(*kept);
  }
  end_search(call);
  if (is_recorded) return release_call(slot);
  // Nobody finds it any more, by whatever name.
  calls_.rename(slot);
}

void Calls::release_call(uint32_t slot) {
  calls_[slot].text.clear();
  media_ledger_.release(calls_[slot]);
  attempts_.release(calls_[slot].attempts);
  calls_.release(slot);
  static constexpr contract::DirectoryRow free_row;
  services_.region.directory(limits_.worker, contract::CallSlot{slot})
      .store_first(free_row, contract::directory_state_octets);
}

void Calls::leave_trunks(Call& call) {
  for (Leg& leg : call.legs) leave_trunk(leg);
}

void Calls::leave_trunk(Leg& leg) {
  if (!leg.counted.is_set) return;
  leg.counted.is_set = false;
  const auto direction = leg.counted.as == Side::in ? route::Direction::in : route::Direction::out;
  route::leave_leg(services_.region,
                   {leg.trunk, direction, false, leg.counted.prefix, leg.counted.kbps});
  trunk_counters(leg.trunk).add(TrunkCounter::live, ~uint64_t{0});
}

// An INVITE of ours that is not wanted any more: cancelled as soon as it may be, and ended if it is
// answered all the same.
void Calls::let_go(const transaction::TransactionId& id, contract::Instant now,
                   Exchange::Purpose purpose) {
  services_.transactions.set_user(id, 0);
  if (!services_.transactions.is_pending(id)) return;
  const uint32_t index = exchanges_.acquire();
  if (index == memory::no_index) {
    count(contract::WorkerCounter::exchange_pool_full);
    return services_.transactions.abandon(id);
  }
  Exchange& exchange = exchanges_[index];
  exchange = Exchange{};
  exchange.state = ExchangeState::cancel_waiting;
  exchange.purpose = purpose;
  exchange.method = sip::Method::invite;
  exchange.client = id;
  exchange.path = services_.transactions.path_of(id);
  exchange.trunk = services_.transactions.trunk_of(id);
  services_.transactions.set_user(id, user_of_exchange(index));
  services_.transactions.stop_repeating(id);
  if (services_.transactions.is_proceeding(id)) {
    apply_exchange(index, ExchangeEvent::provisional, nullptr, now);
  }
}

void Calls::on_expiry(const transaction::Layer::Expiry& expiry, contract::Instant now) {
  using Kind = transaction::Layer::Expiry::Kind;
  if (expiry.kind != Kind::no_response && expiry.kind != Kind::unreachable) return;
  if (is_exchange_user(expiry.user)) {
    const uint32_t index = expiry.user & ~exchange_mark;
    if (expiry.kind == Kind::unreachable && falls_back_to_udp(index, now)) return;
    if (exchanges_[index].is_invite()) {
      return apply_exchange(index, ExchangeEvent::no_response, nullptr, now);
    }
    return on_unanswered(index, now);
  }
  const LegRef leg = leg_of_user(expiry.user);
  if (!leg.is_set() || leg.side != Side::out) return;
  if (expiry.kind == Kind::unreachable && falls_back_to_udp(calls_[leg.slot])) {
    return apply(
        leg.slot,
        {Event::next_target, CallEnd::no_response, 503, nullptr, contract::AttemptEnd::unreachable},
        now);
  }
  if (expiry.kind == Kind::unreachable && transfers_.falls_back_to_udp(leg.slot, now)) return;
  note_silence(calls_[leg.slot], expiry.fault);
  // RFC 3261 section 8.1.3.1.
  const bool is_unreachable = expiry.kind == Kind::unreachable;
  const uint16_t status = is_unreachable ? 503 : 408;
  const auto left =
      is_unreachable ? contract::AttemptEnd::unreachable : contract::AttemptEnd::no_response;
  Call& call = calls_[leg.slot];
  const bool goes = goes_to_contact(call) ||
                    (is_unreachable ? goes_on(call, status)
                                    : goes_on(call, contract::FailoverTimeout::no_response));
  const Event event = goes ? Event::next_target : Event::no_response;
  apply(leg.slot, {event, CallEnd::no_response, status, nullptr, left}, now);
}

void Calls::on_timer(const transaction::TimerEvent& event, contract::Instant now) {
  const uint32_t subject = event.subject;
  const auto name = static_cast<CallTimer>(event.name);
  if (name == CallTimer::away) return transfers_.on_away_timer(subject, event.generation, now);
  if (name == CallTimer::early_repeat) {
    if (early_dialogs_.is_live(subject, event.generation)) repeat_progress(subject, now);
    return;
  }
  if (name == CallTimer::exchange_repeat || name == CallTimer::exchange_patience ||
      name == CallTimer::exchange_slow) {
    if (exchanges_.is_live(subject, event.generation)) on_exchange_timer(subject, name, now);
    return;
  }
  if (!calls_.is_live(subject, event.generation)) return;
  switch (name) {
    case CallTimer::failover:
      return on_failover(subject, now);
    case CallTimer::ring:
      return on_rung_long(subject, now);
    case CallTimer::cancel:
      return apply(subject, {Event::cancel_timeout, CallEnd::cancelled}, now);
    case CallTimer::ack:
      return apply(subject, {Event::ack_timeout, CallEnd::lost_peer}, now);
    case CallTimer::retransmit_answer:
      return retransmit_answer(subject, now);
    case CallTimer::farewell:
      return transfers_.on_farewell(subject, now);
    case CallTimer::tell:
      return transfers_.tell(subject, now);
    case CallTimer::tell_again:
      // What a joined peer has to be told first may have waited for this timer, too.
      if (calls_[subject].transfer == memory::no_index) return transfers_.tell(subject, now);
      return tell_untold(subject, now);
    default:
      return supervise(subject, now);
  }
}

void Calls::on_exchange_timer(uint32_t index, CallTimer name, contract::Instant now) {
  if (name == CallTimer::exchange_repeat) return repeat_exchange_answer(index, now);
  if (name == CallTimer::exchange_slow) return respond_exchange(index, 100, {}, false, now);
  apply_exchange(index, ExchangeEvent::patience, nullptr, now);
}

// Our 2xx goes out again until its ACK comes (RFC 3261 section 13.3.1.4). Over a connection it
// stays with that of the INVITE (section 18.2.2), whatever the peer has used since.
void Calls::retransmit_answer(uint32_t slot, contract::Instant now) {
  Call& call = calls_[slot];
  if (call.answer == DatagramId::none) return;
  const Leg& in = call.leg(Side::in);
  const bool is_bound = in.path.is_reliable() && services_.transactions.is_live(in.invite);
  const transaction::Path path = is_bound ? services_.transactions.path_of(in.invite) : in.path;
  static_cast<void>(services_.outbox.push({call.answer, path, in.trunk, true}));
  call.answer_interval = std::min(call.answer_interval * 2, in.timing.t2);
  start_call_timer(call.retransmit, CallTimer::retransmit_answer, slot, now + call.answer_interval);
}

// A trunk that left the configuration is a stranger, so nobody may end its calls from that side.
// Silence does; where that is not watched, they end after a while.
bool Calls::is_abandoned(Call& call, bool is_watched, contract::Instant now) const {
  const bool is_orphan = !snapshot_->has_trunk(call.leg(Side::in).trunk) ||
                         !snapshot_->has_trunk(call.leg(Side::out).trunk);
  if (!is_orphan) {
    call.orphaned = {};
  } else if (!call.orphaned.is_set()) {
    call.orphaned = now;
  }
  return is_orphan && !is_watched && now - call.orphaned >= Duration::seconds(60);
}

CallMedia Calls::media_of(const Call& call) const {
  CallMedia media;
  media.since = std::max(call.answered, call.agreed_at);
  media.audible_since = std::max(call.answered, call.audible_since);
  media.is_two_way = call.is_audible;
  for (const Side side : {Side::in, Side::out}) {
    PeerMedia& peer = media.peers[index_of(side)];
    peer.timeout = Duration::milliseconds(call.leg(side).media_timeout_ms);
    // While somebody else is called for it, a phone may have put its media away.
    const bool is_transferring = call.transfer != memory::no_index;
    peer.alone = is_transferring ? contract::SilentPeer::never : call.leg(side).silent_peer;
    for (const Stream& stream : call.streams) {
      if (!stream.is_open()) continue;
      const media::Table::Heard heard = services_.media.last_heard(stream.slots[index_of(side)]);
      peer.rtp = std::max(peer.rtp, heard.rtp);
      peer.rtcp = std::max(peer.rtcp, heard.rtcp);
      peer.has_to_send |= stream.has_to_send[index_of(side)];
      peer.is_two_way |= stream.has_to_send[0] && stream.has_to_send[1];
    }
  }
  return media;
}

// One timer for what all calls have each second and for what either leg may have in minutes.
void Calls::await_supervision(uint32_t slot) {
  Call& call = calls_[slot];
  contract::Instant due = call.supervised + Duration::seconds(1);
  for (const Leg& leg : call.legs) {
    if (leg.session_due.is_set()) due = std::min(due, leg.session_due);
  }
  start_call_timer(call.supervise, CallTimer::supervise, slot, due);
}

// Once a second: counts reach the trunks, the directory is current, silence ends the call. Sessions
// that are due are refreshed or given up.
void Calls::supervise(uint32_t slot, contract::Instant now) {
  Call& call = calls_[slot];
  call.supervised = now;
  for (const Side side : {Side::in, Side::out}) {
    contract::Instant& due = call.leg(side).session_due;
    if (!due.is_set() || now < due) continue;
    due = {};
    on_session_timer(slot, side, now);
    if (!is_call(slot)) return;
  }
  await_supervision(slot);
  if (call.answered.is_set()) weigh(call, services_.region);
  bool has_media = false;
  for (const Stream& stream : call.streams) {
    if (!stream.is_open()) continue;
    has_media = true;
    for (const auto& slots : stream.slots) services_.media.fold(slots);
  }
  const bool is_whole = call.state != State::waiting && !call.is_muted;
  const bool is_watched = is_whole && call.answered.is_set() && has_media;
  // What a 2xx that comes again would need is not needed any longer.
  if (call.ack != DatagramId::none && call.answered.is_set() &&
      now - call.answered > call.leg(Side::out).timing.timer_m() * 2) {
    drop(call.ack);
  }
  const CallMedia media = media_of(call);
  if (is_watched) {
    const std::optional<CallEnd> end = end_for_silence(media, now);
    if (end) return apply(slot, {Event::media_silent, *end}, now);
  }
  if (is_abandoned(call, is_watched && media.longest().ns != 0, now)) {
    return apply(slot, {Event::hang_up, CallEnd::released_by_us, 503}, now);
  }
  transfers_.expire_subscription(slot, now);
  write_row(slot);
}

bool Calls::hang_up(contract::CallSlot slot, uint64_t serial, contract::Instant now) {
  const uint32_t index = index_of(slot);
  if (!is_call(index) || calls_[index].serial != serial) return false;
  apply(index, {Event::hang_up, CallEnd::released_by_us, 503}, now);
  return true;
}

// The end of the process: a call whose peers do not answer still leaves its record.
bool Calls::drop(contract::CallSlot slot, uint64_t serial, contract::Instant now) {
  const uint32_t index = index_of(slot);
  if (!is_call(index) || calls_[index].serial != serial) return false;
  Call& call = calls_[index];
  // One that was being ended keeps the reason that it ended for.
  const bool is_ending = call.state == State::cancel_waiting || call.state == State::cancelling ||
                         call.state == State::releasing;
  if (!is_ending) call.end = CallEnd::released_by_us;
  finish(index, {Event::hang_up, call.end}, now);
  return true;
}

void Calls::start_timer(transaction::TimerId& id, CallTimer name, uint32_t subject,
                        uint32_t generation, contract::Instant due) {
  services_.timers.cancel(id);
  id = services_.timers.start(
      due, {transaction::TimerEvent::Owner::call, static_cast<uint8_t>(name), subject, generation});
}

void Calls::start_call_timer(transaction::TimerId& id, CallTimer name, uint32_t slot,
                             contract::Instant due) {
  start_timer(id, name, slot, calls_.generation(slot), due);
}

}  // namespace demarc::call
