#include "dataplane/call/codec_names.h"
#include "dataplane/call/session.h"
#include "dataplane/call/session_line.h"

// The media that offers and answers open: ports and slots, where they are aimed, and their keys.

namespace demarc::call {
namespace {

constexpr uint32_t usual_clock_rate_hz = 8000;
constexpr uint32_t max_relayed_clock_rate_hz = 1'000'000;

media::Stream stream_of(const sdp::Media& media) {
  return media.protocol == sdp::Protocol::udptl ? media::Stream::udptl : media::Stream::rtp;
}

// The RTP clock of the first format; that of most audio where nobody says or the rate is absurd.
uint32_t clock_rate_of(const sdp::Media& media, std::string_view body) {
  const uint32_t rate = sdp::codec_of(media.formats[0], body).clock_rate_hz;
  return rate == 0 || rate > max_relayed_clock_rate_hz ? usual_clock_rate_hz : rate;
}

// Whether the peer that is at `one` may send to that at `other`, by what both said.
bool has_to_send(const Remote& one, const Remote& other) {
  return one.is_offered && other.is_offered && other.rtp.port != 0 &&
         sdp::is_sending(direction_of(one.direction)) &&
         sdp::is_receiving(direction_of(other.direction));
}

}  // namespace

void Session::aim(const Call& call, Side said_by, const Stream& stream, const Remote& remote,
                  contract::Instant now) {
  if (call.is_muted) return;
  media_.multiplex(stream.slots[index_of(said_by)], remote.has_mux);
  media_.aim(stream.slots[index_of(other(said_by))], remote.rtp, remote.rtcp);
  media_.allow_reports(stream.slots[index_of(other(said_by))], !remote.refuses_rtcp);
  media_.listen(stream.slots[index_of(said_by)],
                {remote.rtp, remote.rtcp, call.leg(said_by).path.remote.address}, now);
}

void Session::retune(Stream& stream, const sdp::Media& media, std::string_view body) {
  stream.kind = stream_of(media);
  stream.media_kind = kind_of(media.type);
  stream.clock_rate_hz = clock_rate_of(media, body);
  for (const media::Table::SlotPair& slots : stream.slots) {
    media_.retune(slots, stream.kind, stream.clock_rate_hz);
  }
}

void Session::name_codecs(const Call& call, unsigned index, Side to, const AudioLine& line) {
  const Stream& stream = call.streams[index];
  const bool is_chosen = (chosen_ >> index & 1) != 0;
  media_.name_codecs(stream.slots[index_of(to)], stream.slots[index_of(other(to))],
                     is_chosen ? codec_names(formats_[index].view()) : codec_names(line));
}

void Session::work(const Call& call, const Negotiation& negotiation) {
  const Stream& stream = call.streams[call.worked_stream];
  if (!stream.is_open()) return;
  for (const Side side : {Side::in, Side::out}) {
    const unsigned i = index_of(side);
    media::CodecPlan plan = negotiation.plans[i];
    // Who may not send is not missed.
    plan.fills_silence = plan.fills_silence && stream.has_to_send[i];
    static_cast<void>(media_.plan(stream.slots[i], plan, i));
  }
}

bool Session::rekey(const Stream& stream, const std::array<const Remote*, 2>& said) {
  const auto is_plain = [](const Remote* one) { return one != nullptr && !one->secrecy.is_srtp; };
  // As most are: there is nothing to unseal, and nothing to wipe.
  if (is_plain(said[0]) && is_plain(said[1])) {
    return media_.key(stream.slots[0], {}, {.own = stream.own_keys[1]}) &&
           media_.key(stream.slots[1], {}, {.own = stream.own_keys[0]});
  }
  media::srtp::KeySource& source = media_.key_source();
  // [Side].
  std::optional<media::srtp::MasterKey> theirs[2];
  std::optional<media::srtp::MasterKey> ours[2];
  media::Keying in[2];
  media::Keying out[2];
  for (unsigned i = 0; i < 2; ++i) {
    out[1 - i].own = stream.own_keys[i];
    if (said[i] == nullptr) {
      in[i].kind = out[1 - i].kind = media::Keying::Kind::awaiting;
    } else if (said[i]->secrecy.is_srtp) {
      theirs[i] = source.unseal(said[i]->secrecy.key);
      ours[i] = source.key(stream.own_keys[i], said[i]->secrecy.key.suite);
      in[i] = {media::Keying::Kind::keyed, &*theirs[i]};
      out[1 - i].kind = media::Keying::Kind::keyed;
      out[1 - i].key = &*ours[i];
    }
  }
  return media_.key(stream.slots[0], in[0], out[0]) && media_.key(stream.slots[1], in[1], out[1]);
}

void Session::settle(Call& call) {
  settle(call.negotiation);
  for (const Stream& stream : call.streams) {
    if (!stream.is_open()) continue;
    media_.settle_keys(stream.slots[0], stream.own_keys[1]);
    media_.settle_keys(stream.slots[1], stream.own_keys[0]);
  }
}

// Before the answer it is not known what the other side sends (RFC 4568 section 6.4).
bool Session::key_early(const Place& place, const Stream& stream, Side by, const Remote& said) {
  const Remote plain;
  const bool may_be_srtp =
      sdp::is_rtp(said.protocol) && place.call.leg(other(by)).srtp.use != contract::SrtpUse::off;
  std::array<const Remote*, 2> both = {&said, &said};
  both[index_of(other(by))] = may_be_srtp ? nullptr : &plain;
  return rekey(stream, both);
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
    const contract::TrunkId to = call.leg(other(side)).trunk;
    stream.slots[i] = media_.open({.in = stream.ports[i],
                                   .out = stream.ports[1 - i],
                                   .trunk_in = call.leg(side).trunk,
                                   .trunk_out = to,
                                   .call = slot,
                                   .dscp = dscp_of(snapshot, to),
                                   .ensures_rtcp = ensures_rtcp(snapshot, to)},
                                  now);
    if (!stream.slots[i].is_set()) return false;
    stream.own_keys[i] = media_.key_source().draw();
  }
  media_.join(stream.slots[0], stream.slots[1]);
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

void Session::aim_again(Call& call, const Negotiation& negotiation, contract::Instant now) {
  for (unsigned i = 0; i < max_streams; ++i) {
    if (!call.streams[i].is_open()) continue;
    const LineTerms& terms = lines_.at(negotiation, i);
    for (const Side side : {Side::in, Side::out}) {
      const Remote& remote = terms.agreed[index_of(side)];
      call.streams[i].direction[index_of(side)] = remote.direction;
      call.streams[i].has_to_send[index_of(side)] =
          call.streams[i].kind == media::Stream::rtp &&
          has_to_send(remote, terms.agreed[index_of(other(side))]);
      aim(call, side, call.streams[i], remote, now);
    }
    const std::array<const Remote*, 2> said = {&terms.agreed[0], &terms.agreed[1]};
    // Without a key row left for this fork its packets are dropped and counted.
    if (said[0]->is_offered && said[1]->is_offered) (void)rekey(call.streams[i], said);
  }
  work(call, negotiation);
  if (negotiation.is_audible && !call.is_audible) call.audible_since = now;
  call.is_audible = negotiation.is_audible;
  call.agreed_at = now;
}

void Session::listen_again(const Call& call, contract::Instant now) {
  for (const Stream& stream : call.streams) {
    if (!stream.is_open()) continue;
    for (const media::Table::SlotPair& slots : stream.slots) media_.listen_again(slots, now);
  }
}

void Session::withdraw(Call& call, Negotiation& negotiation, contract::Instant now) {
  for (unsigned i = 0; i < max_streams; ++i) {
    Stream& stream = call.streams[i];
    if (!negotiation.is_new[i]) continue;
    if (stream.is_open()) {
      aim(call, Side::in, stream, {}, now);
      aim(call, Side::out, stream, {}, now);
    } else {
      close_stream(stream, now);
    }
  }
  negotiation.is_open = false;
  negotiation.media_count = negotiation.agreed_count[index_of(negotiation.by)];
  negotiation.is_new = {};
  lines_.close(negotiation);
  lines_.drop_refused(negotiation);
  negotiation.is_chosen = negotiation.was_chosen;
}

void Session::close(Call& call, contract::Instant now) {
  for (Stream& stream : call.streams) close_stream(stream, now);
  lines_.clear(call.negotiation);
  call.is_bypassed = false;
}

}  // namespace demarc::call
