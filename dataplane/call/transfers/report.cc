#include <algorithm>

#include "dataplane/call/calls.h"
#include "dataplane/call/transfers/transfers.h"
#include "sip-parser/cseq.h"
#include "sip-parser/event.h"
#include "sip-parser/status.h"

namespace demarc::call::transfers {
namespace {

using contract::Duration;
using memory::no_index;
using sip::HeaderName;

// How long the subscription of a REFER lasts unless its peer wants otherwise; the last NOTIFY ends
// it. As long as the longest time that a target may ring.
constexpr uint32_t subscription_s = 3600;

// What SUBSCRIBE asks for, and what it gets (RFC 6665 section 4.2.1.1).
uint32_t duration_of(const Received& request) {
  const Span value = request.message.value(HeaderName::expires);
  const auto wished = sip::parse_number(value, request.datagram, UINT32_MAX);
  return wished ? std::min(*wished, subscription_s) : subscription_s;
}

}  // namespace

void Transfers::subscribe(Transfer& transfer, contract::Instant now) {
  transfer.has_subscription = true;
  transfer.expires = now + Duration::seconds(subscription_s);
}

// One NOTIFY at a time; of those that wait the last one counts (RFC 6665 section 4.2.2). Where
// nobody is told anything, the final one counts as told.
void Transfers::report(uint32_t index, uint16_t status_code, contract::Instant now) {
  Transfer& transfer = transfers_[index];
  const bool is_heard = transfer.has_subscription && transfer.call != no_index;
  if (is_heard && transfer.is_reporting) {
    transfer.queued = status_code;
    return;
  }
  if (is_heard && send_report(index, status_code, now)) return;
  transfer.has_subscription = false;
  if (status_code >= 200) apply(index, TransferEvent::reported, now);
}

// RFC 3515 section 2.4.4 and 2.4.5: the status line of the target's response, in words of our own.
// One that ends the subscription is the last one: peers end calls for what comes behind it.
bool Transfers::send_report(uint32_t index, uint16_t status_code, contract::Instant now) {
  Transfer& transfer = transfers_[index];
  const Side side = transfer.transferor;
  const uint32_t exchange = calls_.take_exchange({transfer.call, other(side), no_index},
                                                 Exchange::Purpose::notify, sip::Method::notify);
  if (exchange == no_index) return false;
  const bool is_final = status_code >= 200;
  const bool is_over = is_final || now >= transfer.expires;
  sip::Writer extra(calls_.extra_);
  extra.begin(HeaderName::event).raw("refer");
  if (transfer.event_id != 0) extra.raw(";id=").number(transfer.event_id);
  extra.end().begin(HeaderName::subscription_state);
  if (is_over) {
    extra.raw(is_final ? "terminated;reason=noresource" : "terminated;reason=timeout");
  } else {
    const int64_t left_ns = (transfer.expires - now).ns;
    extra.raw("active;expires=").number(static_cast<uint64_t>(left_ns / 1'000'000'000));
  }
  extra.end();
  sip::Writer body(calls_.body_);
  body.status_line(status_code, sip::reason_phrase(status_code));
  const Content content{.method = "NOTIFY",
                        .extra = extra.written(),
                        .content_type = "message/sipfrag;version=2.0",
                        .body = body.written()};
  if (!calls_.send_request(exchange, side, content, now)) {
    calls_.release_exchange(exchange);
    return false;
  }
  transfer.is_reporting = true;
  transfer.reported = status_code;
  if (is_over) transfer.has_subscription = false;
  return true;
}

void Transfers::on_reported(uint32_t exchange, uint16_t status_code, contract::Instant now) {
  const uint32_t slot = calls_.exchanges_[exchange].call;
  calls_.release_exchange(exchange);
  if (slot == no_index) return;
  const uint32_t index = calls_.calls_[slot].transfer;
  if (index == no_index || transfers_[index].call != slot) return;
  Transfer& transfer = transfers_[index];
  transfer.is_reporting = false;
  // Who refuses it wants no more (RFC 6665 section 4.2.2); the transfer itself goes on.
  if (status_code >= 300) transfer.has_subscription = false;
  const uint16_t queued = transfer.queued;
  transfer.queued = 0;
  if (queued != 0) return report(index, queued, now);
  if (transfer.reported >= 200) apply(index, TransferEvent::reported, now);
}

// The subscription that a SUBSCRIBE within the call means; no_index: none of ours.
uint32_t Transfers::subscribed(const Received& request, const LegRef& leg) const {
  const uint32_t index = calls_.calls_[leg.slot].transfer;
  if (index == no_index) return no_index;
  const Transfer& transfer = transfers_[index];
  const bool is_its = transfer.call == leg.slot && transfer.transferor == leg.side &&
                      leg.early == no_index && transfer.has_subscription;
  const auto event = sip::parse_event(request.message.value(HeaderName::event), request.datagram);
  if (!is_its || !event) return no_index;
  const auto id = sip::parse_number(event->id, request.datagram, UINT32_MAX);
  const bool is_named = transfer.event_id == 0 ? event->id.empty() : id && *id == transfer.event_id;
  return is_named ? index : no_index;
}

// Where all transfers are handled here the other side has no such subscription either.
bool Transfers::takes_subscribe(const Received& request, const LegRef& leg) const {
  const auto event = sip::parse_event(request.message.value(HeaderName::event), request.datagram);
  if (!event || text(event->package, request.datagram) != "refer") return false;
  return subscribed(request, leg) != no_index ||
         calls_.policy_of(request.trunk).transfer == contract::Transfer::handled;
}

// RFC 3515 section 2.4.4: it may last longer, or end before the transfer does. Either way a NOTIFY
// says how things are (RFC 6665 section 4.2.1.2).
void Transfers::on_subscribe(const Received& request, transaction::TransactionId id,
                             const LegRef& leg) {
  const uint32_t index = subscribed(request, leg);
  if (index == no_index) return calls_.respond(request, id, 481);
  Transfer& transfer = transfers_[index];
  const uint32_t duration_s = duration_of(request);
  transfer.expires = request.now + Duration::seconds(duration_s);
  const Leg& own = calls_.calls_[leg.slot].leg(leg.side);
  sip::Writer extra(calls_.extra_);
  write_contact(extra, own.advertised, calls_.contact_host(own.trunk));
  extra.field(HeaderName::expires, duration_s);
  calls_.respond(request, id, 200, extra.written());
  say_again(index, request.now);
}

void Transfers::expire_subscription(uint32_t slot, contract::Instant now) {
  const uint32_t index = calls_.calls_[slot].transfer;
  if (index == no_index || transfers_[index].call != slot) return;
  const Transfer& transfer = transfers_[index];
  if (transfer.has_subscription && now >= transfer.expires) say_again(index, now);
}

// What was said last, or is about to be.
void Transfers::say_again(uint32_t index, contract::Instant now) {
  const Transfer& transfer = transfers_[index];
  if (transfer.queued != 0) return;
  report(index, transfer.reported == 0 ? uint16_t{100} : transfer.reported, now);
}

}  // namespace demarc::call::transfers
