#include "dataplane/call/calls.h"

namespace demarc::call {
namespace {

using contract::CallEnd;
using memory::no_index;

// RFC 3326 section 2: so that the phone lists no missed call.
constexpr std::string_view taken_elsewhere =
    "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n";

}  // namespace

void Calls::cancel_exchange(uint32_t index, contract::Instant now) {
  Exchange& exchange = exchanges_[index];
  Leg leg;
  if (exchange.call != no_index) {
    leg = calls_[exchange.call].leg(other(exchange.from));
  } else {
    leg.path = exchange.path;
    leg.trunk = exchange.trunk;
    leg.timing = transaction::timing_of(snapshot_->trunk(exchange.trunk));
  }
  const bool is_taken = exchange.purpose == Exchange::Purpose::taken_elsewhere;
  cancel_invite(exchange.client, leg, now, nullptr, is_taken ? taken_elsewhere : "");
  start_timer(exchange.patience, CallTimer::exchange_patience, index, exchanges_.generation(index),
              now + leg.timing.t1 * 64);
}

void Calls::release_exchange(uint32_t index) {
  Exchange& exchange = exchanges_[index];
  if (exchange.call != no_index) {
    uint32_t* link = &calls_[exchange.call].first_exchange;
    while (*link != index) link = &exchanges_[*link].next;
    *link = exchange.next;
  }
  services_.timers.cancel(exchange.repeat);
  services_.timers.cancel(exchange.patience);
  drop(exchange.head);
  drop(exchange.offered);
  drop(exchange.words);
  drop(exchange.large);
  drop(exchange.referral);
  drop(exchange.answer);
  drop(exchange.ack);
  // What is not answered by now never ends by itself (RFC 3261 section 9.1).
  if (services_.transactions.is_pending(exchange.client)) {
    services_.transactions.abandon(exchange.client);
  }
  services_.transactions.set_user(exchange.client, 0);
  services_.transactions.set_user(exchange.server, 0);
  exchange.state = ExchangeState::ended;
  exchanges_.release(index);
}

// The call is over: what waited for a response gets one, what waits for a peer goes on alone.
void Calls::end_exchanges(uint32_t slot, contract::Instant now) {
  Call& call = calls_[slot];
  uint32_t index = call.first_exchange;
  while (index != no_index) {
    Exchange& exchange = exchanges_[index];
    const uint32_t next = exchange.next;
    if (!exchange.is_invite()) {
      respond_exchange(index, 481, {}, false, now);
      release_exchange(index);
    } else {
      apply_exchange(index, ExchangeEvent::call_ended, nullptr, now);
      if (exchange.state == ExchangeState::orphaned) {
        const Leg& leg = call.leg(other(exchange.from));
        exchange.trunk = leg.trunk;
        exchange.path = leg.path;
        services_.transactions.stop_repeating(exchange.client);
        services_.transactions.set_user(exchange.server, 0);
        exchange.server = {};
        exchange.call = no_index;
        start_timer(exchange.patience, CallTimer::exchange_patience, index,
                    exchanges_.generation(index), now + leg.timing.t1 * 64);
      }
    }
    index = next;
  }
  call.first_exchange = no_index;
}

// One fork has answered: what was under way in others is nobody's business any more.
void Calls::end_other_forks(uint32_t slot, uint32_t chosen, contract::Instant now) {
  for (uint32_t i = calls_[slot].first_exchange; i != no_index;) {
    const uint32_t next = exchanges_[i].next;
    if (exchanges_[i].early != no_index && exchanges_[i].early != chosen) {
      respond_exchange(i, 481, {}, false, now);
      release_exchange(i);
    }
    i = next;
  }
}

// One side is gone, or the two do not agree any more on what they talk about.
void Calls::lose_call(uint32_t slot, uint16_t status_code, contract::Instant now) {
  if (!is_call(slot)) return;
  apply(slot, {Event::hang_up, CallEnd::lost_peer, status_code}, now);
}

}  // namespace demarc::call
