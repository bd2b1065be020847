// Sessions of two calls that become one: what fits, what is said to whom, whose media goes where.
#include "dataplane/call/session.h"
#include "dataplane/call/transfers/session_fit.h"

namespace demarc::call {
namespace {

constexpr std::string_view next_line = "\nm=";

}  // namespace

// The places that a description names, as it names them.
sdp::Rewrite Session::in_place(const sdp::Description& description, std::string_view body) {
  sdp::Rewrite rewrite;
  rewrite.session.session_id = rewrite.session.session_version = 1;
  for (unsigned i = 0; i < description.media_count; ++i) {
    const sdp::Media& media = description.media[i];
    const sdp::Connection& connection = description.connection_of(media);
    sdp::Rewrite::Media& line = rewrite.media[i];
    line.port = media.port;
    line.rtcp_port = media.rtcp_port;
    line.rtcp_mux = media.has_rtcp_mux;
    line.address = text(connection.address, body);
    line.type = connection.type;
    if (i == 0) rewrite.session.address = line.address;
    if (i == 0) rewrite.session.type = line.type;
  }
  return rewrite;
}

bool Session::restate(std::string_view shown, std::string_view own, sip::Writer& writer) {
  if (!sdp::parse(shown, description_)) return false;
  const uint16_t held = transfers::held_lines({description_, shown});
  if (!sdp::parse(own, description_)) return false;
  sdp::Rewrite rewrite = in_place(description_, own);
  for (unsigned i = 0; i < description_.media_count; ++i) {
    if ((held & 1u << i) != 0) rewrite.media[i].direction = sdp::Direction::sendrecv;
  }
  return sdp::print(description_, own, rewrite, writer);
}

bool Session::answer_as(std::string_view own, std::string_view offer, const Version& version,
                        sip::Writer& writer) {
  if (!sdp::parse(own, description_) || !sdp::parse(offer, compared_[0])) return false;
  if (!transfers::narrow(description_, own, {compared_[0], offer})) return false;
  sdp::Rewrite rewrite = in_place(description_, own);
  rewrite.session.session_id = version.id;
  rewrite.session.session_version = version.number;
  return sdp::print(description_, own, rewrite, writer) &&
         pad(description_.media_count, compared_[0].media_count, writer);
}

unsigned Session::count_lines(std::string_view body) {
  unsigned lines = body.starts_with("m=") ? 1 : 0;
  for (size_t at = body.find(next_line); at != std::string_view::npos;
       at = body.find(next_line, at + 1)) {
    ++lines;
  }
  return lines;
}

bool Session::fits(std::string_view shown, std::string_view own, std::string_view other) {
  if (!sdp::parse(shown, description_) || !sdp::parse(own, compared_[0])) return false;
  if (!sdp::parse(other, compared_[1])) return false;
  return transfers::fits({description_, shown}, {compared_[0], own}, {compared_[1], other});
}

void Session::join_stream(const Mover& mover, unsigned index, unsigned from_index,
                          contract::Instant now) {
  Stream& stream = mover.call.streams[index];
  Stream& from = mover.from.streams[from_index];
  const unsigned moved = index_of(mover.side);
  const unsigned was = index_of(mover.from_side);
  const media::KeyRows::Row moved_keys = media_.take_keys(from.slots[was], from.slots[1 - was]);
  const media::KeyRows::Row kept_keys =
      media_.take_keys(stream.slots[1 - moved], stream.slots[moved]);
  media_.unbind(stream.slots[1 - moved], stream.ports[1 - moved]);
  media_.close(stream.slots[moved], stream.ports[moved], now);
  media_.unbind(from.slots[was], from.ports[was]);
  media_.close(from.slots[1 - was], from.ports[1 - was], now);
  stream.ports[moved] = from.ports[was];
  from.ports[was] = {};
  stream.own_keys[moved] = from.own_keys[was];
  mover.call.negotiation.agreed[moved][index] = mover.from.negotiation.agreed[was][from_index];
  for (unsigned i = 0; i < 2; ++i) {
    // There is room for it: twice as many slots were freed just now.
    const contract::TrunkId to = mover.call.legs[1 - i].trunk;
    stream.slots[i] = media_.open({.in = stream.ports[i],
                                   .out = stream.ports[1 - i],
                                   .trunk_in = mover.call.legs[i].trunk,
                                   .trunk_out = to,
                                   .call = mover.slot,
                                   .dscp = dscp_of(mover.snapshot, to)},
                                  now);
    media_.retune(stream.slots[i], stream.kind, stream.clock_rate_hz);
  }
  media_.put_keys(stream.slots[moved], stream.slots[1 - moved], moved_keys);
  media_.put_keys(stream.slots[1 - moved], stream.slots[moved], kept_keys);
  media_.join(stream.slots[0], stream.slots[1]);
}

void Session::join(const Mover& mover, contract::Instant now) {
  Call& call = mover.call;
  call.is_muted = false;
  call.negotiation.agreed_count[index_of(mover.side)] =
      mover.from.negotiation.agreed_count[index_of(mover.from_side)];
  if (mover.from.is_bypassed) {
    // Its media was never ours: the peer hears of our ports by an offer, and is sent nothing
    // before.
    call.negotiation.agreed[index_of(mover.side)] = {};
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
      call.negotiation.agreed[0][i] = call.negotiation.agreed[1][i] = {};
    }
  }
  for (Stream& from : mover.from.streams) close_stream(from, now);
  call.negotiation.is_audible = true;
  aim_again(call, call.negotiation, now);
}

void Session::mute(const Call& call, contract::Instant now) {
  for (const Stream& stream : call.streams) {
    if (!stream.is_open()) continue;
    aim(call, Side::in, stream, {}, now);
    aim(call, Side::out, stream, {}, now);
  }
}

}  // namespace demarc::call
