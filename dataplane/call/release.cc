#include <algorithm>

#include "dataplane/call/calls.h"
#include "dataplane/route/route.h"

namespace demarc::call {

using contract::CallEnd;
using contract::Duration;
using contract::TrunkCounter;
using memory::DatagramId;

void Calls::finish(uint32_t slot, const Cause& cause, contract::Instant now) {
  Call& call = calls_[slot];
  static_cast<void>(cause);
  call.state = State::ended;
  services_.timers.cancel(call.patience);
  services_.timers.cancel(call.retransmit);
  services_.timers.cancel(call.supervise);
  write_record(slot, now);
  session_.close(call, now);
  const contract::TrunkId from = call.leg(Side::in).trunk;
  const contract::TrunkId to = call.leg(Side::out).trunk;
  if (!call.answered.is_set()) {
    trunk_counters(from).add(TrunkCounter::failed_in);
    if (call.leg(Side::out).invite.is_set()) trunk_counters(to).add(TrunkCounter::failed_out);
  }
  if (call.is_counted) {
    route::leave(services_.region, from, to);
    trunk_counters(from).add(TrunkCounter::live, ~uint64_t{0});
    trunk_counters(to).add(TrunkCounter::live, ~uint64_t{0});
  }
  for (const Side side : {Side::in, Side::out}) {
    Leg& leg = call.leg(side);
    unindex_leg(slot, side);
    // What has its final response lives on for retransmissions, as nobody's. What has none would
    // wait for ever (RFC 3261 section 9.1: 64*T1 after a CANCEL it is destroyed).
    if (services_.transactions.is_pending(leg.invite)) {
      services_.transactions.abandon(leg.invite);
    } else if (services_.transactions.is_live(leg.invite)) {
      services_.transactions.set_user(leg.invite, 0);
    }
  }
  services_.datagrams.release(call.response_head);
  services_.datagrams.release(call.answer);
  services_.datagrams.release(call.early_answer);
  calls_.release(slot);
  services_.region.directory(limits_.worker, contract::CallSlot{slot}).store({});
}

void Calls::on_expiry(const transaction::Layer::Expiry& expiry, contract::Instant now) {
  if (expiry.kind != transaction::Layer::Expiry::Kind::no_response) return;
  const LegRef leg = leg_of_user(expiry.user);
  if (!leg.is_set() || leg.side != Side::out) return;
  apply(leg.slot, {Event::no_response, CallEnd::no_response, 408}, now);
}

void Calls::on_timer(const transaction::TimerEvent& event, contract::Instant now) {
  const uint32_t slot = event.subject;
  if (!calls_.is_live(slot, event.generation)) return;
  switch (static_cast<CallTimer>(event.name)) {
    case CallTimer::ring:
      return apply(slot, {Event::ring_timeout, CallEnd::no_answer, 480}, now);
    case CallTimer::cancel:
      return apply(slot, {Event::cancel_timeout, CallEnd::cancelled}, now);
    case CallTimer::ack:
      return apply(slot, {Event::ack_timeout, CallEnd::lost_peer}, now);
    case CallTimer::retransmit_answer:
      return retransmit_answer(slot, now);
    case CallTimer::supervise:
      return supervise(slot, now);
  }
}

// Our 2xx goes out again until its ACK comes (RFC 3261 section 13.3.1.4).
void Calls::retransmit_answer(uint32_t slot, contract::Instant now) {
  Call& call = calls_[slot];
  if (call.answer == DatagramId::none) return;
  const Leg& in = call.leg(Side::in);
  static_cast<void>(services_.outbox.push({call.answer, in.path, in.trunk, true}));
  call.answer_interval = std::min(call.answer_interval * 2, in.timing.t2);
  start_timer(call.retransmit, CallTimer::retransmit_answer, slot, now + call.answer_interval);
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

// Once a second: counts reach the trunks, the directory is current, silence ends the call.
void Calls::supervise(uint32_t slot, contract::Instant now) {
  Call& call = calls_[slot];
  contract::Instant last_heard = call.answered;
  bool has_media = false;
  for (const Stream& stream : call.streams) {
    if (!stream.is_open()) continue;
    has_media = true;
    for (const auto& slots : stream.slots) {
      services_.media.fold(slots);
      last_heard = std::max(last_heard, services_.media.last_heard(slots));
    }
  }
  const Duration timeout = Duration::milliseconds(call.media_timeout_ms);
  const bool is_watched =
      call.answered.is_set() && has_media && call.is_audible && call.media_timeout_ms != 0;
  start_timer(call.supervise, CallTimer::supervise, slot, now + Duration::seconds(1));
  if (is_watched && now - last_heard > timeout) {
    return apply(slot, {Event::media_silent, CallEnd::media_silent}, now);
  }
  if (is_abandoned(call, is_watched, now)) {
    return apply(slot, {Event::hang_up, CallEnd::released_by_us, 503}, now);
  }
  write_row(slot);
}

bool Calls::hang_up(contract::CallSlot slot, uint64_t serial, contract::Instant now) {
  const uint32_t index = index_of(slot);
  if (!calls_.is_live(index) || calls_[index].serial != serial) return false;
  apply(index, {Event::hang_up, CallEnd::released_by_us, 503}, now);
  return true;
}

// The end of the process: a call whose peers do not answer still leaves its record.
bool Calls::drop(contract::CallSlot slot, uint64_t serial, contract::Instant now) {
  const uint32_t index = index_of(slot);
  if (!calls_.is_live(index) || calls_[index].serial != serial) return false;
  Call& call = calls_[index];
  // One that was being ended keeps the reason that it ended for.
  const bool is_ending = call.state == State::cancel_waiting || call.state == State::cancelling ||
                         call.state == State::releasing;
  if (!is_ending) call.end = CallEnd::released_by_us;
  finish(index, {Event::hang_up, call.end}, now);
  return true;
}

void Calls::start_timer(transaction::TimerId& id, CallTimer name, uint32_t slot,
                        contract::Instant due) {
  services_.timers.cancel(id);
  id = services_.timers.start(due, {transaction::TimerEvent::Owner::call,
                                    static_cast<uint8_t>(name), slot, calls_.generation(slot)});
}

}  // namespace demarc::call
