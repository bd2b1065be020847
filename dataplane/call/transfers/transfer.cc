#include "dataplane/call/calls.h"
#include "dataplane/call/identity_host.h"
#include "dataplane/call/transfers/transfers.h"
#include "sip-parser/escape.h"
#include "sip-parser/uri.h"
#include "sip-parser/validate.h"

namespace demarc::call::transfers {
namespace {

using contract::CallEnd;
using contract::TransferPart;
using memory::DatagramId;
using memory::no_index;
using sip::HeaderName;
using transaction::TransactionId;

// What of a name is kept for the record.
constexpr size_t max_noted = 62;

// Where nobody is: what stands for a host in the INVITE that a REFER is made into.
constexpr std::string_view nowhere = "referred.invalid";

}  // namespace

bool Transfers::is_target(uint32_t slot, Transfer::Kind kind) const {
  const uint32_t index = calls_.calls_[slot].transfer;
  return index != no_index && transfers_[index].target == slot && transfers_[index].kind == kind;
}

bool Transfers::is_lending(uint32_t slot) const {
  const uint32_t index = calls_.calls_[slot].transfer;
  if (index == no_index || transfers_[index].call != slot) return false;
  return transfers_[index].kind == Transfer::Kind::replaces || transfers_[index].away != no_index;
}

Transfer* Transfers::of(uint32_t slot) {
  const uint32_t index = calls_.calls_[slot].transfer;
  return index == no_index ? nullptr : &transfers_[index];
}

uint32_t Transfers::begin(const LegRef& transferor, Transfer::Kind kind, uint32_t target) {
  const uint32_t index = transfers_.acquire();
  if (index == no_index) {
    calls_.count(contract::WorkerCounter::transfer_pool_full);
    return index;
  }
  Transfer& transfer = transfers_[index];
  transfer = Transfer{};
  transfer.state = TransferState::calling;
  transfer.kind = kind;
  transfer.transferor = transferor.side;
  transfer.call = transferor.slot;
  transfer.target = target;
  calls_.calls_[transferor.slot].transfer = index;
  if (target != no_index) calls_.calls_[target].transfer = index;
  return index;
}

// Any of the actions may end the transfer, so each asks whether it is still there.
void Transfers::apply(uint32_t index, TransferEvent event, contract::Instant now) {
  const uint32_t generation = transfers_.generation(index);
  const Transfer before = transfers_[index];
  const TransferStep taken = transfer_step(before.state, event);
  transfers_[index].state = taken.next;
  unsigned actions = taken.actions;
  if ((actions & TransferActions::join) != 0) {
    transfers_[index].final_status = 200;
    join_target(index, now);
  }
  const auto is_due = [&](unsigned action) {
    return (actions & action) != 0 && transfers_.is_live(index, generation);
  };
  if (is_due(drop_target) && transfers_[index].target != no_index) {
    calls_.apply(transfers_[index].target, {Event::hang_up, CallEnd::failed, 480}, now);
  }
  if (is_due(report_failure) && transfers_[index].call != no_index) {
    calls_.calls_[transfers_[index].call].transfer_status = transfers_[index].final_status;
  }
  if (is_due(report_progress | report_success | report_failure)) {
    report(index, transfers_[index].final_status, now);
  }
  if ((actions & TransferActions::restore) != 0) restore(before, now);
  if (is_due(end_transfer)) end(index, now);
}

// The transferor gets nothing more; a leg of it that has nothing to wait for is let go.
void Transfers::end(uint32_t index, contract::Instant now) {
  const Transfer transfer = transfers_[index];
  transfers_.release(index);
  if (transfer.target != no_index) calls_.calls_[transfer.target].transfer = no_index;
  if (transfer.call == no_index) return;
  Call& call = calls_.calls_[transfer.call];
  call.transfer = no_index;
  // Who was silent meanwhile has its time to come back.
  call.agreed_at = now;
  const bool has_left = call.leg(transfer.transferor).dialog.state == dialog::State::ended;
  if (call.state == State::parted && has_left) {
    calls_.apply(transfer.call, {Event::farewell, CallEnd::transferred}, now);
  }
}

// Whether what both peers said is there; not when the call was set up before its trunk was one
// whose peers may transfer, or without a buffer for it. Where a codec policy chose the formats it
// must be what they said themselves; that of an answer which came before the 2xx is not kept.
bool Transfers::is_known(const Call& call) {
  const bool is_chosen = call.negotiation.is_chosen;
  for (const Side side : {Side::in, Side::out}) {
    const DatagramId said = is_chosen ? call.said[index_of(side)] : said_of(call, side);
    if (said == DatagramId::none) return false;
  }
  return true;
}

// Why a REFER can not be served now.
Refusal Transfers::refused(const LegRef& leg) const {
  const Call& call = calls_.calls_[leg.slot];
  const bool is_up = call.state == State::answered || call.state == State::confirmed;
  if (!is_up && leg.early == no_index) return {481};
  const bool is_busy = call.state != State::confirmed || call.transfer != no_index ||
                       calls_.open_invite_of(call) != no_index;
  if (is_busy) return {491};
  if (calls_.is_draining_) {
    calls_.count(contract::WorkerCounter::refused_draining);
    return {503, draining_line};
  }
  // What leaves a call ends it, and its record would lack what left.
  if (!calls_.has_record_room()) {
    calls_.count(contract::WorkerCounter::record_ring_full);
    return {503};
  }
  return is_known(call) ? Refusal{} : Refusal{503};
}

void Transfers::on_refer(const Received& request, TransactionId id, const LegRef& leg) {
  const Refusal refusal = refused(leg);
  if (refusal.status_code != 0) {
    return calls_.respond(request, id, refusal.status_code, refusal.extra);
  }
  char buffer[512];
  const Referral referral = read_referral(request, buffer);
  if (referral.status_code != 0) return calls_.respond(request, id, referral.status_code);
  if (names_ours(referral)) {
    return join_named(request, id, leg, referral, find_named(referral, request.trunk));
  }
  call_target(request, id, leg, referral);
}

// 202, or 200 where nothing more will be said (RFC 4488 section 4).
void Transfers::accept(const Received& request, TransactionId id, const LegRef& leg,
                       const Referral& referral) {
  Call& call = calls_.calls_[leg.slot];
  Leg& own = call.leg(leg.side);
  Transfer& transfer = transfers_[call.transfer];
  if (referral.wants_reports) subscribe(transfer, request.now);
  transfer.event_id = own.has_referred ? cseq_of(request) : 0;
  own.has_referred = true;
  Calls::follow(own, request);
  static_cast<void>(
      dialog::refresh_target(own.dialog, call.text, request.message, request.datagram));
  note(call, TransferPart::referred, referral);
  sip::Writer extra(calls_.extra_);
  write_contact(extra, own.advertised, calls_.contact_host(own.trunk));
  if (!referral.wants_reports) extra.field(HeaderName::refer_sub, "false");
  calls_.respond(request, id, referral.wants_reports ? 202 : 200, extra.written());
}

// For the record; what there is no room for is left out.
void Transfers::note(Call& call, TransferPart part, const Referral& referral) {
  call.transfer_part = part;
  call.transfer_status = 0;
  static_cast<void>(call.text.replace(call.referred_to, referral.user.substr(0, max_noted)));
  static_cast<void>(call.text.replace(call.referred_by, referral.referred_by.substr(0, max_noted)));
}

// A blind transfer, or one to a call that is not ours: an INVITE to where the trunk's routes lead.
void Transfers::call_target(const Received& request, TransactionId id, const LegRef& leg,
                            const Referral& referral) {
  const std::string_view calling = Calls::known_as(calls_.calls_[leg.slot], other(leg.side));
  const route::Plan plan = calls_.plan_of_referral(request, referral.user, calling);
  if (!plan.has_route()) return calls_.respond(request, id, 403);
  DatagramId invite = compose_target(leg, referral);
  const uint32_t slot = invite == DatagramId::none ? no_index : calls_.take_place();
  const uint32_t index = slot == no_index ? no_index : begin(leg, Transfer::Kind::refer, no_index);
  if (index == no_index) {
    if (slot != no_index) {
      calls_.calls_.release(slot);
    } else {
      calls_.count(contract::WorkerCounter::call_table_full);
    }
    calls_.drop(invite);
    return calls_.respond(request, id, 503);
  }
  Call& target = calls_.begin_slot(slot);
  calls_.begin_search(target);
  target.transfer = index;
  calls_.search_of(target).request = invite;
  transfers_[index].target = slot;
  accept(request, id, leg, referral);
  if (referral.has_replaces) transfers_[index].replaces = target.text.put(referral.replaces);
  note(target, TransferPart::target, referral);
  transfers_[index].final_status = 100;
  report(index, 100, request.now);
  start_target(index, plan, request.now);
}

// The INVITE that the transferee would send: what everything that makes an INVITE of ours reads.
DatagramId Transfers::compose_target(const LegRef& leg, const Referral& referral) {
  const Call& call = calls_.calls_[leg.slot];
  const Leg& transferee = call.leg(other(leg.side));
  sip::Writer body(calls_.body_);
  const memory::DatagramPool& datagrams = calls_.services_.datagrams;
  const DatagramId shown = call.sdp_sent[index_of(other(leg.side))];
  const DatagramId own = said_of(call, other(leg.side));
  if (shown == DatagramId::none || own == DatagramId::none ||
      !calls_.session_.restate(datagrams.octets(shown), datagrams.octets(own), body)) {
    return DatagramId::none;
  }
  sip::Writer writer(calls_.scratch_);
  writer.raw("INVITE sip:").value(referral.user).raw("@").raw(nowhere).raw(" SIP/2.0\r\n");
  writer.begin(HeaderName::via).raw("SIP/2.0/UDP ").raw(nowhere);
  writer.raw(";branch=z9hG4bKreferred").end();
  writer.field(HeaderName::max_forwards, uint64_t{70});
  writer.begin(HeaderName::from).unfolded(call.text.get(transferee.dialog.remote_identity));
  writer.raw(";tag=referred").end();
  writer.begin(HeaderName::to).raw("<sip:").raw(nowhere).raw(">").end();
  writer.field(HeaderName::call_id, nowhere).field(HeaderName::cseq, "1 INVITE");
  if (transferee.hides_caller) writer.field(HeaderName::privacy, "user;id");
  if (!referral.user_to_user.empty()) {
    const auto uui = sip::unescape(referral.user_to_user, calls_.extra_);
    if (uui) writer.field(HeaderName::user_to_user, *uui);
  }
  writer.field(HeaderName::content_type, sdp_content_type).finish(body.written());
  return calls_.keep(writer);
}

void Transfers::start_target(uint32_t index, const route::Plan& plan, contract::Instant now) {
  const Transfer& transfer = transfers_[index];
  const uint32_t slot = transfer.target;
  Call& target = calls_.calls_[slot];
  const Call& call = calls_.calls_[transfer.call];
  const Leg& transferee = call.leg(other(transfer.transferor));
  const std::string_view invite =
      calls_.services_.datagrams.octets(calls_.search_of(target).request);
  const bool is_read = sip::parse(invite, calls_.message_).has_value();
  Refusal refusal{500};
  target.state = State::trying;
  target.started = now;
  if (is_read) {
    const sip::Essentials essentials = sip::read_essentials(calls_.message_, invite);
    const Received request{calls_.message_, invite,           essentials, transferee.path.remote,
                           transferee.path, transferee.trunk, now};
    calls_.begin_call(target, request);
    Leg& in = target.leg(Side::in);
    in.dialog.local_tag = target.text.put(calls_.mint_.name().view());
    in.hides_caller = transferee.hides_caller;
    in.srtp = transferee.srtp;
    target.is_muted = true;
    target.must_relay = !call.is_bypassed;
    calls_.keep_numbers(target, request);
    if (plan.calling.length != 0) target.calling_routed = target.text.put(plan.calling.view());
    calls_.take_routes(target, plan);
    // A rule that hid the caller hides it from whom it is sent on to as well.
    const bool was_caller = other(transfer.transferor) == Side::in;
    target.hides_caller = target.hides_caller || (was_caller && call.is_caller_hidden());
    target.text_mark = target.text.mark();
    refusal =
        target.text.is_full() ? Refusal{513} : calls_.try_targets(target, slot, request, {503});
  }
  if (refusal.status_code != 0) {
    target.end = CallEnd::failed;
    target.status_code = refusal.status_code;
    return calls_.finish(slot, {Event::failure, CallEnd::failed, refusal.status_code}, now);
  }
  target.supervised = now;
  calls_.await_supervision(slot);
  calls_.write_row(slot);
}

// The worker of a dialog that is not here: that of its tag, unless it went on from here.
contract::WorkerIndex Transfers::owner_of(std::string_view tag, contract::TrunkId trunk) const {
  const uint32_t row = find_away(tag, trunk);
  return row != no_index ? away_[row].worker : calls_.mint_.owner_of(tag);
}

// Whether a call can take a leg of another one now: 200, or why not.
uint16_t Transfers::unjoinable(uint32_t slot) const {
  const Call& call = calls_.calls_[slot];
  const bool is_idle = call.state == State::confirmed && call.transfer == no_index &&
                       calls_.open_invite_of(call) == no_index;
  if (!is_idle) return 491;
  return is_known(call) ? 200 : 503;
}

// Whether each of two peers that stay can be offered what the other one said. A join that leaves
// them without audio would end both calls.
bool Transfers::can_talk(const LegRef& one, const LegRef& another) {
  const auto leaves_audio = [this](const LegRef& by, const LegRef& to) {
    const Call& call = calls_.calls_[by.slot];
    const DatagramId said = said_of(call, by.side);
    return said == DatagramId::none ||
           calls_.session_.leaves_audio(*calls_.snapshot_, calls_.services_.datagrams.octets(said),
                                        call.leg(by.side).trunk,
                                        calls_.calls_[to.slot].leg(to.side).trunk);
  };
  return leaves_audio(one, another) && leaves_audio(another, one);
}

// Whether the call to take over has a leg with us, here or with another worker: its tag says so.
bool Transfers::names_ours(const Referral& referral) const {
  return referral.has_replaces &&
         calls_.mint_.is_minted(text(referral.dialog.to_tag, referral.replaces));
}

LegRef Transfers::find_named(const Referral& referral, contract::TrunkId trunk) const {
  const auto part = [&](Span span) { return text(span, referral.replaces); };
  const sip::DialogId& id = referral.dialog;
  return calls_.find_dialog({part(id.call_id), part(id.to_tag), part(id.from_tag), trunk});
}

// An attended transfer between two calls of ours: nobody is called, the two are joined.
void Transfers::join_named(const Received& request, TransactionId id, const LegRef& leg,
                           const Referral& referral, const LegRef& named) {
  const uint32_t index = begin(leg, Transfer::Kind::refer, no_index);
  if (index == no_index) return calls_.respond(request, id, 503);
  accept(request, id, leg, referral);
  Transfer& transfer = transfers_[index];
  transfer.final_status = 481;
  const bool is_another = named.is_set() && named.slot != leg.slot;
  if (is_another) transfer.final_status = unjoinable(named.slot);
  if (transfer.final_status == 200 &&
      !can_talk({leg.slot, other(leg.side)}, {named.slot, other(named.side)})) {
    transfer.final_status = 488;
  }
  if (!named.is_set()) {
    const std::string_view tag = text(referral.dialog.to_tag, referral.replaces);
    const contract::WorkerIndex owner = owner_of(tag, request.trunk);
    if (owner != calls_.limits_.worker) transfer.final_status = ask(index, referral, owner);
    if (transfer.final_status == 0) return;
  }
  if (transfer.final_status == 200) {
    transfer.target = named.slot;
    transfer.target_side = named.side;
    calls_.calls_[named.slot].transfer = index;
    note(calls_.calls_[named.slot], TransferPart::target, referral);
    return apply(index, TransferEvent::answer, request.now);
  }
  apply(index, TransferEvent::target_ended, request.now);
}

bool Transfers::outlives(const LegRef& leg, contract::Instant now) {
  Call& call = calls_.calls_[leg.slot];
  const Transfer* transfer = of(leg.slot);
  const bool is_left =
      transfer != nullptr && transfer->call == leg.slot && transfer->transferor == leg.side &&
      call.state == State::confirmed &&
      (transfer->state == TransferState::calling || transfer->state == TransferState::joining);
  // An INVITE between the two can only end with both of them.
  if (!is_left || calls_.open_invite_of(call) != no_index) return false;
  end_carried(leg, now);
  call.leg(leg.side).dialog.state = dialog::State::ended;
  call.leg(leg.side).session_due = {};
  calls_.session_.mute(call, now);
  calls_.apply(leg.slot, {Event::transferor_left, CallEnd::transferred}, now);
  return true;
}

void Transfers::restore(const Transfer& transfer, contract::Instant now) {
  if (transfer.call == no_index || calls_.calls_[transfer.call].state != State::waiting) return;
  const CallEnd end =
      transfer.transferor == Side::in ? CallEnd::released_by_caller : CallEnd::released_by_called;
  calls_.apply(transfer.call, {Event::transfer_failed, end}, now);
}

void Transfers::on_progress(uint32_t slot, uint16_t status_code, contract::Instant now) {
  const uint32_t index = calls_.calls_[slot].transfer;
  transfers_[index].final_status = status_code;
  apply(index, TransferEvent::progress, now);
}

void Transfers::on_answer(uint32_t slot, const Cause& cause, contract::Instant now) {
  Call& target = calls_.calls_[slot];
  Leg& out = target.leg(Side::out);
  sip::Writer body(calls_.body_);
  if (!calls_.take_answer(slot, cause, now, body)) {
    return calls_.fail_answer(slot, 502, cause, now);
  }
  const uint32_t chosen = calls_.chosen_early(target);
  if (chosen != no_index) {
    calls_.session_.take(calls_.early_dialogs_[chosen].negotiation, target);
  }
  calls_.session_.settle(target);
  calls_.drop(target.sdp_sent[index_of(Side::in)]);
  target.sdp_sent[index_of(Side::in)] = calls_.services_.datagrams.keep(body.written());
  calls_.end_other_forks(slot, no_index, now);
  calls_.drop_all_early(slot);
  calls_.end_search(target);
  calls_.note_attempt(target, contract::AttemptEnd::answered, 200);
  calls_.trunk_counters(out.trunk).add(contract::TrunkCounter::answered_out);
  target.leg(Side::in).offer = out.offer = dialog::OfferState::idle;
  target.state = State::confirmed;
  target.answered = now;
  target.status_code = 200;
  calls_.start_session_timer(slot, Side::out, now);
  const uint32_t index = target.transfer;
  const bool is_free = calls_.open_invite_of(calls_.calls_[transfers_[index].call]) == no_index;
  apply(index, is_free ? TransferEvent::answer : TransferEvent::answer_held, now);
}

void Transfers::on_call_is_free(uint32_t slot, contract::Instant now) {
  const uint32_t index = calls_.calls_[slot].transfer;
  if (index == no_index || transfers_[index].call != slot) return;
  apply(index, TransferEvent::call_is_free, now);
}

void Transfers::on_finish(uint32_t slot, contract::Instant now) {
  Call& call = calls_.calls_[slot];
  const uint32_t index = call.transfer;
  if (index == no_index) return;
  call.transfer = no_index;
  Transfer& transfer = transfers_[index];
  if (transfer.call == slot) {
    transfer.call = no_index;
    return apply(index, TransferEvent::call_ended, now);
  }
  transfer.target = no_index;
  transfer.final_status = call.status_code < 300 ? uint16_t{480} : call.status_code;
  call.transfer_status = transfer.final_status;
  const uint32_t lender = transfer.kind == Transfer::Kind::replaces ? transfer.call : no_index;
  apply(index, TransferEvent::target_ended, now);
  if (lender == no_index || !calls_.is_call(lender)) return;
  // The leg that was lent does not exist any more, or was told of a session that nobody has.
  if (call.status_code == 481) return calls_.lose_call(lender, 481, now);
  tell(lender, now);
}

void Transfers::on_farewell(uint32_t slot, contract::Instant now) {
  calls_.apply(slot, {Event::farewell, CallEnd::transferred}, now);
}

// RFC 3891 section 3, RFC 3892. Who referred is shown in the form of the trunk's history, without
// where.
void Transfers::write_referral(const Call& call, sip::Writer& writer) const {
  if (call.transfer == no_index || call.transfer_part != TransferPart::target) return;
  const Transfer& transfer = transfers_[call.transfer];
  const Leg& out = call.leg(Side::out);
  if (!transfer.replaces.empty()) {
    writer.begin(HeaderName::replaces).value(call.text.get(transfer.replaces)).end();
    writer.field(HeaderName::require, "replaces");
  }
  const bool is_told = calls_.policy_of(out.trunk).history != contract::CallHistory::none;
  if (!is_told || call.referred_by.empty()) return;
  const IdentityHost host(*calls_.snapshot_, out.trunk);
  writer.begin(HeaderName::referred_by).raw("<sip:").value(call.text.get(call.referred_by));
  writer.raw("@").value(host.view()).raw(">").end();
}

}  // namespace demarc::call::transfers
