#include "dataplane/call/calls.h"
#include "dataplane/call/transfers/transfers.h"
#include "sip-parser/status.h"

namespace demarc::call::transfers {
namespace {

using memory::no_index;
using sip::HeaderName;

// How long the subscription of a REFER lasts, as far as its peer is told; the last NOTIFY ends it.
constexpr uint64_t subscription_s = 300;

}  // namespace

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
bool Transfers::send_report(uint32_t index, uint16_t status_code, contract::Instant now) {
  Transfer& transfer = transfers_[index];
  const Side side = transfer.transferor;
  const uint32_t exchange = calls_.take_exchange({transfer.call, other(side), no_index},
                                                 Exchange::Purpose::notify, sip::Method::notify);
  if (exchange == no_index) return false;
  const bool is_final = status_code >= 200;
  sip::Writer extra(calls_.extra_);
  extra.begin(HeaderName::event).raw("refer");
  if (transfer.event_id != 0) extra.raw(";id=").number(transfer.event_id);
  extra.end().begin(HeaderName::subscription_state);
  if (is_final) {
    extra.raw("terminated;reason=noresource");
  } else {
    extra.raw("active;expires=").number(subscription_s);
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

}  // namespace demarc::call::transfers
