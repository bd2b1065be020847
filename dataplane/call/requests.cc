#include "dataplane/call/calls.h"
#include "sip-parser/cseq.h"
#include "sip-parser/name_addr.h"

namespace demarc::call {
namespace {

using contract::WorkerCounter;
using sip::HeaderName;
using sip::Method;
using transaction::Layer;
using transaction::TransactionId;

constexpr std::string_view allow_line = "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n";
constexpr std::string_view options_lines =
    "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\nAccept: application/sdp\r\n";

}  // namespace

void Calls::on_request(const Received& request) {
  const Method method = request.message.method;
  const Layer::Request match = services_.transactions.receive_request(
      request.message, request.datagram, request.top_via, request.path,
      transaction::timing_of(snapshot_->trunk(request.trunk)), request.trunk, request.now);
  switch (match.kind) {
    case Layer::Request::Kind::absorbed:
      count(WorkerCounter::sip_absorbed);
      return;
    case Layer::Request::Kind::ack:
      on_ack(request);
      return;
    case Layer::Request::Kind::refused:
      count(WorkerCounter::transaction_table_full);
      answer_statelessly(request, 503, {});
      return;
    case Layer::Request::Kind::fresh:
      break;
  }
  if (method == Method::cancel) return on_cancel(request, match.id);
  if (refuse_unserved(request, match.id)) return;
  if (!to_tag_of(request).empty()) return on_in_dialog(request, match.id);
  if (is_for_live_calls_only()) {
    services_.transactions.abandon(match.id);
    count(WorkerCounter::transaction_table_full);
    return answer_statelessly(request, 503, {});
  }
  if (method == Method::invite) return on_invite(request, match.id);
  if (method == Method::options) return respond(request, match.id, 200, options_lines);
  respond(request, match.id, 481);  // a BYE to no dialog
}

// What is refused before anybody asks whom it is for, in the order of RFC 3261 section 8.2: the
// method, then the extensions. Those of a new INVITE are looked at with the rest of it (admit).
bool Calls::refuse_unserved(const Received& request, TransactionId id) {
  const Method method = request.message.method;
  if (method != Method::invite && method != Method::bye && method != Method::options) {
    respond(request, id, method == Method::other ? 501 : 405, allow_line);
    return true;
  }
  const bool is_new_invite = method == Method::invite && to_tag_of(request).empty();
  if (is_new_invite || !request.message.has(HeaderName::require)) return false;
  respond(request, id, 420);
  return true;
}

// The last eighth of the table is kept for what live calls need, above all for ending them.
bool Calls::is_for_live_calls_only() const {
  const uint32_t capacity = services_.transactions.capacity();
  return services_.transactions.live() > capacity - capacity / 8;
}

// The ACK to a 2xx of ours, which is no transaction's (RFC 3261 section 17).
void Calls::on_ack(const Received& request) {
  const LegRef leg = find_leg(request);
  if (!leg.is_set() || leg.side != Side::in) return count(WorkerCounter::sip_stray_ack);
  // It has the number of its INVITE (RFC 3261 section 13.2.2.4).
  const auto cseq = sip::parse_cseq(request.message.value(HeaderName::cseq), request.datagram);
  if (!cseq || cseq->number != calls_[leg.slot].leg(Side::in).invite_cseq) {
    return count(WorkerCounter::sip_stray_ack);
  }
  apply(leg.slot, {Event::ack, contract::CallEnd::released_by_called}, request.now);
}

// RFC 3261 section 9.2.
void Calls::on_cancel(const Received& request, TransactionId id) {
  const TransactionId cancelled = services_.transactions.find_cancelled(
      request.message, request.datagram, request.top_via, request.trunk);
  if (!cancelled.is_set()) return respond(request, id, 481);
  const LegRef leg = leg_of_user(services_.transactions.user_of(cancelled));
  // The same To tag as in the answer to the INVITE.
  const std::string_view tag =
      leg.is_set() ? calls_[leg.slot].text.get(calls_[leg.slot].leg(leg.side).dialog.local_tag)
                   : std::string_view{};
  respond(request, id, 200, {}, tag);
  if (!leg.is_set() || !services_.transactions.is_pending(cancelled)) return;
  apply(leg.slot, {Event::cancel, contract::CallEnd::cancelled, 487}, request.now);
}

void Calls::on_in_dialog(const Received& request, TransactionId id) {
  const LegRef leg = find_leg(request);
  if (!leg.is_set()) return respond(request, id, 481);
  Call& call = calls_[leg.slot];
  const auto cseq = sip::parse_cseq(request.message.value(HeaderName::cseq), request.datagram);
  // Out of order: RFC 3261 section 12.2.2.
  if (!cseq || !dialog::take_remote_cseq(call.leg(leg.side).dialog, cseq->number)) {
    return respond(request, id, 500);
  }
  switch (request.message.method) {
    case Method::bye:
      return on_bye(request, id, leg);
    case Method::options:
      return respond(request, id, 200, options_lines);
    default:
      // INVITE: the session stays as it was (RFC 3261 section 14.2).
      return respond(request, id, 488);
  }
}

void Calls::on_bye(const Received& request, TransactionId id, LegRef leg) {
  respond(request, id, 200);
  if (leg.side == Side::out) {
    return apply(leg.slot, {Event::bye_out, contract::CallEnd::released_by_called}, request.now);
  }
  // In the early dialog a caller's BYE means what CANCEL means (RFC 3261 section 15).
  const bool is_early = services_.transactions.is_pending(calls_[leg.slot].leg(Side::in).invite);
  if (is_early) {
    return apply(leg.slot, {Event::cancel, contract::CallEnd::cancelled, 487}, request.now);
  }
  apply(leg.slot, {Event::bye_in, contract::CallEnd::released_by_caller}, request.now);
}

void Calls::respond(const Received& request, TransactionId id, uint16_t status_code,
                    std::string_view extra, std::string_view to_tag) {
  sip::Writer head(body_);
  const contract::MintedName tag = mint_.name();
  write_response_head(head, request.message, request.datagram, request.source,
                      to_tag.empty() ? tag.view() : to_tag);
  if (status_code == 420) write_unsupported(head, request.message, request.datagram);
  sip::Writer writer(scratch_);
  write_response(writer, {.status_code = status_code, .head = head.written(), .extra = extra});
  const memory::DatagramId response = head.failed() ? memory::DatagramId::none : keep(writer);
  if (response == memory::DatagramId::none) return services_.transactions.abandon(id);
  services_.transactions.respond(id, status_code, response, request.now);
  services_.datagrams.release(response);
}

void Calls::answer_statelessly(const Received& request, uint16_t status_code,
                               std::string_view reason_phrase) {
  if (request.message.method == Method::ack) return;
  // The same tag for a retransmission, without remembering it.
  const uint64_t hash = tag_hash(text(request.top_via.whole, request.datagram));
  char tag[16];
  for (unsigned i = 0; i < sizeof tag; ++i) tag[i] = "0123456789abcdef"[(hash >> (4 * i)) & 15];
  sip::Writer head(body_);
  write_response_head(head, request.message, request.datagram, request.source, {tag, sizeof tag});
  sip::Writer writer(scratch_);
  write_response(
      writer, {.status_code = status_code, .reason_phrase = reason_phrase, .head = head.written()});
  const memory::DatagramId response = head.failed() ? memory::DatagramId::none : keep(writer);
  if (response == memory::DatagramId::none) return;
  static_cast<void>(services_.outbox.push({response, request.path, request.trunk, false}));
  services_.datagrams.release(response);
}

// The leg whose dialog a request belongs to: our tag, then Call-ID and the peer's tag (RFC 3261
// section 12.2.2), and it must come from that leg's trunk, since ids can be stolen.
Calls::LegRef Calls::find_leg(const Received& request) const {
  const std::string_view tag = to_tag_of(request);
  const std::string_view call_id =
      text(request.message.value(HeaderName::call_id), request.datagram);
  const auto from = sip::parse_name_addr(request.message.value(HeaderName::from), request.datagram);
  if (tag.empty() || !from) return {};
  const std::string_view from_tag = text(from->tag, request.datagram);
  const uint32_t found = legs_by_tag_.find(tag_hash(tag), [&](uint32_t value) {
    const Call& call = calls_[value / 2];
    const Leg& leg = call.legs[value % 2];
    return call.text.get(leg.dialog.local_tag) == tag &&
           call.text.get(leg.dialog.call_id) == call_id &&
           call.text.get(leg.dialog.remote_tag) == from_tag && leg.trunk == request.trunk;
  });
  if (found == memory::no_index) return {};
  return {found / 2, static_cast<Side>(found % 2)};
}

// What the transaction layer remembers of a leg; 0 is nobody.
uint32_t Calls::user_of(LegRef leg) {
  return leg.slot * 2 + static_cast<uint32_t>(leg.side) + 1;
}

Calls::LegRef Calls::leg_of_user(uint32_t user) const {
  if (user == 0 || !calls_.is_live((user - 1) / 2)) return {};
  return {(user - 1) / 2, static_cast<Side>((user - 1) % 2)};
}

}  // namespace demarc::call
