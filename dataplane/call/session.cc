#include "dataplane/call/session.h"

#include "dataplane/call/session_fit.h"
#include "sip-parser/base/siphash.h"
#include "sip-parser/sdp/print.h"

namespace demarc::call {
namespace {

using contract::Endpoint;
using contract::IpAddress;

constexpr uint32_t usual_clock_rate_hz = 8000;
constexpr uint32_t max_relayed_clock_rate_hz = 1'000'000;

bool is_relayable(const sdp::Media& media) {
  const bool is_rtp =
      media.protocol == sdp::Protocol::rtp_avp || media.protocol == sdp::Protocol::rtp_avpf;
  return media.port != 0 && media.port_count == 1 && media.connection_count <= 1 &&
         (is_rtp || media.protocol == sdp::Protocol::udptl);
}

media::Stream stream_of(const sdp::Media& media) {
  return media.protocol == sdp::Protocol::udptl ? media::Stream::udptl : media::Stream::rtp;
}

// The RTP clock of the first format; that of most audio where nobody says or the rate is absurd.
uint32_t clock_rate_of(const sdp::Media& media, std::string_view body) {
  const uint32_t rate = sdp::codec_of(media.formats[0], body).clock_rate_hz;
  return rate == 0 || rate > max_relayed_clock_rate_hz ? usual_clock_rate_hz : rate;
}

// Whether the address is one of the box's own: media is never sent in a circle (decision D10).
bool is_ours(const contract::Snapshot& snapshot, const IpAddress& address) {
  const contract::RealmSection& section = *snapshot.realms;
  for (const contract::RealmConfig& realm : elements(section.header, section.realms)) {
    if (address == realm.address || address == realm.advertised_address) return true;
    for (const IpAddress& media : elements(section.header, realm.media_addresses)) {
      if (address == media) return true;
    }
    for (const IpAddress& media : elements(section.header, realm.advertised_media_addresses)) {
      if (address == media) return true;
    }
  }
  return false;
}

}  // namespace

Remote Session::remote_of(const sdp::Media& media, const contract::Snapshot& snapshot,
                          std::string_view body) const {
  Remote remote;
  remote.is_offered = true;
  const sdp::Connection& connection = description_.connection_of(media);
  const auto address = contract::parse_address(text(connection.address, body));
  // 0.0.0.0 is hold in the old style (RFC 3264 section 8.4): nowhere to send, nobody who sends.
  if (!address || !address->is_unicast() || is_ours(snapshot, *address)) return remote;
  remote.rtp = {*address, media.port};
  remote.rtcp = {*address,
                 media.rtcp_port != 0 ? media.rtcp_port : static_cast<uint16_t>(media.port + 1)};
  if (media.rtcp_connection.type != sdp::AddressType::none) {
    const auto other = contract::parse_address(text(media.rtcp_connection.address, body));
    if (other && other->is_unicast() && !is_ours(snapshot, *other)) remote.rtcp.address = *other;
  }
  return remote;
}

void Session::aim(const Call& call, Side said_by, const Stream& stream, const Remote& remote) {
  if (call.is_muted) return;
  media_.expect(stream.slots[index_of(said_by)], remote.rtp, remote.rtcp);
  media_.aim(stream.slots[index_of(other(said_by))], remote.rtp, remote.rtcp);
}

bool Session::open_stream(Call& call, Stream& stream, contract::CallSlot slot,
                          const contract::Snapshot& snapshot, contract::Instant now) {
  for (const Side side : {Side::in, Side::out}) {
    if (!snapshot.has_trunk(call.leg(side).trunk)) return false;
    const contract::RealmId realm = snapshot.trunk(call.leg(side).trunk).realm;
    stream.ports[index_of(side)] = media_.acquire(realm, now);
    if (!stream.ports[index_of(side)].is_set()) return false;
  }
  for (const Side side : {Side::in, Side::out}) {
    const auto i = index_of(side);
    stream.slots[i] = media_.open({.in = stream.ports[i],
                                   .out = stream.ports[1 - i],
                                   .trunk_in = call.leg(side).trunk,
                                   .trunk_out = call.leg(other(side)).trunk,
                                   .call = slot},
                                  now);
    if (!stream.slots[i].is_set()) return false;
  }
  return true;
}

void Session::close_stream(Stream& stream, contract::Instant now) {
  for (unsigned side = 0; side < 2; ++side) {
    if (stream.slots[side].is_set()) {
      media_.close(stream.slots[side], stream.ports[side], now);
    } else if (stream.ports[side].is_set()) {
      media_.give_back(stream.ports[side], now);
    }
  }
}

// Each m-line that can be relayed has a stream then, and the offer says where its peer is.
SessionResult Session::propose(Call& call, contract::CallSlot slot,
                               const contract::Snapshot& snapshot, std::string_view body,
                               contract::Instant now) {
  Offer& offer = call.offer;
  bool has_media = false;
  for (unsigned i = 0; i < description_.media_count; ++i) {
    const sdp::Media& media = description_.media[i];
    if (!is_relayable(media)) continue;
    const unsigned index = call.stream_for(i);
    if (index == max_streams) continue;
    Stream& stream = call.streams[index];
    if (!stream.is_open()) {
      stream.media_index = static_cast<uint8_t>(i);
      offer.is_new[index] = true;
      if (!open_stream(call, stream, slot, snapshot, now)) return SessionResult::no_ports;
    }
    offer.remotes[index] = remote_of(media, snapshot, body);
    has_media = true;
    if (!offer.is_new[index]) continue;
    // Whoever offers is ready to receive (RFC 3264 section 5.1): early media needs no answer of us.
    retune(stream, media, body);
    aim(call, offer.by, stream, offer.remotes[index]);
  }
  return has_media ? SessionResult::ok : SessionResult::not_acceptable;
}

SessionResult Session::offer(Call& call, contract::CallSlot slot,
                             const contract::Snapshot& snapshot, Side by, std::string_view body,
                             sip::Writer& writer, contract::Instant now) {
  if (!sdp::parse(body, description_)) return SessionResult::unreadable;
  // RFC 3264 section 8: an m-line never goes away.
  if (description_.media_count < call.media_count) return SessionResult::not_acceptable;
  drop_said(call.offer.said);
  call.offer = {.by = by, .is_open = true, .media_count = description_.media_count};
  SessionResult result = propose(call, slot, snapshot, body, now);
  if (result == SessionResult::ok && !print(call, other(by), body, writer)) {
    result = SessionResult::too_long;
  }
  if (result != SessionResult::ok) {
    withdraw(call, now);
  } else {
    keep_said(call, by, body);
  }
  return result;
}

SessionResult Session::answer(Call& call, const contract::Snapshot& snapshot, Side by,
                              std::string_view body, sip::Writer& writer) {
  if (!call.offer.is_open || call.offer.by == by) return SessionResult::not_acceptable;
  if (!sdp::parse(body, description_)) return SessionResult::unreadable;
  // RFC 3264 section 6: as many m-lines as the offer, in its order.
  if (description_.media_count != call.offer.media_count) return SessionResult::not_acceptable;
  bool is_audible = false;
  for (unsigned i = 0; i < max_streams; ++i) {
    Stream& stream = call.streams[i];
    if (!stream.is_open() || stream.media_index >= description_.media_count) continue;
    const sdp::Media& media = description_.media[stream.media_index];
    const Remote offered = call.offer.remotes[i];
    const bool is_accepted = is_relayable(media) && offered.is_offered;
    const Remote remote = is_accepted ? remote_of(media, snapshot, body) : Remote{};
    if (is_accepted) retune(stream, media, body);
    call.offer.answered[i] = remote;
    aim(call, other(by), stream, is_accepted ? offered : Remote{});
    aim(call, by, stream, remote);
    is_audible |= is_accepted && remote.rtp.port != 0 && offered.rtp.port != 0 &&
                  description_.direction_of(media) != sdp::Direction::inactive;
  }
  call.is_audible = is_audible;
  keep_said(call, by, body);
  return print(call, other(by), body, writer) ? SessionResult::ok : SessionResult::too_long;
}

void Session::aim_again(Call& call, Side by, const std::array<Remote, max_streams>& answered) {
  bool is_last = true;
  for (unsigned i = 0; i < max_streams; ++i) {
    is_last &= call.offer.answered[i].rtp == answered[i].rtp;
    if (call.streams[i].is_open()) aim(call, by, call.streams[i], answered[i]);
  }
  call.offer.answered = answered;
  // The text is that of another fork, and this one's is gone.
  if (is_last) return;
  datagrams_.release(call.offer.said[index_of(by)]);
  call.offer.said[index_of(by)] = memory::DatagramId::none;
}

void Session::settle(Call& call) {
  Offer& offer = call.offer;
  if (offer.media_count != 0) call.media_count = offer.media_count;
  if (offer.is_open) {
    for (unsigned i = 0; i < max_streams; ++i) {
      call.streams[i].agreed[index_of(offer.by)] = offer.remotes[i];
      call.streams[i].agreed[index_of(other(offer.by))] = offer.answered[i];
    }
    for (unsigned side = 0; side < 2 && call.keeps_sdp; ++side) {
      datagrams_.release(call.said[side]);
      call.said[side] = offer.said[side];
      offer.said[side] = memory::DatagramId::none;
    }
  }
  offer.is_open = false;
  offer.is_new = {};
}

void Session::retune(Stream& stream, const sdp::Media& media, std::string_view body) {
  stream.kind = stream_of(media);
  stream.clock_rate_hz = clock_rate_of(media, body);
  for (const auto& slots : stream.slots) media_.retune(slots, stream.kind, stream.clock_rate_hz);
}

// Without a buffer a later transfer finds nothing, and is refused.
void Session::keep_said(Call& call, Side by, std::string_view body) {
  if (!call.keeps_sdp) return;
  memory::DatagramId& said = call.offer.said[index_of(by)];
  datagrams_.release(said);
  said = datagrams_.keep(body);
}

void Session::drop_said(memory::DatagramId (&said)[2]) {
  for (memory::DatagramId& one : said) {
    datagrams_.release(one);
    one = memory::DatagramId::none;
  }
}

void Session::withdraw(Call& call, contract::Instant now) {
  for (unsigned i = 0; i < max_streams; ++i) {
    Stream& stream = call.streams[i];
    if (!call.offer.is_new[i]) continue;
    if (stream.is_open()) {
      aim(call, Side::in, stream, {});
      aim(call, Side::out, stream, {});
    } else {
      close_stream(stream, now);
    }
  }
  drop_said(call.offer.said);
  call.offer = {};
}

bool Session::print(Call& call, Side to, std::string_view body, sip::Writer& writer) const {
  const unsigned side = index_of(to);
  sdp::Rewrite rewrite;
  std::array<contract::AddressText, max_streams> addresses;
  rewrite.session.session_id = call.sdp_id[side];
  // The version changes when the session does, and only then (RFC 3264 section 8).
  const uint64_t hash = siphash(SipHashKey{}, body);
  if (call.sdp_version[side] == 0 || hash != call.sdp_hash[side]) ++call.sdp_version[side];
  call.sdp_hash[side] = hash;
  rewrite.session.session_version = call.sdp_version[side];
  bool is_first = true;
  for (unsigned i = 0; i < max_streams; ++i) {
    const Stream& stream = call.streams[i];
    if (!stream.is_open() || stream.media_index >= description_.media_count) continue;
    const IpAddress shown = media_.advertised_address(stream.ports[side]);
    addresses[i] = contract::print(shown);
    sdp::Rewrite::Media& media = rewrite.media[stream.media_index];
    media.address = addresses[i].view();
    media.type = shown.is_v4() ? sdp::AddressType::ip4 : sdp::AddressType::ip6;
    // A realm may have several media addresses; the session shows that of the first stream.
    if (is_first) rewrite.session.address = media.address;
    if (is_first) rewrite.session.type = media.type;
    is_first = false;
    const bool is_refused = !is_relayable(description_.media[stream.media_index]);
    media.port = is_refused ? uint16_t{0} : stream.ports[side].rtp_port;
  }
  return sdp::print(description_, body, rewrite, writer);
}

void Session::close(Call& call, contract::Instant now) {
  for (Stream& stream : call.streams) close_stream(stream, now);
  drop_said(call.offer.said);
  drop_said(call.said);
  drop_said(call.shown);
  call.offer = {};
  call.media_count = 0;
}

bool Session::restate(std::string_view shown, std::string_view own, sip::Writer& writer) {
  if (!sdp::parse(shown, description_)) return false;
  const uint16_t held = held_lines({description_, shown});
  if (!sdp::parse(own, description_)) return false;
  sdp::Rewrite rewrite;
  rewrite.session.session_id = rewrite.session.session_version = 1;
  for (unsigned i = 0; i < description_.media_count; ++i) {
    const sdp::Media& media = description_.media[i];
    const sdp::Connection& connection = description_.connection_of(media);
    sdp::Rewrite::Media& line = rewrite.media[i];
    line.port = media.port;
    line.rtcp_port = media.rtcp_port;
    line.address = text(connection.address, own);
    line.type = connection.type;
    if (i == 0) rewrite.session.address = line.address;
    if (i == 0) rewrite.session.type = line.type;
    if ((held & 1u << i) != 0) line.direction = sdp::Direction::sendrecv;
  }
  return sdp::print(description_, own, rewrite, writer);
}

bool Session::fits(std::string_view shown, std::string_view own, std::string_view other) {
  if (!sdp::parse(shown, description_) || !sdp::parse(own, compared_[0])) return false;
  if (!sdp::parse(other, compared_[1])) return false;
  return call::fits({description_, shown}, {compared_[0], own}, {compared_[1], other});
}

void Session::join_stream(const Mover& mover, Stream& stream, Stream& from, contract::CallSlot slot,
                          contract::Instant now) {
  const unsigned moved = index_of(mover.side);
  const unsigned was = index_of(mover.from_side);
  media_.unbind(stream.slots[1 - moved], stream.ports[1 - moved]);
  media_.close(stream.slots[moved], stream.ports[moved], now);
  media_.unbind(from.slots[was], from.ports[was]);
  media_.close(from.slots[1 - was], from.ports[1 - was], now);
  stream.ports[moved] = from.ports[was];
  from.ports[was] = {};
  stream.agreed[moved] = from.agreed[was];
  for (unsigned i = 0; i < 2; ++i) {
    // There is room for it: twice as many slots were freed just now.
    stream.slots[i] = media_.open({.in = stream.ports[i],
                                   .out = stream.ports[1 - i],
                                   .trunk_in = mover.call.legs[i].trunk,
                                   .trunk_out = mover.call.legs[1 - i].trunk,
                                   .call = slot},
                                  now);
    media_.retune(stream.slots[i], stream.kind, stream.clock_rate_hz);
  }
  for (const Side side : {Side::in, Side::out}) {
    aim(mover.call, side, stream, stream.agreed[index_of(side)]);
  }
}

void Session::join(const Mover& mover, contract::CallSlot slot, contract::Instant now) {
  mover.call.is_muted = false;
  for (Stream& stream : mover.call.streams) {
    if (!stream.is_open()) continue;
    Stream* partner = nullptr;
    for (Stream& from : mover.from.streams) {
      if (from.is_open() && from.media_index == stream.media_index) partner = &from;
    }
    if (partner != nullptr) {
      join_stream(mover, stream, *partner, slot, now);
    } else {
      close_stream(stream, now);
    }
  }
  for (Stream& from : mover.from.streams) close_stream(from, now);
}

void Session::mute(const Call& call) {
  for (const Stream& stream : call.streams) {
    if (!stream.is_open()) continue;
    aim(call, Side::in, stream, {});
    aim(call, Side::out, stream, {});
  }
}

}  // namespace demarc::call
