#include "dataplane/call/session.h"
#include "dataplane/call/session_line.h"
#include "dataplane/call/transfers/session_fit.h"

// How Session says what was parsed: with our addresses, ports, keys and formats.

namespace demarc::call {

using contract::IpAddress;

void Session::show(const Stream& stream, Side to, contract::AddressText& address,
                   sdp::Rewrite::Media& shown) const {
  const media::PortPair& pair = stream.ports[index_of(to)];
  const IpAddress advertised = media_.advertised_address(pair);
  address = contract::print(advertised);
  shown.address = address.view();
  shown.type = advertised.is_v4() ? sdp::AddressType::ip4 : sdp::AddressType::ip6;
  const bool is_refused = !is_relayable(description_.media[stream.media_index]);
  shown.port = is_refused ? uint16_t{0} : pair.rtp_port;
}

// An offer goes on as the trunk of the other side wants it; an answer is of the protocol that was
// offered, and has the key that goes with the line which was chosen (RFC 4568 section 5.1.2).
void Session::show_secrecy(const Place& place, unsigned index, Side to, Role role, Keys& keys,
                           sdp::Rewrite::Media& shown) const {
  const Stream& stream = place.call.streams[index];
  const sdp::Media& media = description_.media[stream.media_index];
  if (!sdp::is_rtp(media.protocol)) return;
  const media::srtp::OwnKey own = stream.own_keys[index_of(to)];
  if (role == Role::offer) {
    const contract::SrtpPolicy& policy = place.call.leg(to).srtp;
    shown.protocol = offered_protocol(policy.use, sdp::has_feedback(media.protocol));
    if (policy.use == contract::SrtpUse::off) return;
    CryptoLines& crypto = keys.add();
    crypto.offer(policy, media_.key_source(), own);
    shown.crypto = crypto.lines();
  } else {
    const Remote& offered = lines_.offered_at(place.negotiation, index);
    shown.protocol = sdp::spelling(offered.protocol);
    if (!offered.secrecy.is_srtp) return;
    CryptoLines& crypto = keys.add();
    crypto.answer(offered.secrecy, media_.key_source(), own);
    shown.crypto = crypto.lines();
  }
}

bool Session::print(const Place& place, Side to, Role role, std::string_view body,
                    sip::Writer& writer) const {
  Call& call = place.call;
  const unsigned side = index_of(to);
  Keys keys;
  sdp::Rewrite rewrite(description_.media_count);
  std::array<contract::AddressText, max_streams> addresses;
  rewrite.session.session_id = call.sdp_id[side];
  // The version changes when the session does, and only then (RFC 3264 section 8).
  const uint64_t hash = std::hash<std::string_view>{}(body);
  if (call.sdp_version[side] == 0 || hash != call.sdp_hash[side]) ++call.sdp_version[side];
  call.sdp_hash[side] = hash;
  rewrite.session.session_version = call.sdp_version[side];
  bool is_first = true;
  for (unsigned i = 0; i < max_streams; ++i) {
    const Stream& stream = call.streams[i];
    if (!stream.is_open() || stream.media_index >= description_.media_count) continue;
    sdp::Rewrite::Media& media = rewrite.media[stream.media_index];
    show(stream, to, addresses[i], media);
    const bool is_refused = ((refused_ >> i) & 1) != 0;
    if (is_refused) media.port = 0;
    if (media.port != 0) show_secrecy(place, i, to, role, keys, media);
    if (media.port != 0 && role == Role::answer) {
      const Remote& answered = lines_.at(place.negotiation, i).agreed[index_of(other(to))];
      const sdp::Direction fitting = direction_of(answered.direction);
      if (fitting != description_.direction_of(description_.media[stream.media_index])) {
        media.direction = fitting;
      }
    }
    if (media.port != 0 && ((held_ >> i) & 1) != 0) {
      const sdp::Direction said = description_.direction_of(description_.media[stream.media_index]);
      media.direction = sdp::make_direction(sdp::is_sending(said), false);
    }
    media.adds_rtcp_mux = ((muxed_ >> i) & 1) != 0;
    if (((chosen_ >> i) & 1) != 0) media.formats = formats_[i].view();
    // A realm may have several media addresses; the session shows that of the first stream.
    if (is_first) rewrite.session.address = media.address;
    if (is_first) rewrite.session.type = media.type;
    is_first = false;
  }
  return sdp::print(description_, body, rewrite, writer);
}

// The places that a description names, as it names them.
sdp::Rewrite Session::in_place(const sdp::Description& description, std::string_view body) {
  sdp::Rewrite rewrite(description.media_count);
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

bool Session::pad(unsigned from, unsigned to, sip::Writer& writer) {
  for (unsigned i = from; i < to; ++i) writer.raw("m=audio 0 RTP/AVP 0\r\n");
  return !writer.failed();
}

bool Session::restate(std::string_view shown, std::string_view own, sip::Writer& writer) {
  if (!sdp::parse(shown, description_)) return false;
  return print_open(own, transfers::held_lines({description_, shown}), writer);
}

bool Session::without_hold(std::string_view own, sip::Writer& writer) {
  return print_open(own, UINT16_MAX, writer);
}

// `lines`: bits of those that go both ways whatever was said of them.
bool Session::print_open(std::string_view own, uint16_t lines, sip::Writer& writer) {
  if (!sdp::parse(own, description_)) return false;
  sdp::Rewrite rewrite = in_place(description_, own);
  std::array<sdp::PrintedCrypto, sdp::max_media> keys;
  for (unsigned i = 0; i < description_.media_count; ++i) {
    if ((lines & 1u << i) != 0) rewrite.media[i].direction = sdp::Direction::sendrecv;
    // Media that goes past us needs the keys of who said this: the first that it likes best. What
    // is relayed has ours instead, and does not look at them.
    const OfferedLine line{description_, description_.media[i], own};
    const CryptoPair first = pair_crypto(line, line);
    if (!first.is_found) continue;
    keys[i] = crossing(first.first, own, first.first.tag);
    rewrite.media[i].crypto = {&keys[i], 1};
  }
  return sdp::print(description_, own, rewrite, writer);
}

bool Session::fits(std::string_view shown, std::string_view own, std::string_view other) {
  if (!sdp::parse(shown, description_) || !sdp::parse(own, compared_[0])) return false;
  if (!sdp::parse(other, compared_[1])) return false;
  return transfers::fits({description_, shown}, {compared_[0], own}, {compared_[1], other});
}

}  // namespace demarc::call
