#include "dataplane/call/session.h"
#include "dataplane/call/session_line.h"

// How the media of two calls becomes that of one.

namespace demarc::call {

void Session::join_stream(const Mover& mover, unsigned index, unsigned from_index,
                          contract::Instant now) {
  Stream& stream = mover.call.streams[index];
  Stream& from = mover.from.streams[from_index];
  const unsigned moved = index_of(mover.side);
  const unsigned was = index_of(mover.from_side);
  // What came from another worker has ports only, and neither slots nor keys.
  const bool has_media = from.is_open();
  media::KeyRows::Row moved_keys;
  if (has_media) moved_keys = media_.take_keys(from.slots[was], from.slots[1 - was]);
  const media::Table::Past past[2] = {media_.past(stream.slots[0]), media_.past(stream.slots[1])};
  std::array<media::CodecNames, 2> names = {};  // [Side]
  names[1 - moved] = media_.codecs(stream.slots[1 - moved]);
  if (has_media) names[moved] = media_.codecs(from.slots[was]);
  const media::KeyRows::Row kept_keys =
      media_.take_keys(stream.slots[1 - moved], stream.slots[moved]);
  media_.unbind(stream.slots[1 - moved], stream.ports[1 - moved]);
  media_.close(stream.slots[moved], stream.ports[moved], now);
  if (has_media) {
    media_.unbind(from.slots[was], from.ports[was]);
    media_.close(from.slots[1 - was], from.ports[1 - was], now);
  }
  stream.ports[moved] = from.ports[was];
  from.ports[was] = {};
  stream.own_keys[moved] = from.own_keys[was];
  join_terms(mover, index, from_index);
  for (unsigned i = 0; i < 2; ++i) {
    // There is room for it: twice as many slots were freed just now.
    const contract::TrunkId to = mover.call.legs[1 - i].trunk;
    const bool is_known = mover.snapshot.has_trunk(to);
    stream.slots[i] =
        media_.open({.in = stream.ports[i],
                     .out = stream.ports[1 - i],
                     .trunk_in = mover.call.legs[i].trunk,
                     .trunk_out = to,
                     .call = mover.slot,
                     .dscp = is_known ? dscp_of(mover.snapshot, to) : contract::realm_dscp,
                     .ensures_rtcp = is_known && ensures_rtcp(mover.snapshot, to)},
                    now);
    media_.retune(stream.slots[i], stream.kind, stream.clock_rate_hz);
    media_.name_codecs(stream.slots[i], stream.slots[i], names[i]);
    media_.resume(stream.slots[i], past[i], i != moved);
  }
  if (has_media) media_.put_keys(stream.slots[moved], stream.slots[1 - moved], moved_keys);
  media_.put_keys(stream.slots[1 - moved], stream.slots[moved], kept_keys);
  media_.join(stream.slots[0], stream.slots[1]);
}

// What the peer that moved agreed of an m-line. One that the other peer had refused stays as silent
// as it was when there is no room for it.
void Session::join_terms(const Mover& mover, unsigned index, unsigned from_index) {
  const Remote& agreed =
      lines_.at(mover.from.negotiation, from_index).agreed[index_of(mover.from_side)];
  Negotiation& negotiation = mover.call.negotiation;
  LineTerms* terms =
      agreed.is_offered ? lines_.take(negotiation, index) : lines_.find(negotiation, index);
  if (terms != nullptr) terms->agreed[index_of(mover.side)] = agreed;
}

void Session::forget_agreed(Negotiation& negotiation, Side side) {
  lines_.for_each(negotiation, [&](LineTerms& terms) { terms.agreed[index_of(side)] = {}; });
}

void Session::join(const Mover& mover, contract::Instant now) {
  Call& call = mover.call;
  call.is_muted = false;
  call.negotiation.agreed_count[index_of(mover.side)] =
      mover.from.negotiation.agreed_count[index_of(mover.from_side)];
  if (mover.from.is_visiting) {
    // Its peer hears of our ports by an offer, and neither sends nor is sent anything before.
    for (unsigned i = 0; i < max_streams; ++i) {
      if (call.streams[i].is_open()) join_stream(mover, i, i, now);
    }
    forget_agreed(call.negotiation, mover.side);
    call.negotiation.is_audible = true;
    return aim_again(call, call.negotiation, now);
  }
  if (mover.from.is_bypassed) {
    // Its media was never ours: the peer hears of our ports by an offer, and is sent nothing
    // before.
    forget_agreed(call.negotiation, mover.side);
    return aim_again(call, call.negotiation, now);
  }
  for (unsigned i = 0; i < max_streams; ++i) {
    if (!call.streams[i].is_open()) continue;
    unsigned partner = max_streams;
    for (unsigned k = 0; k < max_streams; ++k) {
      const Stream& from = mover.from.streams[k];
      if (from.is_open() && from.media_index == call.streams[i].media_index) partner = k;
    }
    if (partner != max_streams) {
      join_stream(mover, i, partner, now);
    } else {
      close_stream(call.streams[i], now);
      LineTerms* terms = lines_.find(call.negotiation, i);
      if (terms != nullptr) terms->agreed[0] = terms->agreed[1] = {};
    }
  }
  for (Stream& from : mover.from.streams) close_stream(from, now);
  call.negotiation.is_audible = true;
  aim_again(call, call.negotiation, now);
}

MediaPlaces Session::places_of(const Call& call, Side side) const {
  MediaPlaces places;
  for (unsigned i = 0; i < max_streams; ++i) {
    const Stream& stream = call.streams[i];
    if (!stream.is_open()) continue;
    places[i] = {media_.bound_address(stream.ports[index_of(side)]), stream.media_index};
  }
  return places;
}

// Each worker has ports of its own at every address of a realm, unless the range is smaller than
// its blocks. The peer is shown another port in any case, but some go on sending to the address
// that they know.
bool Session::reserve(Call& visitor, Side side, const Call& call, const MediaPlaces& places,
                      const contract::Snapshot& snapshot, contract::Instant now) {
  const unsigned is = index_of(side);
  const contract::RealmId realm = snapshot.trunk(visitor.leg(side).trunk).realm;
  for (unsigned i = 0; i < max_streams; ++i) {
    if (!call.streams[i].is_open()) continue;
    Stream& stream = visitor.streams[i];
    stream.media_index = call.streams[i].media_index;
    stream.own_keys[is] = media_.key_source().draw();
    contract::IpAddress address;
    for (const MediaPlace& place : places) {
      if (place.address.is_set() && place.media_index == stream.media_index) {
        address = place.address;
      }
    }
    stream.ports[is] = media_.acquire(realm, now, address);
    if (stream.ports[is].is_set()) continue;
    close(visitor, now);
    return false;
  }
  return true;
}

void Session::mute(const Call& call, contract::Instant now) {
  for (const Stream& stream : call.streams) {
    if (!stream.is_open()) continue;
    aim(call, Side::in, stream, {}, now);
    aim(call, Side::out, stream, {}, now);
  }
}

}  // namespace demarc::call
