#include "dataplane/call/calls.h"
#include "dataplane/call/transfers/dialog_texts.h"
#include "dataplane/call/transfers/leg_image.h"
#include "dataplane/call/transfers/transfers.h"
#include "dataplane/route/route.h"

// A leg of another worker that comes to a call of ours (leg_image.h).

namespace demarc::call::transfers {
namespace {

using contract::CallEnd;
using contract::TransferPart;
using contract::WorkerCounter;
using memory::DatagramId;
using memory::no_index;

}  // namespace

void Transfers::on_leg(const post::Letter& letter, std::string_view octets, contract::Instant now) {
  LegImage image;
  if (!read_leg(octets, image)) return refuse(letter, 480);
  const auto part = [&](Span span) { return text(span, octets); };
  const std::string_view tag = part(image.named_tag);
  const LegRef named = calls_.find_dialog(
      {part(image.named_call_id), tag, part(image.named_remote_tag), image.named_trunk});
  if (!named.is_set()) {
    // The dialog that it names may have gone on itself.
    const uint32_t row = find_away(tag, image.named_trunk);
    if (row == no_index || letter.hops == post::max_hops) return refuse(letter, 481);
    const post::Post::Way way{calls_.limits_.worker, away_[row].worker};
    post::Letter further = letter;
    ++further.hops;
    if (way.to == letter.from || !post_->letters(way).push(further, octets)) refuse(letter, 480);
    return;
  }
  const uint16_t status = unjoinable(named.slot);
  if (status != 200) return refuse(letter, status);
  const uint32_t visitor = seat(letter, octets, image, named, now);
  if (visitor == no_index) return refuse(letter, 503);
  const bool is_joined = join({{visitor, Side::in}, {named.slot, named.side}}, now);
  dismiss(visitor, now);
  if (!is_joined) return refuse(letter, 500);
  Call& call = calls_.calls_[named.slot];
  Referral referral;
  referral.user = part(image.referred_to);
  referral.referred_by = part(image.referred_by);
  note(call, TransferPart::target, referral);
  call.transfer_status = 200;
  put_note(letter.from, {.kind = post::Note::Kind::joined, .leg = letter.leg});
  tell(named.slot, now);
  if (calls_.is_call(named.slot)) calls_.write_row(named.slot);
}

void Transfers::refuse(const post::Letter& letter, uint16_t status_code) {
  calls_.count(WorkerCounter::transfer_not_moved);
  put_note(letter.from,
           {.kind = post::Note::Kind::refused, .status_code = status_code, .leg = letter.leg});
}

// The leg as that of a call that has nothing else, in a slot of its own, with ports for the media
// of the call that it is to join. no_index when something of that is not to be had.
uint32_t Transfers::seat(const post::Letter& letter, std::string_view octets, const LegImage& image,
                         const LegRef& named, contract::Instant now) {
  if (!calls_.snapshot_->has_trunk(image.leg.trunk)) return no_index;
  const uint32_t slot = calls_.calls_.acquire();
  if (slot == no_index) {
    calls_.count(WorkerCounter::call_table_full);
    return no_index;
  }
  Call& visitor = calls_.begin_slot(slot);
  visitor.is_visiting = visitor.is_recorded = true;
  visitor.is_bypassed = image.is_bypassed;
  // It may have been relayed for its privacy, which the image does not say.
  visitor.must_relay = !image.is_bypassed;
  Leg& leg = visitor.leg(Side::in);
  leg = image.leg;
  leg.origin = {letter.from, letter.leg, true};
  const auto keep = [&](Span span) { return visitor.text.put(text(span, octets)); };
  each_text(leg.dialog, [&](Span& span) { span = keep(span); });
  visitor.trunk_names[0] = keep(image.trunk_name);
  visitor.sdp_id[0] = image.sdp_id;
  visitor.sdp_version[0] = image.sdp_version;
  visitor.sdp_hash[0] = image.sdp_hash;
  visitor.negotiation.agreed_count[0] = image.agreed_count;
  visitor.said[0] = calls_.services_.datagrams.keep(text(image.said, octets));
  visitor.sdp_sent[0] = calls_.services_.datagrams.keep(text(image.shown, octets));
  enter_trunk(leg);
  const bool is_whole = !visitor.text.is_full() && visitor.said[0] != DatagramId::none &&
                        visitor.sdp_sent[0] != DatagramId::none;
  const bool is_seated =
      is_whole && calls_.session_.reserve(visitor, Side::in, calls_.calls_[named.slot],
                                          image.places, *calls_.snapshot_, now);
  if (is_seated) return slot;
  dismiss(slot, now);
  return no_index;
}

// Gives back what is left of a visitor.
void Transfers::dismiss(uint32_t slot, contract::Instant now) {
  Call& visitor = calls_.calls_[slot];
  visitor.leg(Side::in).origin = {};
  calls_.session_.close(visitor, now);
  calls_.leave_trunk(visitor.leg(Side::in));
  calls_.drop(visitor.said[0]);
  calls_.drop(visitor.sdp_sent[0]);
  visitor.text.clear();
  calls_.calls_.release(slot);
}

// Whoever is in a call already is not refused a place in it.
void Transfers::enter_trunk(Leg& leg) {
  const auto direction = leg.counted.as == Side::in ? route::Direction::in : route::Direction::out;
  static_cast<void>(
      route::enter_leg(*calls_.snapshot_, calls_.services_.region,
                       {leg.trunk, direction, true, leg.counted.prefix, leg.counted.kbps}));
  calls_.trunk_counters(leg.trunk).add(contract::TrunkCounter::live);
  leg.counted.is_set = true;
}

// The peer of a leg that came here has left where it came from, before that worker knew. As its
// BYE.
void Transfers::on_gone(const post::Note& note, contract::Instant now) {
  const uint64_t hash = calls_.tag_hash(note.tag.view());
  const uint32_t found = calls_.legs_by_tag_.find(hash, [&](uint32_t value) {
    const Origin& origin = calls_.calls_[value / 2].legs[value % 2].origin;
    return origin.is_set && origin.worker == note.from && origin.leg == note.leg;
  });
  if (found == no_index) {
    // It may have gone on.
    const uint32_t row = away_by_tag_.find(
        hash, [&](uint32_t one) { return away_[one].tag.view() == note.tag.view(); });
    if (row == no_index) return;
    return put_note(
        away_[row].worker,
        {.kind = post::Note::Kind::gone, .leg = {row, away_.generation(row)}, .tag = note.tag});
  }
  const uint32_t slot = found / 2;
  const bool is_in = found % 2 == 0;
  calls_.calls_[slot].legs[found % 2].dialog.state = dialog::State::ended;
  calls_.apply(slot,
               {is_in ? Event::bye_in : Event::bye_out,
                is_in ? CallEnd::released_by_caller : CallEnd::released_by_called},
               now);
}

}  // namespace demarc::call::transfers
