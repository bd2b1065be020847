#include <algorithm>

#include "dataplane/call/calls.h"
#include "dataplane/call/shown_locations.h"
#include "dataplane/call/transfers/dialog_texts.h"
#include "dataplane/call/transfers/transfers.h"
#include "sip-parser/dialog_id.h"
#include "sip-parser/peek.h"

namespace demarc::call::transfers {
namespace {

using contract::CallEnd;
using contract::Duration;
using contract::TransferPart;
using contract::TrunkCounter;
using memory::DatagramId;
using memory::no_index;
using sip::HeaderName;
using sip::Method;

}  // namespace

// RFC 3891 section 3. The dialog must be one of the same trunk, since names can be stolen.
Refusal Transfers::replace(uint32_t slot, const Received& request) {
  const auto* field = request.message.first(HeaderName::replaces);
  const bool is_single = field != nullptr && request.message.next(*field) == nullptr;
  if (!is_single || request.message.has(HeaderName::join)) return {400};
  const auto id = sip::parse_replaces(field->value, request.datagram);
  if (!id) return {400};
  const auto part = [&](Span span) { return text(span, request.datagram); };
  const LegRef replaced =
      calls_.find_dialog({part(id->call_id), part(id->to_tag), part(id->from_tag), request.trunk});
  if (!replaced.is_set()) return {481};
  const Refusal refusal = unreplaceable(replaced, id->is_early_only);
  if (refusal.status_code != 0) return refusal;
  const bool is_early = replaced.early != no_index;
  // Who picks up is known to the caller by a response, which takes no location along.
  if (is_early && request.session.locations.is_required) return {415, accept_line};
  return is_early ? pick_up(slot, replaced, request) : lend(slot, replaced, request);
}

Refusal Transfers::unreplaceable(const LegRef& leg, bool is_early_only) const {
  const Call& call = calls_.calls_[leg.slot];
  switch (call.state) {
    case State::trying:
    case State::proceeding:
      // An early dialog that the peer began is its to end.
      return leg.side == Side::in || leg.early == no_index ? Refusal{481} : Refusal{};
    case State::held:
      return {leg.side == Side::in ? uint16_t{481} : uint16_t{491}};
    case State::answered:
      return {491};
    case State::confirmed:
      break;
    default:
      return {603};
  }
  if (is_early_only) return {486};
  const bool is_busy = call.transfer != no_index || calls_.open_invite_of(call) != no_index ||
                       call.leg(other(leg.side)).offer != dialog::OfferState::idle;
  return is_busy ? Refusal{491} : Refusal{};
}

// The new caller's INVITE crosses to the transferee within the dialog that it has with us, so that
// both have agreed before anything is taken from the one who is replaced (decision D24).
Refusal Transfers::lend(uint32_t slot, const LegRef& replaced, const Received& request) {
  if (begin(replaced, Transfer::Kind::replaces, slot) == no_index) return {503};
  Call& target = calls_.calls_[slot];
  Call& call = calls_.calls_[replaced.slot];
  const Side lent = other(replaced.side);
  Transfer& transfer = *of(slot);
  transfer.target_side = Side::out;
  call.transfer_part = TransferPart::replaced;
  target.transfer_part = TransferPart::replacing;
  // Who wanted its session private is shown to the new one no more than to the old one.
  target.must_relay = target.must_relay || call.must_relay;
  Leg& out = target.leg(Side::out);
  out = call.leg(lent);
  out.is_indexed = out.counted.is_set = false;
  out.session_due = {};
  out.origin = {};
  out.invite = {};
  out.dialog.state = dialog::State::early;
  each_text(out.dialog, [&](Span& span) { span = target.text.put(call.text.get(span)); });
  target.trunk_names[1] = target.text.put(call.text.get(call.trunk_names[index_of(lent)]));
  target.called_sent = target.called;
  if (target.text.is_full()) return {513};
  target.ring_timeout_ms = calls_.snapshot_->trunk(out.trunk).ring_timeout_ms;
  target.keeps_sdp = true;
  target.routed[target.route].is_emergency = call.on_route().is_emergency;
  target.negotiation.agreed_count[1] = call.negotiation.agreed_count[index_of(lent)];
  target.sdp_id[1] = call.sdp_id[index_of(lent)];
  target.sdp_version[1] = call.sdp_version[index_of(lent)];
  target.sdp_hash[1] = call.sdp_hash[index_of(lent)];
  const Refusal refusal = send_invite(slot, {replaced.slot, lent}, request);
  // Whatever becomes of it, the next description that the transferee sees is another one.
  call.sdp_version[index_of(lent)] = target.sdp_version[1];
  call.sdp_hash[index_of(lent)] = target.sdp_hash[1];
  return refusal;
}

void Transfers::count_lent(uint32_t slot, uint32_t cseq) {
  const Transfer& transfer = *of(slot);
  if (transfer.call == no_index) return;
  uint32_t& own = calls_.calls_[transfer.call].leg(other(transfer.transferor)).dialog.local_cseq;
  own = std::max(own, cseq);
}

Refusal Transfers::send_invite(uint32_t slot, const LegRef& lent, const Received& request) {
  Call& target = calls_.calls_[slot];
  Leg& out = target.leg(Side::out);
  const contract::CallPolicy& peer = calls_.policy_of(out.trunk);
  calls_.conceal_caller(target, request, out.trunk);
  if (lacks_location(request, target, Side::in, peer)) return {415, accept_line};
  const headers::Locations* locations = shown_locations(request, target, Side::in, peer);
  sip::Writer body(calls_.body_);
  const Refusal refusal = calls_.open_session(target, slot, request, body);
  if (refusal.status_code != 0) return refusal;
  calls_.remember_sdp(target, Side::out, body.written());
  calls_.remember_words(target, Side::in, request.body());
  uint32_t& cseq = calls_.calls_[lent.slot].leg(lent.side).dialog.local_cseq;
  out.dialog.local_cseq = out.invite_cseq = ++cseq;
  sip::Writer extra(calls_.extra_);
  extra.field(HeaderName::supported, calls_.supported_of(out.trunk));
  calls_.write_request_terms(target, Side::out, extra);
  calls_.write_crossing(extra, request,
                        {.identity = target.leg(Side::in).identity,
                         .to = out.trunk,
                         .called_user = target.text.get(target.called_sent),
                         .locations = locations});
  Content content{.method = "INVITE",
                  .extra = extra.written(),
                  .content_type = sdp_content_type,
                  .body = body.written(),
                  .enclosed = {locations, request.datagram},
                  .max_forwards = max_forwards_of(request) - 1};
  const Mint::Branch branch = calls_.mint_.branch();
  transaction::Path path = calls_.path_to(slot, Side::out, no_index);
  DatagramId invite =
      calls_.compose_in_dialog(slot, Side::out, no_index, out.invite_cseq, branch.view(), content);
  const bool is_large = invite != DatagramId::none &&
                        calls_.is_for_tcp(out, calls_.services_.datagrams.octets(invite).size());
  if (is_large) {
    calls_.drop(invite);
    content.is_over_tcp = true;
    path.transport = contract::Transport::tcp;
    invite = calls_.compose_in_dialog(slot, Side::out, no_index, out.invite_cseq, branch.view(),
                                      content);
    if (invite != DatagramId::none) calls_.services_.datagrams.hold(invite);
    target.large = invite;
  }
  if (invite == DatagramId::none) return {503};
  if (!start_taking({slot, branch.view(), path}, invite, request.now)) return {503};
  calls_.trunk_counters(out.trunk).add(TrunkCounter::attempts_out);
  target.is_ring_timed = true;
  calls_.start_call_timer(target.patience, CallTimer::ring, slot,
                          request.now + Duration::milliseconds(target.ring_timeout_ms));
  return {};
}

// Gives the datagram up to the transaction.
bool Transfers::start_taking(const Taking& taking, DatagramId invite, contract::Instant now) {
  Leg& out = calls_.calls_[taking.slot].leg(Side::out);
  out.invite = calls_.services_.transactions.start(
      Method::invite, taking.branch,
      calls_.identity_of(taking.slot, Side::out, no_index, out.invite_cseq), invite, taking.path,
      out.timing, out.trunk, now);
  calls_.services_.datagrams.release(invite);
  if (!out.invite.is_set()) {
    calls_.count(contract::WorkerCounter::transaction_table_full);
    return false;
  }
  calls_.services_.transactions.set_user(out.invite, Calls::user_of({taking.slot, Side::out}));
  return true;
}

// The INVITE that crosses for an INVITE with Replaces went over TCP for its size alone, and nobody
// took it there (RFC 3261 section 18.1.1): the same one goes over UDP. False when it was none of
// these, or there is no room.
bool Transfers::falls_back_to_udp(uint32_t slot, contract::Instant now) {
  Call& target = calls_.calls_[slot];
  const bool is_setup = target.state == State::trying || target.state == State::proceeding;
  if (target.large == DatagramId::none || !is_setup || !is_replacing(slot)) return false;
  const std::string_view sent = calls_.services_.datagrams.octets(target.large);
  const auto peek = sip::peek(sent);
  const DatagramId again = calls_.as_udp(target.large);
  const bool is_sent = peek && again != DatagramId::none &&
                       start_taking({slot, text(peek->top_via_branch, sent),
                                     calls_.path_to(slot, Side::out, no_index)},
                                    again, now);
  calls_.drop(target.large);
  return is_sent;
}

bool Transfers::on_taken_over(uint32_t slot, const Received& answer) {
  Call& target = calls_.calls_[slot];
  const uint32_t index = target.transfer;
  const Transfer& transfer = transfers_[index];
  const bool is_wanted = target.state != State::ended;
  calls_.services_.timers.cancel(target.patience);
  calls_.drop(target.large);
  Leg& out = target.leg(Side::out);
  static_cast<void>(
      dialog::refresh_target(out.dialog, target.text, answer.message, answer.datagram));
  calls_.learn_features(out, answer);
  Calls::follow(out, answer);
  target.owes_ack = target.is_delayed && !target.negotiation.has_session();
  if (!is_wanted) {
    // The transferee has agreed to a session that was given up meanwhile: it is told the old one.
    calls_.send_ack(slot, {});
    Call& lender = calls_.calls_[transfer.call];
    const unsigned lent = index_of(other(transfer.transferor));
    lender.is_stale[lent] = true;
    take_lines(lender, other(transfer.transferor), answer);
    return true;
  }
  if (!target.owes_ack) calls_.send_ack(slot, {});
  out.session = accepted_terms(terms_of(answer), calls_.wishes_of(out.trunk));
  apply(index, TransferEvent::answer, answer.now);
  return out.dialog.state == dialog::State::confirmed;
}

// The leg that was lent is the target's now; who was replaced gets BYE.
void Transfers::take_lent(uint32_t index, contract::Instant now) {
  Transfer& transfer = transfers_[index];
  const uint32_t slot = transfer.target;
  Call& target = calls_.calls_[slot];
  Call& call = calls_.calls_[transfer.call];
  const Side lent = other(transfer.transferor);
  const Leg answered = target.leg(Side::out);
  // What the transferee was sent last came from here.
  const DatagramId ack = target.ack;
  const DatagramId shown = target.sdp_sent[1];
  target.ack = target.sdp_sent[1] = DatagramId::none;
  const bool is_moved = move_leg({{transfer.call, lent}, {slot, Side::out}}, now);
  target.ack = ack;
  calls_.drop(target.sdp_sent[1]);
  target.sdp_sent[1] = shown;
  // Who was replaced stays with us, and the one that was lent has answered somebody else.
  if (!is_moved) return calls_.lose_call(transfer.call, 500, now);
  move_exchanges({{transfer.call, lent}, {slot, Side::out}});
  Leg& out = target.leg(Side::out);
  // Its own INVITE is over; the one that counts is that of the target.
  calls_.services_.transactions.abandon(out.invite);
  out.invite = answered.invite;
  calls_.services_.transactions.set_user(out.invite, Calls::user_of({slot, Side::out}));
  out.invite_cseq = answered.invite_cseq;
  out.dialog.local_cseq = std::max(out.dialog.local_cseq, answered.dialog.local_cseq);
  out.path = answered.path;
  out.allowed = answered.allowed;
  out.session = answered.session;
  // The one who comes is counted in the place of the one who goes, on the same trunk.
  std::swap(target.leg(Side::in).counted, call.leg(transfer.transferor).counted);
  transfer.target = no_index;
  target.transfer = no_index;
  calls_.send_bye(transfer.call, transfer.transferor, now);
  part(transfer.call, transfer.transferor, now);
}

}  // namespace demarc::call::transfers
