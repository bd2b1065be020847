// What the steps of the tables do: the one place where an Action becomes a message or a timer.
#include <algorithm>
#include <array>

#include "dataplane/transaction/ack.h"
#include "dataplane/transaction/layer.h"
#include "dataplane/transaction/table.h"

namespace demarc::transaction {

using contract::Duration;
using contract::Instant;
using memory::DatagramId;

Step Layer::take(uint32_t index, Event event, const Input& input) {
  Transaction& transaction = transactions_[index];
  const Step taken = step(transaction.machine, transaction.state, event);
  if (trace_ != nullptr) {
    trace_->step({.subject = index,
                  .detail = taken.actions,
                  .kind = trace::Kind::transaction,
                  .table = static_cast<uint8_t>(transaction.machine),
                  .state = static_cast<uint8_t>(transaction.state),
                  .event = static_cast<uint8_t>(event),
                  .next = static_cast<uint8_t>(taken.state)});
  }
  transaction.state = taken.state;
  for (Actions left = taken.actions; left != 0; left &= left - 1) {
    const auto lowest = static_cast<Action>(left & (~left + 1));
    if (execute(index, lowest, input)) continue;
    // Without the timer that ends it the transaction would stay for ever.
    transaction.state = State::terminated;
    break;
  }
  if (transaction.state == State::terminated) terminate(index);
  return taken;
}

// False only when there was no room for a timer of the lifetime.
bool Layer::execute(uint32_t index, Action action, const Input& input) {
  Transaction& transaction = transactions_[index];
  const Timing& timing = transaction.timing;
  const Duration twice = transaction.interval * 2;
  const Instant last = transaction.retransmit_due;
  switch (action) {
    case Action::stop_retransmit:
      timers_.cancel(transaction.retransmit);
      break;
    case Action::stop_lifetime:
      timers_.cancel(transaction.lifetime);
      break;
    case Action::keep:
      keep(transaction, input.message);
      break;
    case Action::drop_kept:
      if (!transaction.keeps_request) keep(transaction, DatagramId::none);
      break;
    case Action::send:
      send(transaction, input.message, false);
      break;
    case Action::send_again:
      send(transaction, input.message, true);
      break;
    case Action::resend:
      send(transaction, transaction.datagram, true);
      break;
    case Action::send_ack:
      if (compose_ack(transaction, input.to)) send(transaction, transaction.ack, false);
      break;
    case Action::resend_ack:
      // It is not there when there was no room for it; the peer asks again and so do we.
      if (transaction.ack == DatagramId::none) compose_ack(transaction, input.to);
      send(transaction, transaction.ack, true);
      break;
    case Action::absorb:
      ++absorbed_;
      break;
    case Action::pass:
    case Action::report_no_response:
    case Action::report_no_ack:
      break;  // read from the step by whoever took it
    case Action::start_a:
    case Action::start_e:
    case Action::start_g:
      start_retransmit(index, timing.t1, input.now, input.now);
      break;
    case Action::again_a:
      start_retransmit(index, twice, last, input.now);
      break;
    case Action::again_e:
    case Action::again_g:
      start_retransmit(index, std::min(twice, timing.t2), last, input.now);
      break;
    case Action::again_e_at_t2:
      start_retransmit(index, timing.t2, last, input.now);
      break;
    default:
      return start_lifetime(index, lifetime_of(transaction, action), input.now);
  }
  return true;
}

// Timers D, I, J and K wait for what an unreliable transport may still bring.
Layer::Lifetime Layer::lifetime_of(const Transaction& transaction, Action action) {
  const Timing& timing = transaction.timing;
  const auto unless_reliable = [&](Duration length) {
    return transaction.path.is_reliable() ? Duration{} : length;
  };
  switch (action) {
    case Action::start_b:
      return {Event::timer_b, timing.timer_b()};
    case Action::start_d:
      return {Event::timer_d, unless_reliable(timing.timer_d())};
    case Action::start_f:
      return {Event::timer_f, timing.timer_f()};
    case Action::start_h:
      return {Event::timer_h, timing.timer_h()};
    case Action::start_i:
      return {Event::timer_i, unless_reliable(timing.t4)};
    case Action::start_j:
      return {Event::timer_j, unless_reliable(timing.timer_j())};
    case Action::start_k:
      return {Event::timer_k, unless_reliable(timing.t4)};
    case Action::start_l:
      return {Event::timer_l, timing.timer_l()};
    default:
      DEMARC_DCHECK(action == Action::start_m);
      return {Event::timer_m, timing.timer_m()};
  }
}

bool Layer::start_lifetime(uint32_t index, const Lifetime& lifetime, Instant now) {
  TimerId& timer = transactions_[index].lifetime;
  timers_.cancel(timer);
  timer = timers_.start(now + lifetime.length, timer_event(index, lifetime.timer));
  return timer.is_set();
}

// Counted from when the last one was due. After a pause longer than that it is counted from now:
// what was missed is not made up for.
void Layer::start_retransmit(uint32_t index, Duration interval, Instant from, Instant now) {
  Transaction& transaction = transactions_[index];
  // An interval of zero, from a trunk so configured, would flood the peer.
  if (transaction.path.is_reliable() || interval <= Duration{}) return;
  static constexpr std::array<Event, 4> names = {Event::timer_a, Event::timer_e, Event::timer_g,
                                                 Event::count};
  const Event name = names[static_cast<size_t>(transaction.machine)];
  transaction.interval = interval;
  transaction.retransmit_due = from + interval > now ? from + interval : now + interval;
  timers_.cancel(transaction.retransmit);
  transaction.retransmit = timers_.start(transaction.retransmit_due, timer_event(index, name));
}

TimerEvent Layer::timer_event(uint32_t index, Event timer) const {
  return {TimerEvent::Owner::transaction, static_cast<uint8_t>(timer), index,
          transactions_.generation(index)};
}

Layer::Expiry Layer::on_timer(const TimerEvent& event, Instant now) {
  if (!transactions_.is_live(event.subject, event.generation)) return {};
  Transaction& transaction = transactions_[event.subject];
  Expiry expiry{Expiry::Kind::none, name_of(event.subject), transaction.user};
  const Step taken = take(event.subject, static_cast<Event>(event.name), {.now = now});
  if (has(taken.actions, Action::report_no_response)) expiry.kind = Expiry::Kind::no_response;
  if (has(taken.actions, Action::report_no_ack)) expiry.kind = Expiry::Kind::no_ack;
  return expiry.kind == Expiry::Kind::none ? Expiry{} : expiry;
}

void Layer::send(const Transaction& transaction, DatagramId datagram, bool is_again) {
  if (datagram == DatagramId::none) return;
  const Send send{datagram, transaction.path, transaction.trunk, is_again};
  // A full outbox loses it, like a wire.
  if (outbox_.push(send) && is_again) ++retransmitted_;
}

void Layer::keep(Transaction& transaction, DatagramId datagram) {
  if (datagram != DatagramId::none) datagrams_.hold(datagram);
  datagrams_.release(transaction.datagram);
  transaction.datagram = datagram;
}

bool Layer::compose_ack(Transaction& transaction, std::string_view to) {
  std::array<char, 16384> buffer;
  const AckSource source{datagrams_.octets(transaction.datagram), to};
  const std::string_view ack = transaction::compose_ack(source, buffer);
  if (ack.empty()) return false;
  transaction.ack = datagrams_.keep(ack);
  return transaction.ack != DatagramId::none;
}

}  // namespace demarc::transaction
