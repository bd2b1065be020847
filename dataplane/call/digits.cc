#include <algorithm>
#include <span>

#include "dataplane/call/calls.h"
#include "dataplane/call/dtmf_info.h"

namespace demarc::call {
namespace {

using contract::Dtmf;
using contract::Instant;
using contract::WorkerCounter;
using memory::no_index;
using sip::HeaderName;

bool is_info(Dtmf form) {
  return form == Dtmf::info_relay || form == Dtmf::info_dtmf;
}

// Whether the peer of `side` was answered telephone-event, and its events end here in another form.
bool takes_events(const Call& call, Side side) {
  const media::CodecPlan& plan = call.negotiation.plans[index_of(side)];
  if (plan.digits == media::Digits::events) return false;
  const auto rows = std::span(plan.rows).first(plan.row_count);
  return std::any_of(rows.begin(), rows.end(), [](const media::PlanRow& row) {
    return row.treatment == media::Treatment::event;
  });
}

bool is_up(const Call& call) {
  return call.state == State::answered || call.state == State::confirmed;
}

// Digits wait in it: which fork they are for is known when one has answered, and an INFO to another
// one would be lost with it (decision D106).
bool is_early(const Call& call) {
  return call.state == State::trying || call.state == State::proceeding ||
         call.state == State::held;
}

}  // namespace

Dtmf Calls::dtmf_of(contract::TrunkId trunk) const {
  return snapshot_->has_trunk(trunk) ? snapshot_->trunk(trunk).media.codecs.dtmf : Dtmf::rfc4733;
}

void Calls::on_digits(Instant now) {
  for (media::HeardDigit digit; services_.media.heard().pop(digit);) {
    const uint32_t slot = contract::index_of(digit.owner.call);
    // It may have ended within this loop; another one in its place is not answered so soon.
    if (!calls_.is_live(slot) || !(is_up(calls_[slot]) || is_early(calls_[slot]))) {
      count(WorkerCounter::digits_lost);
      continue;
    }
    queue_digit(slot, other(static_cast<Side>(digit.owner.side)), {digit.event, digit.duration_ms},
                now);
  }
}

// One INFO at a time, so that digits arrive in their order whatever is lost on the way.
void Calls::queue_digit(uint32_t slot, Side to, const DtmfDigit& digit, Instant now) {
  uint32_t& index = calls_[slot].digits[index_of(to)];
  if (index == no_index) {
    index = digit_queues_.acquire();
    if (index == no_index) return count(WorkerCounter::digits_lost);
    digit_queues_[index] = {};
  }
  DigitQueue& queue = digit_queues_[index];
  if (queue.count == DigitQueue::capacity) return count(WorkerCounter::digits_lost);
  queue.digits[(queue.first + queue.count++) % DigitQueue::capacity] = digit;
  send_next_digit(slot, to, now);
}

void Calls::send_next_digit(uint32_t slot, Side to, Instant now) {
  Call& call = calls_[slot];
  const uint32_t index = call.digits[index_of(to)];
  if (index == no_index || is_early(call)) return;
  DigitQueue& queue = digit_queues_[index];
  const Dtmf form = dtmf_of(call.leg(to).trunk);
  while (!queue.is_under_way && queue.count != 0) {
    const DtmfDigit digit = queue.digits[queue.first];
    queue.first = static_cast<uint8_t>((queue.first + 1) % DigitQueue::capacity);
    --queue.count;
    queue.is_under_way = is_up(call) && is_info(form) && send_digit(slot, to, digit, now);
    if (!queue.is_under_way) count(WorkerCounter::digits_lost);
  }
  if (!queue.is_under_way) drop_digits(call, to);
}

// What waits in it is lost.
void Calls::drop_digits(Call& call, Side to) {
  uint32_t& index = call.digits[index_of(to)];
  if (index == no_index) return;
  for (unsigned i = 0; i < digit_queues_[index].count; ++i) count(WorkerCounter::digits_lost);
  digit_queues_.release(index);
  index = no_index;
}

bool Calls::send_digit(uint32_t slot, Side to, const DtmfDigit& digit, Instant now) {
  const uint32_t index =
      take_exchange({slot, other(to), no_index}, Exchange::Purpose::digit, sip::Method::info);
  if (index == no_index) return false;
  const Dtmf form = dtmf_of(calls_[slot].leg(to).trunk);
  sip::Writer body(body_);
  write_dtmf(form, digit, body);
  const Content content{.method = sip::spelling(sip::Method::info),
                        .content_type = dtmf_content_type(form),
                        .body = body.written()};
  if (send_request(index, to, content, now)) return true;
  release_exchange(index);
  return false;
}

// Whatever the peer said to it: a digit is not sent twice.
void Calls::digit_sent(uint32_t index, Instant now) {
  const uint32_t slot = exchanges_[index].call;
  const Side to = other(exchanges_[index].from);
  release_exchange(index);
  const uint32_t queue = calls_[slot].digits[index_of(to)];
  if (queue != no_index) digit_queues_[queue].is_under_way = false;
  send_next_digit(slot, to, now);
}

// An INFO with a digit, of a peer whose trunk has its digits there, or that was answered events and
// tells them so all the same: it ends here where the other side has them in another form. False
// when it crosses as it stands.
bool Calls::take_digit(const Received& request, transaction::TransactionId id, const LegRef& leg) {
  const Call& call = calls_[leg.slot];
  const Side to = other(leg.side);
  const Dtmf form = dtmf_of(call.leg(leg.side).trunk);
  const Dtmf wanted = dtmf_of(call.leg(to).trunk);
  DtmfDigit digit;
  if (form == wanted || !is_dtmf(request.value(HeaderName::content_type)) ||
      !parse_dtmf(request.body(), digit)) {
    return false;
  }
  // Many send each digit in both forms, and there the event is the one that counts. But some that
  // were answered events send none, so an INFO is one of two only where events really come.
  const bool may_be_event = takes_events(call, leg.side);
  if (may_be_event && session_.hears_events(call, leg.side, request.now)) {
    respond(request, id, 200);
    return true;
  }
  if (!is_info(form) && !may_be_event) return false;
  if (is_info(wanted)) {
    if (!is_up(call)) return false;
    respond(request, id, 200);
    session_.told_digit(call, leg.side, digit, request.now);
    queue_digit(leg.slot, to, digit, request.now);
    return true;
  }
  if (!session_.send_digit(call, leg.side, digit, request.now)) return false;
  session_.told_digit(call, leg.side, digit, request.now);
  respond(request, id, 200);
  return true;
}

}  // namespace demarc::call
