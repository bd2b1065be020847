#include "dataplane/call/session.h"

#include "sip-parser/base/siphash.h"

namespace demarc::call {
namespace {

using contract::Endpoint;
using contract::IpAddress;

constexpr uint32_t usual_clock_rate_hz = 8000;
constexpr uint32_t max_relayed_clock_rate_hz = 1'000'000;

bool is_relayable(const sdp::Media& media) {
  const bool is_rtp = media.protocol == sdp::Protocol::rtp_avp ||
                      media.protocol == sdp::Protocol::rtp_avpf || needs_keys(media.protocol);
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
  remote.protocol = media.protocol;
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

void Session::aim(Side said_by, const Stream& stream, const Remote& remote) {
  media_.expect(stream.slots[index_of(said_by)], remote.rtp, remote.rtcp);
  media_.aim(stream.slots[index_of(other(said_by))], remote.rtp, remote.rtcp);
}

void Session::retune(const Stream& stream, const sdp::Media& media, std::string_view body) {
  for (const media::Table::SlotPair& slots : stream.slots) {
    media_.retune(slots, stream_of(media), clock_rate_of(media, body));
  }
}

const contract::SrtpPolicy& Session::srtp_of(const Call& call, const contract::Snapshot& snapshot,
                                             Side side) {
  static constexpr contract::SrtpPolicy off;
  const contract::TrunkId trunk = call.leg(side).trunk;
  return snapshot.has_trunk(trunk) ? snapshot.trunk(trunk).media.srtp : off;
}

bool Session::is_outdone(unsigned media_index, const contract::SrtpPolicy& policy,
                         std::string_view body) const {
  const sdp::Media& media = description_.media[media_index];
  Keyer keyer(policy, media_.key_source());
  for (unsigned i = 0; i < description_.media_count; ++i) {
    const sdp::Media& one = description_.media[i];
    const bool is_same = i != media_index && one.type == media.type && is_relayable(one) &&
                         one.protocol != sdp::Protocol::udptl &&
                         needs_keys(one.protocol) != needs_keys(media.protocol);
    if (!is_same || media.protocol == sdp::Protocol::udptl) continue;
    const bool can_encrypt =
        keyer.offered(description_, needs_keys(one.protocol) ? one : media, body).secrecy ==
        Secrecy::srtp;
    if (needs_keys(one.protocol) == can_encrypt) return true;
  }
  return false;
}

bool Session::rekey(const Call& call, const contract::Snapshot& snapshot, unsigned index, Side by,
                    const Remote& said, const Remote* said_by_other) {
  const Stream& stream = call.streams[index];
  media::srtp::KeySource& source = media_.key_source();
  media::srtp::MasterKey theirs[2];  // [Side]
  media::srtp::MasterKey ours[2];
  media::Keying in[2];
  media::Keying out[2];
  for (const Side side : {Side::in, Side::out}) {
    const unsigned i = index_of(side);
    const Remote* remote = side == by ? &said : said_by_other;
    if (remote == nullptr) {
      const bool may_be_srtp = srtp_of(call, snapshot, side).use != contract::SrtpUse::off &&
                               said.protocol != sdp::Protocol::udptl;
      in[i].kind = out[1 - i].kind =
          may_be_srtp ? media::Keying::Kind::awaiting : media::Keying::Kind::plain;
    } else if (remote->secrecy.is_srtp) {
      theirs[i] = source.unseal(remote->secrecy.key);
      ours[i] = source.key(stream.own_keys[i], remote->secrecy.key.suite);
      in[i] = {media::Keying::Kind::keyed, &theirs[i]};
      out[1 - i] = {media::Keying::Kind::keyed, &ours[i]};
    }
  }
  return media_.key(stream.slots[0], in[0], out[0]) && media_.key(stream.slots[1], in[1], out[1]);
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
    stream.own_keys[i] = media_.key_source().draw();
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
  is_taken_ = {};
  const contract::SrtpPolicy& policy = srtp_of(call, snapshot, offer.by);
  Keyer keyer(policy, media_.key_source());
  for (unsigned i = 0; i < description_.media_count; ++i) {
    const sdp::Media& media = description_.media[i];
    if (!is_relayable(media) || is_outdone(i, policy, body)) continue;
    SecrecyOfLine line;
    if (media.protocol != sdp::Protocol::udptl) line = keyer.offered(description_, media, body);
    if (line.secrecy == Secrecy::refused) continue;
    const unsigned index = call.stream_for(i);
    if (index == max_streams) continue;
    Stream& stream = call.streams[index];
    if (!stream.is_open()) {
      stream.media_index = static_cast<uint8_t>(i);
      offer.is_new[index] = true;
      if (!open_stream(call, stream, slot, snapshot, now)) return SessionResult::no_ports;
    }
    offer.remotes[index] = remote_of(media, snapshot, body);
    offer.remotes[index].secrecy = line.peer;
    is_taken_[index] = true;
    has_media = true;
    if (!offer.is_new[index]) continue;
    // Whoever offers is ready to receive (RFC 3264 section 5.1): early media needs no answer of us.
    retune(stream, media, body);
    if (!rekey(call, snapshot, index, offer.by, offer.remotes[index], nullptr)) {
      return SessionResult::no_ports;
    }
    aim(offer.by, stream, offer.remotes[index]);
  }
  return has_media ? SessionResult::ok : SessionResult::not_acceptable;
}

SessionResult Session::offer(Call& call, contract::CallSlot slot,
                             const contract::Snapshot& snapshot, Side by, std::string_view body,
                             sip::Writer& writer, contract::Instant now) {
  if (!sdp::parse(body, description_)) return SessionResult::unreadable;
  // RFC 3264 section 8: an m-line never goes away.
  if (description_.media_count < call.media_count) return SessionResult::not_acceptable;
  call.offer = {.by = by, .is_open = true, .media_count = description_.media_count};
  SessionResult result = propose(call, slot, snapshot, body, now);
  if (result == SessionResult::ok && !print(call, snapshot, other(by), Role::offer, body, writer)) {
    result = SessionResult::too_long;
  }
  if (result != SessionResult::ok) withdraw(call, now);
  return result;
}

SessionResult Session::answer(Call& call, const contract::Snapshot& snapshot, Side by,
                              std::string_view body, sip::Writer& writer) {
  if (!call.offer.is_open || call.offer.by == by) return SessionResult::not_acceptable;
  if (!sdp::parse(body, description_)) return SessionResult::unreadable;
  // RFC 3264 section 6: as many m-lines as the offer, in its order.
  if (description_.media_count != call.offer.media_count) return SessionResult::not_acceptable;
  bool is_audible = false;
  is_taken_ = {};
  Keyer keyer(srtp_of(call, snapshot, by), media_.key_source());
  for (unsigned i = 0; i < max_streams; ++i) {
    const Stream& stream = call.streams[i];
    if (!stream.is_open() || stream.media_index >= description_.media_count) continue;
    const sdp::Media& media = description_.media[stream.media_index];
    const Remote offered = call.offer.remotes[i];
    const bool is_accepted = is_relayable(media) && offered.is_offered;
    Remote remote = is_accepted ? remote_of(media, snapshot, body) : Remote{};
    if (is_accepted) {
      SecrecyOfLine line;
      if (media.protocol != sdp::Protocol::udptl) line = keyer.answered(description_, media, body);
      if (line.secrecy == Secrecy::refused) return SessionResult::not_acceptable;
      remote.secrecy = line.peer;
      retune(stream, media, body);
      if (!rekey(call, snapshot, i, by, remote, &offered)) return SessionResult::no_ports;
    }
    is_taken_[i] = is_accepted;
    call.offer.answered[i] = remote;
    aim(other(by), stream, is_accepted ? offered : Remote{});
    aim(by, stream, remote);
    is_audible |= is_accepted && remote.rtp.port != 0 && offered.rtp.port != 0 &&
                  description_.direction_of(media) != sdp::Direction::inactive;
  }
  call.is_audible = is_audible;
  return print(call, snapshot, other(by), Role::answer, body, writer) ? SessionResult::ok
                                                                      : SessionResult::too_long;
}

void Session::aim_again(const Call& call, const contract::Snapshot& snapshot, Side by,
                        const std::array<Remote, max_streams>& answered) {
  for (unsigned i = 0; i < max_streams; ++i) {
    if (!call.streams[i].is_open()) continue;
    // Without a key row for this fork its packets are dropped and counted.
    if (answered[i].is_offered) {
      (void)rekey(call, snapshot, i, by, answered[i], &call.offer.remotes[i]);
    }
    aim(by, call.streams[i], answered[i]);
  }
}

void Session::withdraw(Call& call, contract::Instant now) {
  for (unsigned i = 0; i < max_streams; ++i) {
    Stream& stream = call.streams[i];
    if (!call.offer.is_new[i]) continue;
    if (stream.is_open()) {
      aim(Side::in, stream, {});
      aim(Side::out, stream, {});
    } else {
      close_stream(stream, now);
    }
  }
  call.offer = {};
}

void Session::show(const Stream& stream, Side to, contract::AddressText& address,
                   sdp::Rewrite::Media& shown) const {
  const media::PortPair& pair = stream.ports[index_of(to)];
  const IpAddress advertised = media_.advertised_address(pair);
  address = contract::print(advertised);
  shown.address = address.view();
  shown.type = advertised.is_v4() ? sdp::AddressType::ip4 : sdp::AddressType::ip6;
  shown.port = pair.rtp_port;
}

// An offer goes on as the trunk of the other side wants it; an answer is of the protocol that was
// offered, and has the key that goes with the line which was chosen (RFC 4568 section 5.1.2).
void Session::show_secrecy(const Call& call, const contract::SrtpPolicy& policy, unsigned index,
                           Side to, Role role, CryptoLines& crypto,
                           sdp::Rewrite::Media& shown) const {
  const Stream& stream = call.streams[index];
  const sdp::Media& media = description_.media[stream.media_index];
  if (media.protocol == sdp::Protocol::udptl) return;
  const media::srtp::OwnKey own = stream.own_keys[index_of(to)];
  if (role == Role::offer) {
    shown.protocol = offered_protocol(policy.use, sdp::has_feedback(media.protocol));
    if (policy.use != contract::SrtpUse::off) crypto.offer(policy, media_.key_source(), own);
  } else {
    const Remote& offered = call.offer.remotes[index];
    shown.protocol = sdp::spelling(offered.protocol);
    if (offered.secrecy.is_srtp) crypto.answer(offered.secrecy, media_.key_source(), own);
  }
  shown.crypto = crypto.lines();
}

bool Session::print(Call& call, const contract::Snapshot& snapshot, Side to, Role role,
                    std::string_view body, sip::Writer& writer) const {
  const unsigned side = index_of(to);
  sdp::Rewrite rewrite;
  std::array<contract::AddressText, max_streams> addresses;
  std::array<CryptoLines, max_streams> crypto;
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
    sdp::Rewrite::Media& media = rewrite.media[stream.media_index];
    show(stream, to, addresses[i], media);
    // A realm may have several media addresses; the session shows that of the first stream.
    if (is_first) rewrite.session.address = media.address;
    if (is_first) rewrite.session.type = media.type;
    is_first = false;
    if (!is_taken_[i]) {
      media.port = 0;
    } else {
      show_secrecy(call, srtp_of(call, snapshot, to), i, to, role, crypto[i], media);
    }
  }
  return sdp::print(description_, body, rewrite, writer);
}

void Session::close(Call& call, contract::Instant now) {
  for (Stream& stream : call.streams) close_stream(stream, now);
  call.offer = {};
  call.media_count = 0;
}

}  // namespace demarc::call
