#include <charconv>

#include "dataplane/call/session.h"
#include "dataplane/call/session_line.h"
#include "dataplane/call/transfers/session_fit.h"

// How two offers become answers to one another: the caller's, and that of who picks up.

namespace demarc::call {
namespace {

// Media that goes past us keeps the profile and the keys that its peers have, so both must have the
// same; what needs more than a key of a=crypto (DTLS) needs an answer of the peer itself.
bool goes_past(sdp::Protocol own, sdp::Protocol offered, bool has_keys) {
  const bool is_dtls =
      own == sdp::Protocol::udp_tls_rtp_savp || own == sdp::Protocol::udp_tls_rtp_savpf;
  return own == offered && !is_dtls && (has_keys || !needs_keys(own));
}

uint64_t number_in(std::string_view digits) {
  uint64_t number = 0;
  static_cast<void>(std::from_chars(digits.data(), digits.data() + digits.size(), number));
  return number;
}

}  // namespace

bool Session::narrow_to(std::string_view own, std::string_view offer) {
  return transfers::narrow(description_, own, {compared_[0], offer});
}

bool Session::answer_with(std::string_view own, std::string_view offer, sip::Writer& writer) {
  if (!sdp::parse(own, description_) || !sdp::parse(offer, compared_[0])) return false;
  if (!narrow_to(own, offer)) return false;
  return sdp::print(description_, own, in_place(description_, own), writer) &&
         pad(description_.media_count, compared_[0].media_count, writer);
}

Session::OwnKeys Session::draw_keys(Call& call, Side side) {
  OwnKeys before = {};
  for (unsigned i = 0; i < max_streams; ++i) {
    if (!call.streams[i].is_open()) continue;
    media::srtp::OwnKey& own = call.streams[i].own_keys[index_of(side)];
    before[i] = own;
    own = media_.key_source().draw();
  }
  return before;
}

void Session::keep_keys(Call& call, Side side, const OwnKeys& keys) {
  for (unsigned i = 0; i < max_streams; ++i) {
    if (call.streams[i].is_open()) call.streams[i].own_keys[index_of(side)] = keys[i];
  }
}

// What who takes the call has for each stream, by its trunk's policy. Lines that it refuses, or
// that we can not relay, are off in `offer` from here on.
Session::PeerKeys Session::keys_of_taker(const Place& place, sdp::Description& offer,
                                         std::string_view body) {
  PeerKeys keys;
  Keyer keyer(place.call.leg(Side::out).srtp, media_.key_source());
  for (unsigned i = 0; i < max_streams; ++i) {
    const Stream& stream = place.call.streams[i];
    if (!stream.is_open() || stream.media_index >= offer.media_count) continue;
    sdp::Media& media = offer.media[stream.media_index];
    if (sdp::is_rtp(media.protocol)) keys[i] = keyer.offered(offer, media, body);
    if (!is_relayable(media) || keys[i].secrecy == Secrecy::refused) media.port = 0;
  }
  return keys;
}

// The profile and the keys of each m-line that answers one of who takes the call.
void Session::write_keys(const Place& place, const PeerKeys& keys, const Offers& offers,
                         std::span<CryptoLines> crypto, sdp::Rewrite& rewrite) {
  for (unsigned i = 0; i < max_streams; ++i) {
    const Stream& stream = place.call.streams[i];
    const unsigned index = stream.media_index;
    if (!stream.is_open() || index >= description_.media_count) continue;
    const sdp::Media& media = description_.media[index];
    if (media.port == 0 || !sdp::is_rtp(media.protocol)) continue;
    rewrite.media[index].protocol = text(compared_[0].media[index].protocol_text, offers.taken);
    if (!keys[i].peer.is_srtp) continue;
    crypto[i].answer(keys[i].peer, media_.key_source(), stream.own_keys[index_of(Side::out)]);
    rewrite.media[index].crypto = crypto[i].lines();
  }
}

bool Session::answer_taker(const Place& place, const Offers& offers, const Version& version,
                           sip::Writer& writer) {
  if (place.call.is_bypassed) return print_crossed(offers, Side::in, writer);
  if (!sdp::parse(offers.shown, description_) || !sdp::parse(offers.taken, compared_[0])) {
    return false;
  }
  const PeerKeys keys = keys_of_taker(place, compared_[0], offers.taken);
  if (!narrow_to(offers.shown, offers.taken)) return false;
  std::array<CryptoLines, max_streams> crypto;
  sdp::Rewrite rewrite = in_place(description_, offers.shown);
  rewrite.session.session_id = version.id;
  rewrite.session.session_version = version.number;
  write_keys(place, keys, offers, crypto, rewrite);
  return sdp::print(description_, offers.shown, rewrite, writer) &&
         pad(description_.media_count, compared_[0].media_count, writer);
}

SessionResult Session::answer_caller(const Place& place, const Offers& offers, sip::Writer& words,
                                     sip::Writer& writer, contract::Instant now) {
  if (place.call.is_bypassed) {
    if (!print_crossed(offers, Side::out, words)) return SessionResult::not_acceptable;
    return answer(place, Side::out, words.written(), writer, now);
  }
  if (!sdp::parse(offers.taken, description_) || !sdp::parse(offers.shown, compared_[0])) {
    return SessionResult::unreadable;
  }
  const PeerKeys keys = keys_of_taker(place, description_, offers.taken);
  if (!narrow_to(offers.taken, offers.shown)) return SessionResult::not_acceptable;
  const sdp::Rewrite rewrite = in_place(description_, offers.taken);
  if (!sdp::print(description_, offers.taken, rewrite, words) ||
      !pad(description_.media_count, compared_[0].media_count, words)) {
    return SessionResult::too_long;
  }
  return answer(place, Side::out, words.written(), writer, now, &keys);
}

// What the caller (`of` in) or who takes the call (out) offered, as an answer to the other one,
// with places, origin and keys as they are.
bool Session::print_crossed(const Offers& offers, Side of, sip::Writer& writer) {
  const bool is_caller = of == Side::in;
  const std::string_view own = is_caller ? offers.shown : offers.taken;
  const std::string_view offer = is_caller ? offers.taken : offers.shown;
  if (!sdp::parse(own, description_) || !sdp::parse(offer, compared_[0])) return false;
  std::array<sdp::PrintedCrypto, sdp::max_media> lines;
  uint32_t keyed = 0;
  for (unsigned i = 0; i < description_.media_count && i < compared_[0].media_count; ++i) {
    sdp::Media& media = description_.media[i];
    const OfferedLine ours{description_, media, own};
    const OfferedLine theirs{compared_[0], compared_[0].media[i], offer};
    // In the order of the caller, whoever is asked.
    const CryptoPair pair = is_caller ? pair_crypto(ours, theirs) : pair_crypto(theirs, ours);
    if (!goes_past(media.protocol, theirs.media.protocol, pair.is_found)) media.port = 0;
    if (!pair.is_found) continue;
    keyed |= 1u << i;
    lines[i] = is_caller ? crossing(pair.first, own, pair.second.tag)
                         : crossing(pair.second, own, pair.first.tag);
  }
  if (!narrow_to(own, offer)) return false;
  sdp::Rewrite rewrite = in_place(description_, own);
  rewrite.session.user_name = text(description_.origin.user_name, own);
  rewrite.session.session_id = number_in(text(description_.origin.session_id, own));
  rewrite.session.session_version = number_in(text(description_.origin.session_version, own));
  for (unsigned i = 0; i < description_.media_count; ++i) {
    if (((keyed >> i) & 1) != 0) rewrite.media[i].crypto = {&lines[i], 1};
  }
  return sdp::print(description_, own, rewrite, writer) &&
         pad(description_.media_count, compared_[0].media_count, writer);
}

}  // namespace demarc::call
