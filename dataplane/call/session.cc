#include "dataplane/call/session.h"

#include "sip-parser/base/siphash.h"
#include "sip-parser/sdp/print.h"

namespace demarc::call {
namespace {

using contract::Endpoint;
using contract::IpAddress;

constexpr uint32_t usual_clock_rate_hz = 8000;
constexpr uint32_t max_relayed_clock_rate_hz = 1'000'000;

bool is_relayable(const sdp::Media& media) {
  return media.port != 0 && media.port_count == 1 && media.connection_count <= 1 &&
         (media.protocol == sdp::Protocol::rtp_avp || media.protocol == sdp::Protocol::rtp_avpf);
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

Session::Remote Session::remote_of(const sdp::Media& media, const contract::Snapshot& snapshot,
                                   std::string_view body) const {
  Remote remote;
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

void Session::aim(Call& call, Side said_by, const Stream& stream, const Remote& remote) {
  static_cast<void>(call);
  media_.expect(stream.slots[static_cast<unsigned>(said_by)], remote.rtp, remote.rtcp);
  media_.aim(stream.slots[static_cast<unsigned>(other(said_by))], remote.rtp, remote.rtcp);
}

bool Session::open_stream(Call& call, Stream& stream, contract::CallSlot slot,
                          const contract::Snapshot& snapshot, uint32_t clock_rate_hz,
                          contract::Instant now) {
  for (const Side side : {Side::in, Side::out}) {
    const contract::RealmId realm = snapshot.trunk(call.leg(side).trunk).realm;
    stream.ports[static_cast<unsigned>(side)] = media_.acquire(realm, now);
    if (!stream.ports[static_cast<unsigned>(side)].is_set()) return false;
  }
  for (const Side side : {Side::in, Side::out}) {
    const auto i = static_cast<unsigned>(side);
    stream.slots[i] = media_.open({.in = stream.ports[i],
                                   .out = stream.ports[1 - i],
                                   .trunk_in = call.leg(side).trunk,
                                   .trunk_out = call.leg(other(side)).trunk,
                                   .call = slot,
                                   .clock_rate_hz = clock_rate_hz},
                                  now);
    if (!stream.slots[i].is_set()) return false;
  }
  return true;
}

SessionResult Session::open_streams(Call& call, contract::CallSlot slot,
                                    const contract::Snapshot& snapshot, std::string_view body,
                                    contract::Instant now) {
  unsigned opened = 0;
  for (unsigned i = 0; i < description_.media_count && opened < max_streams; ++i) {
    const sdp::Media& media = description_.media[i];
    if (!is_relayable(media)) continue;
    Stream& stream = call.streams[opened++];
    stream.media_index = static_cast<uint8_t>(i);
    const uint32_t clock_rate_hz = clock_rate_of(media, body);
    if (!open_stream(call, stream, slot, snapshot, clock_rate_hz, now)) {
      return SessionResult::no_ports;
    }
    aim(call, Side::in, stream, remote_of(media, snapshot, body));
  }
  return opened == 0 ? SessionResult::not_acceptable : SessionResult::ok;
}

SessionResult Session::offer(Call& call, contract::CallSlot slot,
                             const contract::Snapshot& snapshot, std::string_view body,
                             sip::Writer& writer, contract::Instant now) {
  if (!sdp::parse(body, description_)) return SessionResult::unreadable;
  call.media_count = description_.media_count;
  SessionResult result = open_streams(call, slot, snapshot, body, now);
  if (result == SessionResult::ok && !print(call, Side::out, body, writer)) {
    result = SessionResult::too_long;
  }
  if (result != SessionResult::ok) close(call, now);
  return result;
}

SessionResult Session::answer(Call& call, const contract::Snapshot& snapshot, std::string_view body,
                              sip::Writer& writer) {
  if (!sdp::parse(body, description_)) return SessionResult::unreadable;
  // RFC 3264 section 6: as many m-lines as the offer, in its order.
  if (description_.media_count != call.media_count) return SessionResult::not_acceptable;
  bool is_audible = false;
  for (const Stream& stream : call.streams) {
    if (!stream.is_open()) continue;
    const sdp::Media& media = description_.media[stream.media_index];
    const bool is_accepted = media.port != 0;
    const Remote remote = is_accepted ? remote_of(media, snapshot, body) : Remote{};
    aim(call, Side::out, stream, remote);
    is_audible |= is_accepted && remote.rtp.port != 0 &&
                  description_.direction_of(media) != sdp::Direction::inactive;
  }
  call.is_audible = is_audible;
  return print(call, Side::in, body, writer) ? SessionResult::ok : SessionResult::too_long;
}

bool Session::print(Call& call, Side to, std::string_view body, sip::Writer& writer) const {
  const auto side = static_cast<unsigned>(to);
  sdp::Rewrite rewrite;
  std::array<contract::AddressText, max_streams> addresses;
  rewrite.session.session_id = call.sdp_id[side];
  // The version changes when the session does, and only then (RFC 3264 section 8).
  const uint64_t hash = siphash(SipHashKey{}, body);
  if (call.sdp_version[side] == 0 || hash != call.sdp_hash[side]) ++call.sdp_version[side];
  call.sdp_hash[side] = hash;
  rewrite.session.session_version = call.sdp_version[side];
  for (unsigned i = 0; i < max_streams && call.streams[i].is_open(); ++i) {
    const Stream& stream = call.streams[i];
    const IpAddress shown = media_.advertised_address(stream.ports[side]);
    addresses[i] = contract::print(shown);
    sdp::Rewrite::Media& media = rewrite.media[stream.media_index];
    media.address = addresses[i].view();
    media.type = shown.is_v4() ? sdp::AddressType::ip4 : sdp::AddressType::ip6;
    // A realm may have several media addresses; the session shows that of the first stream.
    if (i == 0) rewrite.session.address = media.address;
    if (i == 0) rewrite.session.type = media.type;
    const bool is_refused = description_.media[stream.media_index].port == 0;
    media.port = is_refused ? uint16_t{0} : stream.ports[side].rtp_port;
  }
  return sdp::print(description_, body, rewrite, writer);
}

void Session::close(Call& call, contract::Instant now) {
  for (Stream& stream : call.streams) {
    for (unsigned side = 0; side < 2; ++side) {
      if (stream.slots[side].is_set()) {
        media_.close(stream.slots[side], stream.ports[side], now);
      } else if (stream.ports[side].is_set()) {
        media_.give_back(stream.ports[side], now);
      }
    }
  }
}

}  // namespace demarc::call
