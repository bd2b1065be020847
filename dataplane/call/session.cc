#include "dataplane/call/session.h"

#include <algorithm>
#include <utility>

#include "dataplane/call/bandwidth.h"
#include "dataplane/call/session_line.h"
#include "dataplane/route/admission.h"

namespace demarc::call {
namespace {

using contract::Endpoint;
using contract::IpAddress;

// What of an m-line concerns the other side.
struct Line {
  bool is_on = false;
  sdp::Direction direction = sdp::Direction::sendrecv;
  std::array<uint64_t, 4> payload_types = {};  // a bit for each; the last one: no RTP
  friend bool operator==(const Line&, const Line&) = default;
};

Line line_of(const sdp::Description& description, unsigned index) {
  const sdp::Media& media = description.media[index];
  Line line;
  if (media.port == 0) return line;
  line.is_on = true;
  line.direction = description.direction_of(media);
  for (unsigned i = 0; i < media.format_count; ++i) {
    const uint8_t type = media.formats[i].payload_type;
    line.payload_types[type / 64] |= uint64_t{1} << (type % 64);
  }
  return line;
}

// How the other side says the same (RFC 3264 section 6.1).
sdp::Direction mirrored(sdp::Direction direction) {
  if (direction == sdp::Direction::sendonly) return sdp::Direction::recvonly;
  if (direction == sdp::Direction::recvonly) return sdp::Direction::sendonly;
  return direction;
}

// RFC 3264 section 8.4: whatever is not both ways is some form of hold, and a peer on hold may
// send nothing at all, neither music nor RTCP.
bool is_two_way(const Remote& offered, const Remote& answered) {
  return offered.direction == contract::MediaDirection::sendrecv &&
         answered.direction == contract::MediaDirection::sendrecv;
}

// Of what the side that offers and the other one may say.
RulePair rules_of_both(const Session::Place& place) {
  const Side by = place.negotiation.by;
  return {rules_of(place.snapshot, place.call.leg(by).trunk),
          rules_of(place.snapshot, place.call.leg(other(by)).trunk)};
}

// Whether what our ports facing the peer of `side` send gets there. Our media addresses of a realm
// are of one IP version, and a packet keeps its own.
bool is_reachable(const media::Table& table, const Session::Place& place, const Stream& stream,
                  Side side, const Remote& remote) {
  const contract::TrunkId trunk = place.call.leg(side).trunk;
  if (remote.rtp.port == 0) return true;
  const bool is_v4 = remote.rtp.address.is_v4();
  if (stream.is_open())
    return table.advertised_address(stream.ports[index_of(side)]).is_v4() == is_v4;
  if (!place.snapshot.has_trunk(trunk)) return true;  // for want of it nothing can be opened
  const contract::RealmSection& realms = *place.snapshot.realms;
  const contract::RealmConfig& realm = place.snapshot.realm(place.snapshot.trunk(trunk).realm);
  return elements(realms.header, realm.media_addresses).front().is_v4() == is_v4;
}

constexpr std::string_view next_line = "\nm=";

// The body up to its m-line number `count`, counted from 0.
std::string_view first_lines(std::string_view body, unsigned count) {
  size_t at = body.find(next_line);
  for (unsigned i = 0; i < count && at != std::string_view::npos; ++i) {
    at = body.find(next_line, at + 1);
  }
  return at == std::string_view::npos ? body : body.substr(0, at + 1);
}

}  // namespace

unsigned Session::count_lines(std::string_view body) {
  unsigned lines = body.starts_with("m=") ? 1 : 0;
  for (size_t at = body.find(next_line); at != std::string_view::npos;
       at = body.find(next_line, at + 1)) {
    ++lines;
  }
  return lines;
}

bool Session::decide_bypass(const Place& place) {
  Call& call = place.call;
  if (call.is_bypassed) return true;
  if (place.negotiation.has_session() || call.must_relay) return false;
  if (std::ranges::any_of(call.streams, &Stream::is_open)) return false;
  if (!route::may_bypass(place.snapshot, call.leg(Side::in).trunk, call.leg(Side::out).trunk)) {
    return false;
  }
  for (const Side side : {Side::in, Side::out}) {
    // What goes past us can not be held to it, in this offer or in a later one.
    if (call.leg(side).srtp.use == contract::SrtpUse::required) return false;
  }
  call.is_bypassed = true;
  return true;
}

bool Session::choose(const Place& place, unsigned index, std::string_view body) {
  const RulePair rules = rules_of_both(place);
  place.call.worked_stream = static_cast<uint8_t>(index);
  if (!rules.offerer.has_any() && !rules.answerer.has_any()) return true;
  const sdp::Media& media = description_.media[place.call.streams[index].media_index];
  Choice& choice = lines_.choice(place.negotiation);
  const bool is_kept = keep(index, choose_offer({media, body}, rules, choice));
  place.negotiation.is_chosen = choice.count != 0;
  return is_kept;
}

bool Session::leaves_audio(const contract::Snapshot& snapshot, std::string_view said,
                           contract::TrunkId by, contract::TrunkId to) {
  const RulePair rules{rules_of(snapshot, by), rules_of(snapshot, to)};
  const bool is_ruled = rules.offerer.has_any() || rules.answerer.has_any();
  if (!is_ruled || !sdp::parse(said, description_)) return true;
  for (unsigned i = 0; i < description_.media_count; ++i) {
    const sdp::Media& media = description_.media[i];
    if (!is_audio_line(media) || !is_relayable(media)) continue;
    Choice choice;
    return choose_offer({media, said}, rules, choice).count != 0;
  }
  return true;
}

bool Session::keep(unsigned index, const ChosenFormats& formats) {
  if (formats.count == 0) return false;
  formats_[index] = formats;
  chosen_ |= 1u << index;
  return true;
}

bool Session::strip(const RulePair& rules, unsigned index, const AudioLine& line) {
  if (!rules.offerer.has_any() && !rules.answerer.has_any()) return true;
  return keep(index, strip_line(line, rules));
}

bool Session::choose_back(const Place& place, unsigned index, std::string_view body) {
  Negotiation& offer = place.negotiation;
  if (!offer.is_chosen) return true;
  const sdp::Media& media = description_.media[place.call.streams[index].media_index];
  const AnsweredCodecs answered =
      choose_answer({media, body}, rules_of_both(place), lines_.choice(offer));
  offer.plans[index_of(offer.by)] = answered.from_offerer;
  offer.plans[index_of(other(offer.by))] = answered.from_answerer;
  return keep(index, answered.formats);
}

Remote Session::remote_of(const sdp::Media& media, const contract::Snapshot& snapshot,
                          std::string_view body) const {
  Remote remote;
  remote.is_offered = true;
  remote.protocol = media.protocol;
  remote.direction = direction_in(description_.direction_of(media));
  remote.refuses_rtcp = refuses_rtcp(description_, media);
  const sdp::Connection& connection = description_.connection_of(media);
  const auto address = contract::parse_address(text(connection.address, body));
  // 0.0.0.0 is hold in the old style (RFC 3264 section 8.4): nowhere to send, nobody who sends.
  if (!address || !address->is_unicast() || media::is_own(snapshot, *address)) return remote;
  remote.rtp = {*address, media.port};
  remote.rtcp = {*address,
                 media.rtcp_port != 0 ? media.rtcp_port : static_cast<uint16_t>(media.port + 1)};
  if (media.rtcp_connection.type != sdp::AddressType::none) {
    const auto other = contract::parse_address(text(media.rtcp_connection.address, body));
    const bool is_there = other && other->is_unicast() && other->is_v4() == address->is_v4();
    if (is_there && !media::is_own(snapshot, *other)) remote.rtcp.address = *other;
  }
  remote.has_mux = media.has_rtcp_mux && is_rtp(media.protocol);
  if (remote.has_mux) remote.rtcp = remote.rtp;
  return remote;
}

bool Session::is_outdone(unsigned media_index, const contract::SrtpPolicy& policy,
                         std::string_view body) const {
  const sdp::Media& media = description_.media[media_index];
  Keyer keyer(policy, media_.key_source());
  for (unsigned i = 0; i < description_.media_count; ++i) {
    const sdp::Media& one = description_.media[i];
    const bool is_same = i != media_index && one.type == media.type && is_relayable(one) &&
                         sdp::is_rtp(one.protocol) && sdp::is_rtp(media.protocol) &&
                         needs_keys(one.protocol) != needs_keys(media.protocol);
    if (!is_same) continue;
    const sdp::Media& secure = needs_keys(one.protocol) ? one : media;
    const bool can_be = keyer.offered(description_, secure, body).secrecy == Secrecy::srtp;
    if (needs_keys(one.protocol) == can_be) return true;
  }
  return false;
}

// Whether the media that a peer gets goes to somewhere else from now on, or comes to be SRTP.
// Who receives there has no roll-over counter of the key that we sent with before, and an index is
// never used again under it (RFC 4568 section 7.1.4, RFC 3711 section 9.1).
bool Session::is_other_end(const Remote& before, const Remote& now) {
  if (!before.is_offered || !now.secrecy.is_srtp) return false;
  if (!before.secrecy.is_srtp) return true;
  return now.rtp.port != 0 && before.rtp != now.rtp;
}

// Each m-line that can be relayed has a stream then, and the offer says where its peer is.
SessionResult Session::propose(const Place& place, std::string_view body, contract::Instant now,
                               Words words) {
  Negotiation& offer = place.negotiation;
  Call& call = place.call;
  std::array<Remote, max_streams> known;
  for (unsigned i = 0; i < max_streams; ++i) {
    if (Remote* offered = lines_.offered(offer, i)) known[i] = std::exchange(*offered, {});
  }
  bool has_media = false;
  bool has_audio = false;
  refused_ = muxed_ = held_ = 0;
  chosen_ = 0;
  const contract::SrtpPolicy& policy = call.leg(offer.by).srtp;
  Keyer keyer(policy, media_.key_source());
  for (unsigned i = 0; i < description_.media_count; ++i) {
    const sdp::Media& media = description_.media[i];
    if (!is_relayable(media)) continue;
    const unsigned index = call.stream_for(i);
    if (index == max_streams) continue;
    Stream& stream = call.streams[index];
    SecrecyOfLine line;
    const bool is_said = words != Words::made && sdp::is_rtp(media.protocol);
    if (is_said) line = keyer.offered(description_, media, body);
    const bool is_known = known[index].is_offered && stream.is_open();
    if (is_known) line.peer = known[index].secrecy;
    const bool is_unfit =
        is_said && (line.secrecy == Secrecy::refused || is_outdone(i, policy, body));
    const Remote said = remote_of(media, place.snapshot, body);
    const bool is_far = words == Words::own && !is_reachable(media_, place, stream, offer.by, said);
    if (is_far || (is_unfit && !is_known)) {
      if (stream.is_open()) refused_ |= 1u << index;
      continue;
    }
    if (!stream.is_open()) stream.media_index = static_cast<uint8_t>(i);
    const bool is_first_audio = is_audio_line(media) && !has_audio;
    has_audio |= is_first_audio;
    const bool has_formats =
        is_first_audio ? choose(place, index, body)
                       : !is_audio_line(media) || strip(rules_of_both(place), index, {media, body});
    if (!has_formats) {
      refused_ |= 1u << index;
      continue;
    }
    if (lines_.take(offer, index) == nullptr) {
      if (!stream.is_open()) return SessionResult::no_lines;
      // It was refused before, or its place would be there. A call does not end for want of it now.
      refused_ |= 1u << index;
      continue;
    }
    if (!stream.is_open()) {
      offer.is_new[index] = true;
      if (!open_stream(call, stream, place.slot, place.snapshot, now))
        return SessionResult::no_ports;
    }
    name_codecs(call, index, other(offer.by), {media, body});
    Remote& remote = *lines_.offered(offer, index) = said;
    remote.secrecy = line.peer;
    if (remote.has_mux) muxed_ |= 1u << index;
    // Hold in the old style says no direction; to the other side, which gets our address, we do.
    const bool is_held = words == Words::own && remote.rtp.port == 0;
    if (is_held) held_ |= 1u << index;
    has_media = true;
    if (!offer.is_new[index]) continue;
    // Whoever offers is ready to receive (RFC 3264 section 5.1): early media needs no answer of us.
    retune(stream, media, body);
    if (!key_early(place, stream, offer.by, remote)) return SessionResult::no_ports;
    aim(call, offer.by, stream, remote, now);
  }
  return has_media ? SessionResult::ok : SessionResult::not_acceptable;
}

SessionResult Session::offer(const Place& place, Side by, std::string_view body,
                             sip::Writer& writer, contract::Instant now, Words words) {
  Negotiation& offer = place.negotiation;
  if (!sdp::parse(body, description_)) return SessionResult::unreadable;
  // RFC 3264 section 8: an m-line never goes away.
  if (words == Words::own && description_.media_count < offer.agreed_count[index_of(by)]) {
    return SessionResult::not_acceptable;
  }
  if (!lines_.open(offer)) return SessionResult::no_lines;
  const bool is_bypassed = decide_bypass(place);
  offer.by = by;
  offer.is_open = true;
  offer.media_count = description_.media_count;
  offer.is_new = {};
  // What we repeat was printed for somebody else, without the keys of who said it: those that were
  // agreed stand.
  for (unsigned i = 0; i < max_streams; ++i) {
    Remote* offered = lines_.offered(offer, i);
    if (offered == nullptr) continue;
    *offered = words == Words::repeated ? lines_.at(offer, i).agreed[index_of(by)] : Remote{};
  }
  offer.is_chosen = false;
  SessionResult result = is_bypassed ? SessionResult::ok : propose(place, body, now, words);
  const auto print_it = [&] {
    const bool is_printed = is_bypassed ? !writer.raw(body).failed()
                                        : print(place, other(by), Role::offer, body, writer);
    // RFC 3264 section 8: who has agreed to more m-lines sees the others again, off.
    return is_printed && pad(offer.media_count, offer.offered_count(), writer);
  };
  if (result == SessionResult::ok && !print_it()) {
    result = SessionResult::too_long;
  }
  if (result != SessionResult::ok) withdraw(place.call, offer, now);
  return result;
}

SessionResult Session::answer(const Place& place, Side by, std::string_view body,
                              sip::Writer& writer, contract::Instant now, const PeerKeys* keys) {
  const Side to = other(by);
  OwnKeys before = {};
  for (unsigned i = 0; i < max_streams; ++i) {
    before[i] = place.call.streams[i].own_keys[index_of(to)];
  }
  const Negotiation agreed = place.negotiation;
  lines_.save(agreed);
  const SessionResult result = take_answer(place, by, body, writer, now, keys);
  if (result == SessionResult::ok) return result;
  // Its peer hears of no keys that were drawn for it, and of nothing that was agreed.
  keep_keys(place.call, to, before);
  place.negotiation = agreed;
  lines_.restore(agreed);
  if (agreed.has_session()) aim_again(place.call, place.negotiation, now);
  return result;
}

SessionResult Session::take_answer(const Place& place, Side by, std::string_view body,
                                   sip::Writer& writer, contract::Instant now,
                                   const PeerKeys* keys) {
  Negotiation& offer = place.negotiation;
  if (!offer.is_open || offer.by == by) return SessionResult::not_acceptable;
  if (!sdp::parse(body, description_)) return SessionResult::unreadable;
  // RFC 3264 section 6: as many m-lines as the offer, in its order.
  if (description_.media_count != offer.offered_count()) return SessionResult::not_acceptable;
  // The offerer knows nothing of those that were added for this side.
  description_.media_count = offer.media_count;
  if (place.call.is_bypassed) {
    offer.kbps[0] = offer.kbps[1] = 0;
    const std::string_view lines = first_lines(body, offer.media_count);
    return writer.raw(lines).failed() ? SessionResult::too_long : SessionResult::ok;
  }
  offer.is_audible = false;
  offer.plans = {};
  Keyer keyer(place.call.leg(by).srtp, media_.key_source());
  refused_ = muxed_ = held_ = 0;
  chosen_ = 0;
  bool has_near = false;
  bool has_far = false;  // of an IP version that our ports have not
  for (unsigned i = 0; i < max_streams; ++i) {
    Stream& stream = place.call.streams[i];
    // One of another fork, which offered more m-lines, is silent here.
    const bool is_said = stream.is_open() && stream.media_index < description_.media_count;
    LineTerms* terms = lines_.find(offer, i);
    if (terms == nullptr) {
      if (is_said) refused_ |= 1u << i;
      continue;
    }
    Remote& offered = terms->agreed[index_of(offer.by)];
    Remote& answered = terms->agreed[index_of(by)];
    const Remote before = std::exchange(offered, {});
    answered = {};
    if (!is_said) continue;
    const sdp::Media& media = description_.media[stream.media_index];
    const Remote said = remote_of(media, place.snapshot, body);
    const Remote& in_offer = lines_.offered_at(offer, i);
    bool is_accepted = is_relayable(media) && in_offer.is_offered;
    if (is_accepted && !is_reachable(media_, place, stream, by, said)) {
      is_accepted = false;
      has_far = true;
    }
    if (is_accepted && is_audio_line(media)) {
      // What comes back is in the order of the offerer's trunk.
      const RulePair rules = rules_of_both(place);
      is_accepted = i == place.call.worked_stream
                        ? choose_back(place, i, body)
                        : strip({rules.answerer, rules.offerer}, i, {media, body});
    }
    if (!is_accepted) refused_ |= 1u << i;
    if (in_offer.has_mux) muxed_ |= 1u << i;
    if (is_accepted) {
      offered = in_offer;
      SecrecyOfLine line;
      if (keys != nullptr) {
        line = (*keys)[i];
      } else if (sdp::is_rtp(media.protocol)) {
        line = keyer.answered(description_, media, body, {});
      }
      if (line.secrecy == Secrecy::refused) return SessionResult::not_acceptable;
      has_near = true;
      answered = said;
      answered.direction = direction_in(fitting_direction(offered, description_, media));
      answered.secrecy = line.peer;
      retune(stream, media, body);
      name_codecs(place.call, i, offer.by, {media, body});
      // All forks know the same keys of ours, so those of one that moved stay.
      const bool is_fork = &offer != &place.call.negotiation;
      if (!is_fork && is_other_end(before, offered)) {
        stream.own_keys[index_of(offer.by)] = media_.key_source().draw();
      }
      if (!rekey(stream, {&terms->agreed[0], &terms->agreed[1]})) {
        return SessionResult::no_ports;
      }
    }
    offer.is_audible |= is_accepted && answered.rtp.port != 0 && offered.rtp.port != 0 &&
                        is_two_way(offered, answered);
  }
  if (has_far && !has_near) return SessionResult::not_acceptable;
  for (const Side side : {Side::in, Side::out}) {
    const bool is_v6 = !place.call.leg(side).path.local.address.is_v4();
    offer.kbps[index_of(side)] = kbps_of(description_, body, is_v6);
  }
  aim_again(place.call, offer, now);
  return print(place, other(by), Role::answer, body, writer) ? SessionResult::ok
                                                             : SessionResult::too_long;
}

SessionResult Session::move(const Place& place, Side side, std::string_view body,
                            contract::Instant now) {
  Negotiation& negotiation = place.negotiation;
  if (!sdp::parse(body, description_)) return SessionResult::unreadable;
  if (description_.media_count != negotiation.agreed_count[index_of(side)]) {
    return SessionResult::not_acceptable;
  }
  if (place.call.is_bypassed) return SessionResult::ok;
  Keyer keyer(place.call.leg(side).srtp, media_.key_source());
  for (unsigned i = 0; i < max_streams; ++i) {
    const Stream& stream = place.call.streams[i];
    LineTerms* terms = lines_.find(negotiation, i);
    const bool is_said = stream.is_open() && stream.media_index < description_.media_count;
    if (terms == nullptr || !is_said) continue;
    Remote& remote = terms->agreed[index_of(side)];
    const sdp::Media& media = description_.media[stream.media_index];
    if (remote.is_offered && is_relayable(media)) {
      SecrecyOfLine line;
      if (sdp::is_rtp(media.protocol)) {
        line = keyer.answered(description_, media, body, remote.secrecy);
      }
      const Remote said = remote_of(media, place.snapshot, body);
      const bool is_near = is_reachable(media_, place, stream, side, said);
      if (line.secrecy == Secrecy::refused || !is_near) return SessionResult::not_acceptable;
      remote = said;
      remote.secrecy = line.peer;
    }
  }
  aim_again(place.call, negotiation, now);
  return SessionResult::ok;
}

bool Session::is_other(std::string_view before, std::string_view now) {
  sdp::Description& was = compared_[0];
  if (!sdp::parse(before, was) || !sdp::parse(now, description_)) return true;
  if (was.media_count != description_.media_count) return true;
  for (unsigned i = 0; i < was.media_count; ++i) {
    if (line_of(was, i) != line_of(description_, i)) return true;
  }
  return false;
}

uint32_t Session::kbps_of_offer(std::string_view body, bool is_v6) {
  if (body.empty() || !sdp::parse(body, description_)) return usual_kbps(is_v6);
  return kbps_of(description_, body, is_v6);
}

bool Session::is_narrower(std::string_view offered, std::string_view answered) {
  if (!sdp::parse(offered, description_)) return false;
  std::array<Line, sdp::max_media> lines;
  for (unsigned i = 0; i < description_.media_count; ++i) lines[i] = line_of(description_, i);
  const unsigned count = description_.media_count;
  if (!sdp::parse(answered, description_) || description_.media_count != count) return false;
  for (unsigned i = 0; i < count; ++i) {
    Line line = line_of(description_, i);
    // An answer that asks for more than its offer gives gets no more for it.
    line.direction = sdp::answer_to(lines[i].direction, line.direction);
    lines[i].direction = mirrored(lines[i].direction);
    if (line != lines[i]) return true;
  }
  return false;
}

}  // namespace demarc::call
