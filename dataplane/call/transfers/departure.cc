#include <algorithm>

#include "dataplane/call/calls.h"
#include "dataplane/call/transfers/dialog_texts.h"
#include "dataplane/call/transfers/leg_image.h"
#include "dataplane/call/transfers/transfers.h"
#include "sip-parser/dialog_id.h"

// A leg of ours that goes to a call of another worker (away.h), and what comes for it afterwards.

namespace demarc::call::transfers {
namespace {

using contract::CallEnd;
using contract::Duration;
using contract::WorkerCounter;
using contract::WorkerIndex;
using memory::DatagramId;
using memory::no_index;
using sip::HeaderName;
using sip::Method;

// RFC 3261 allows gaps in CSeq (section 12.2.1.1). What we still send to the peer while the image
// is on its way has numbers of this gap.
constexpr uint32_t cseq_gap = 64;

// How long messages of a dialog may be repeated: 64*T1.
constexpr Duration leaving_time = Duration::seconds(32);

}  // namespace

// 0: the answer will come as a note; else the status that the transferor hears of. The call stays
// as it is until then.
uint16_t Transfers::ask(uint32_t index, const Referral& referral, WorkerIndex owner) {
  Transfer& transfer = transfers_[index];
  // The answer to an offer that is open there would come here, and nobody there would wait for it.
  const Leg& asked = calls_.calls_[transfer.call].leg(other(transfer.transferor));
  if (asked.offer != dialog::OfferState::idle) return 491;
  const uint32_t row = post_ == nullptr ? no_index : away_.acquire();
  if (row == no_index) {
    calls_.count(WorkerCounter::transfer_not_moved);
    return 480;
  }
  Away& away = away_[row];
  away = Away{};
  away.transfer = index;
  away.transfer_generation = transfers_.generation(index);
  const LegRef leg{transfer.call, other(transfer.transferor)};
  remember(row, leg);
  const std::string_view image = compose_image(leg, referral);
  post::Letter letter;
  letter.kind = post::Letter::Kind::leg;
  letter.from = calls_.limits_.worker;
  letter.leg = {row, away_.generation(row)};
  const bool is_sent =
      !image.empty() && post_->letters({calls_.limits_.worker, owner}).push(letter, image);
  if (!is_sent) {
    away_.release(row);
    calls_.count(WorkerCounter::transfer_not_moved);
    return 480;
  }
  transfer.away = row;
  return 0;
}

std::string_view Transfers::compose_image(const LegRef& leg, const Referral& referral) {
  const Call& call = calls_.calls_[leg.slot];
  const unsigned is = index_of(leg.side);
  const memory::DatagramPool& datagrams = calls_.services_.datagrams;
  const DatagramId said = said_of(call, leg.side);
  const DatagramId shown = call.sdp_sent[is];
  if (said == DatagramId::none || shown == DatagramId::none) return {};
  LegImage image;
  image.leg = call.legs[is];
  image.leg.dialog.local_cseq += cseq_gap;
  image.sdp_id = call.sdp_id[is];
  image.sdp_version = call.sdp_version[is];
  image.sdp_hash = call.sdp_hash[is];
  image.agreed_count = call.negotiation.agreed_count[is];
  image.is_bypassed = call.is_bypassed;
  image.places = calls_.session_.places_of(call, leg.side);
  image.named_trunk = call.leg(other(leg.side)).trunk;
  // The texts of a call lie in several places, those of an image in one.
  sip::Writer dialog(calls_.extra_);
  each_text(image.leg.dialog, [&](Span& span) {
    const std::string_view piece = call.text.get(span);
    span = {static_cast<uint16_t>(dialog.written().size()), static_cast<uint16_t>(piece.size())};
    dialog.raw(piece);
  });
  const auto part = [&](Span span) { return text(span, referral.replaces); };
  const LegTexts texts{.dialog = dialog.written(),
                       .trunk_name = call.text.get(call.trunk_names[is]),
                       .said = datagrams.octets(said),
                       .shown = datagrams.octets(shown),
                       .named_call_id = part(referral.dialog.call_id),
                       .named_tag = part(referral.dialog.to_tag),
                       .named_remote_tag = part(referral.dialog.from_tag),
                       .referred_to = referral.user,
                       .referred_by = referral.referred_by};
  return write_leg(image, texts, calls_.scratch_);
}

void Transfers::on_note(const post::Note& note, contract::Instant now) {
  if (note.kind == post::Note::Kind::gone) return on_gone(note, now);
  const uint32_t row = note.leg.index;
  if (!away_.is_live(row, note.leg.generation)) return;
  switch (note.kind) {
    case post::Note::Kind::joined:
      return on_joined(row, note.from, now);
    case post::Note::Kind::refused:
      away_[row].refusal = note.status_code;
      return apply_away(row, AwayEvent::refused, now);
    default:
      return apply_away(row, AwayEvent::forgotten, now);
  }
}

// The other worker has the leg in its call. When nobody waits for that any more, its peer or its
// call has ended here in the same moment: then it has left there, too.
void Transfers::on_joined(uint32_t row, WorkerIndex worker, contract::Instant now) {
  away_[row].worker = worker;
  const bool is_there = is_awaited(row) && transfers_[away_[row].transfer].call != no_index;
  apply_away(row, is_there ? AwayEvent::joined : AwayEvent::joined_late, now);
}

// Whether the transfer that asked is still there for the answer.
bool Transfers::is_awaited(uint32_t row) const {
  const Away& away = away_[row];
  return transfers_.is_live(away.transfer, away.transfer_generation) &&
         transfers_[away.transfer].away == row;
}

void Transfers::apply_away(uint32_t row, AwayEvent event, contract::Instant now) {
  Away& away = away_[row];
  const AwayStep next = away_step(away.state, event);
  away.state = next.next;
  const uint32_t index = away.transfer;
  const bool is_told = (next.actions & report_refusal) != 0 && is_awaited(row);
  const uint16_t refusal = away.refusal;
  if ((next.actions & hand_over) != 0) apply(index, TransferEvent::answer, now);
  if ((next.actions & tell_gone) != 0) {
    put_note(
        away.worker,
        {.kind = post::Note::Kind::gone, .leg = {row, away_.generation(row)}, .tag = away.tag});
  }
  if ((next.actions & start_time) != 0) {
    calls_.start_timer(away.timer, CallTimer::away, row, away_.generation(row), now + leaving_time);
  }
  if ((next.actions & give_back) != 0) give_row_back(row);
  if (!is_told) return;
  transfers_[index].away = no_index;
  transfers_[index].final_status = refusal;
  apply(index, TransferEvent::target_ended, now);
}

void Transfers::give_row_back(uint32_t row) {
  Away& away = away_[row];
  forget_replacing(row);
  if (away.is_indexed) away_by_tag_.erase(calls_.tag_hash(away.tag.view()), row);
  forget(away.origin);
  away_.release(row);
}

// The transferee's leg is the other worker's from now on; who transferred has its time to go. As
// join(), with the other half of it over there.
void Transfers::leave(uint32_t index, contract::Instant now) {
  Transfer& transfer = transfers_[index];
  const uint32_t slot = transfer.call;
  Call& call = calls_.calls_[slot];
  const Side side = other(transfer.transferor);
  const uint32_t row = transfer.away;
  transfer.away = no_index;
  end_carried({slot, transfer.transferor}, now);
  drop_settled(slot, side);
  call.transfer_status = 200;
  call.end = CallEnd::transferred;
  call.ended = now;
  call.is_recorded = calls_.write_record(slot, now);
  calls_.unindex_leg(slot, side);
  Leg& leg = call.leg(side);
  Away& away = away_[row];
  away.origin = leg.origin;
  away.is_indexed = true;
  away_by_tag_.insert(calls_.tag_hash(away.tag.view()), row);
  calls_.leave_trunk(leg);
  calls_.services_.transactions.set_user(leg.invite, 0);
  calls_.drop(call.ack);
  const contract::TrunkId trunk = leg.trunk;
  leg = Leg{};
  leg.trunk = trunk;
  calls_.count(WorkerCounter::transfer_moved);
  part(slot, transfer.transferor, now);
}

// What is needed to know its messages. Our tags are all of one length.
void Transfers::remember(uint32_t row, const LegRef& leg) {
  Away& away = away_[row];
  const Call& call = calls_.calls_[leg.slot];
  const Leg& own = call.leg(leg.side);
  const std::string_view tag = call.text.get(own.dialog.local_tag);
  DEMARC_CHECK(tag.size() == contract::MintedName::length);
  std::copy(tag.begin(), tag.end(), away.tag.text.begin());
  away.trunk = own.trunk;
  away.remote_tag = calls_.tag_hash(call.text.get(own.dialog.remote_tag));
}

// INVITEs of ours to a leg that another one takes the place of are over: their ACK is not for that
// one's peer. A 2xx that comes again is acknowledged from its own fields.
void Transfers::drop_settled(uint32_t slot, Side side) {
  for (uint32_t i = calls_.calls_[slot].first_exchange; i != no_index;) {
    const uint32_t next = calls_.exchanges_[i].next;
    const Exchange& exchange = calls_.exchanges_[i];
    const bool is_over = exchange.is_invite() && exchange.state == ExchangeState::settled;
    if (is_over && exchange.from == other(side)) calls_.release_exchange(i);
    i = next;
  }
}

uint32_t Transfers::find_away(std::string_view tag, contract::TrunkId trunk) const {
  if (away_by_tag_.size() == 0 || tag.empty()) return no_index;
  return away_by_tag_.find(calls_.tag_hash(tag), [&](uint32_t row) {
    return away_[row].tag.view() == tag && away_[row].trunk == trunk;
  });
}

contract::TrunkId Transfers::trunk_of_away(std::string_view tag) const {
  if (away_by_tag_.size() == 0) return contract::TrunkId::none;
  const uint32_t row = away_by_tag_.find(
      calls_.tag_hash(tag), [&](uint32_t index) { return away_[index].tag.view() == tag; });
  return row == no_index ? contract::TrunkId::none : away_[row].trunk;
}

// Whose leg a request is about that is not here: by our tag in it, by that in Replaces, or, of the
// CANCEL of such an INVITE, by its Call-ID.
uint32_t Transfers::away_of(const Received& request) {
  const std::string_view tag = to_tag_of(request);
  if (!tag.empty()) return find_away(tag, request.trunk);
  const bool is_invite = request.is_request(Method::invite);
  if (!is_invite && !request.is_request(Method::cancel)) return no_index;
  const uint64_t call_id = calls_.tag_hash(request.value(HeaderName::call_id));
  const uint32_t known = away_by_replacing_.find(call_id, [&](uint32_t row) {
    return away_[row].replacing == call_id && away_[row].trunk == request.trunk;
  });
  if (!is_invite) return known;
  // It may be tried again without Replaces, or for another dialog.
  if (known != no_index) forget_replacing(known);
  const uint32_t row = away_replaced(request);
  if (row == no_index) return no_index;
  forget_replacing(row);
  away_[row].replacing = call_id;
  away_[row].has_replacing = true;
  away_by_replacing_.insert(call_id, row);
  return row;
}

// Whose dialog a new INVITE replaces.
uint32_t Transfers::away_replaced(const Received& request) const {
  const auto* field = request.message.first(HeaderName::replaces);
  if (field == nullptr) return no_index;
  const auto id = sip::parse_replaces(field->value, request.datagram);
  if (!id) return no_index;
  const auto part = [&](Span span) { return text(span, request.datagram); };
  const bool is_here =
      calls_.find_dialog({part(id->call_id), part(id->to_tag), part(id->from_tag), request.trunk})
          .is_set();
  return is_here ? no_index : find_away(part(id->to_tag), request.trunk);
}

void Transfers::forget_replacing(uint32_t row) {
  Away& away = away_[row];
  if (!away.has_replacing) return;
  away_by_replacing_.erase(away.replacing, row);
  away.has_replacing = false;
}

bool Transfers::pass_on(const Received& request) {
  if (away_by_tag_.size() == 0 || hops_ == post::max_hops) return false;
  const uint32_t row = away_of(request);
  // It may have come back.
  if (row == no_index || calls_.find_leg(request).is_set()) return false;
  post::Letter letter;
  letter.from = calls_.limits_.worker;
  letter.hops = static_cast<uint8_t>(hops_ + 1);
  letter.path = request.path;
  letter.path.remote = request.source;
  const post::Post::Way way{calls_.limits_.worker, away_[row].worker};
  const bool is_sent = post_->letters(way).push(letter, request.datagram);
  calls_.count(is_sent ? WorkerCounter::sip_passed_on : WorkerCounter::post_full);
  return true;
}

bool Transfers::is_away_again(const Received& answer) const {
  const uint32_t row = find_away(from_tag_of(answer), answer.trunk);
  return row != no_index && away_[row].remote_tag == calls_.tag_hash(to_tag_of(answer));
}

void Transfers::on_away_timer(uint32_t row, uint32_t generation, contract::Instant now) {
  if (away_.is_live(row, generation)) apply_away(row, AwayEvent::time_over, now);
}

void Transfers::forget(Origin& origin) {
  if (!origin.is_set) return;
  put_note(origin.worker, {.kind = post::Note::Kind::forgotten, .leg = origin.leg});
  origin.is_set = false;
}

// There is room for it (post.h).
void Transfers::put_note(WorkerIndex to, post::Note note) {
  note.from = calls_.limits_.worker;
  DEMARC_CHECK(post_->notes({calls_.limits_.worker, to}).push(note));
}

}  // namespace demarc::call::transfers
