#include "controlplane/media/verdict.h"

#include <algorithm>
#include <iterator>

namespace demarc::media_report {
namespace {

using contract::MediaDirection;
using contract::MediaDrop;
using contract::MediaSummary;

uint32_t dropped(const MediaSummary& media, MediaDrop drop) {
  return media.drops[static_cast<unsigned>(drop)];
}

std::string text_of(const contract::Endpoint& endpoint) {
  return std::string(contract::print(endpoint).view());
}

bool may_send(MediaDirection direction) {
  return direction != MediaDirection::recvonly && direction != MediaDirection::inactive;
}

bool may_receive(MediaDirection direction) {
  return direction != MediaDirection::sendonly && direction != MediaDirection::inactive;
}

std::string name_of(contract::MediaKind kind) {
  if (kind == contract::MediaKind::other) return "media";
  return std::string(contract::spelling(kind));
}

std::string packets(uint64_t count) {
  return std::to_string(count) + (count == 1 ? " packet" : " packets");
}

// The reason for which most packets were dropped; count when none was.
MediaDrop worst_drop(const MediaSummary& media) {
  const auto most = std::max_element(media.drops.begin(), media.drops.end());
  if (*most == 0) return MediaDrop::count;
  return static_cast<MediaDrop>(most - media.drops.begin());
}

std::string refused_sentence(const MediaSummary& media, const Parties& parties) {
  const std::string seen =
      media.refused.port == 0 ? std::string("elsewhere") : text_of(media.refused);
  return packets(dropped(media, MediaDrop::wrong_source)) + " came from " + seen + ", but the " +
         std::string(parties.from) + " said that it sends from " + text_of(media.remote) +
         "; it may be behind NAT: media_source = \"latching\" of its trunk learns where from.";
}

Finding of_key_failure(MediaDrop drop, const MediaSummary& media, const Parties& parties) {
  const std::string subject =
      packets(dropped(media, drop)) + " of the " + std::string(parties.from);
  switch (drop) {
    case MediaDrop::unauthenticated:
      return {Verdict::wrong_key,
              subject +
                  " were no SRTP made with the key in its SDP: it uses another key or suite"
                  " than it named, or sends plain RTP."};
    case MediaDrop::replayed:
      return {Verdict::replayed,
              subject + " came before, or went back in their numbers by more than SRTP allows."};
    case MediaDrop::no_key:
      return {Verdict::no_key,
              subject +
                  " were dropped before a key for SRTP was agreed: the answer with it has"
                  " not come."};
    default:
      return {Verdict::key_spent,
              subject + " could not be encrypted for the " + std::string(parties.to) +
                  ": their numbers went back to what this key has been used for already, or their"
                  " sender had more SSRCs than can be remembered."};
  }
}

Finding of_drop(MediaDrop drop, const MediaSummary& media, const Parties& parties) {
  const std::string from(parties.from);
  const std::string to(parties.to);
  const std::string all = packets(dropped(media, drop));
  switch (drop) {
    case MediaDrop::wrong_source:
      return {Verdict::wrong_source, refused_sentence(media, parties)};
    case MediaDrop::learning:
      return {Verdict::learning, all + " of the " + from +
                                     " were held back while it was learnt where they come from."};
    case MediaDrop::not_ready:
      return {Verdict::not_aimed, all + " of the " + from + " had nowhere to go: the " + to +
                                      " has named no address to send to."};
    case MediaDrop::malformed:
      return {Verdict::not_rtp,
              all + " of the " + from + " had no header of RTP or RTCP, and were dropped."};
    case MediaDrop::no_route:
      return {Verdict::no_route,
              "There is no way to the address of the " + to + ": no route or no neighbour."};
    case MediaDrop::unauthenticated:
    case MediaDrop::replayed:
    case MediaDrop::no_key:
    case MediaDrop::key_spent:
      return of_key_failure(drop, media, parties);
    default:
      return {Verdict::tx_full, all + " were dropped because the outgoing port took no more."};
  }
}

Finding nothing_went_on(const MediaSummary& media, const Parties& parties) {
  const std::string from(parties.from);
  if (media.remote.port == 0 && media.packets_in == 0) {
    return {Verdict::no_address, "The " + from + " has named no address that it sends from."};
  }
  if (media.packets_in == 0) {
    return {Verdict::nothing_arrives, "Not one packet of the " + from + " arrived at " +
                                          text_of(media.local) + "; it said that it sends from " +
                                          text_of(media.remote) + "."};
  }
  const MediaDrop worst = worst_drop(media);
  if (worst == MediaDrop::count) {
    return {Verdict::nothing_arrives, packets(media.packets_in) + " of the " + from +
                                          " arrived, and none was for the other side."};
  }
  return of_drop(worst, media, parties);
}

bool is_stopped(const MediaSummary& media, uint64_t now_unix_ns) {
  return media.last_packet_unix_ns != 0 && now_unix_ns > media.last_packet_unix_ns &&
         now_unix_ns - media.last_packet_unix_ns >= stopped_after_ns;
}

// Some may have come that did not count, before or since: why is the likeliest reason.
std::string stopped_sentence(const MediaSummary& media, const Parties& parties,
                             uint64_t now_unix_ns) {
  const uint64_t seconds = (now_unix_ns - media.last_packet_unix_ns) / 1'000'000'000;
  const std::string until = "Packets of the " + std::string(parties.from) + " went on until " +
                            std::to_string(seconds) + " seconds ago; none ";
  const MediaDrop worst = worst_drop(media);
  if (worst == MediaDrop::count) return until + "came since.";
  return until + "that may go on came since. " + of_drop(worst, media, parties).sentence;
}

}  // namespace

Finding verdict_of(const MediaSummary& media, const MediaSummary& back, const Parties& parties,
                   uint64_t now_unix_ns) {
  const std::string from(parties.from);
  if (media.streams == 0 && media.is_bypassed) {
    return {Verdict::bypassed,
            "Its media goes from peer to peer, past the box; it was not measured."};
  }
  if (media.streams == 0) return {Verdict::no_media, "The call has no media."};
  if (media.is_off) {
    return {Verdict::off,
            "Its m-line is not in use: no answer has taken it, or the last left it out."};
  }
  if (!may_send(media.direction)) {
    return {Verdict::on_hold, "The " + from + " may not send: its SDP says so (hold)."};
  }
  if (!may_receive(back.direction)) {
    return {Verdict::on_hold,
            "The " + std::string(parties.to) + " does not want to hear: its SDP says so (hold)."};
  }
  if (media.packets_relayed <= media.made) return nothing_went_on(media, parties);
  if (is_stopped(media, now_unix_ns)) {
    return {Verdict::stopped, stopped_sentence(media, parties, now_unix_ns)};
  }
  if (media.first_packet_unix_ns == 0 && media.payload_type == contract::no_payload_type &&
      media.clock_rate_hz != 0) {
    return {Verdict::only_rtcp,
            "The " + from + " sends reports (RTCP), but no " + name_of(media.kind) + "."};
  }
  return {Verdict::flowing, packets(media.packets_relayed) + " of the " + from +
                                " went on to the " + std::string(parties.to) + "."};
}

std::string_view spelling(Verdict verdict) {
  constexpr std::string_view names[] = {
      "flowing",      "no_media",  "on_hold",   "no_address", "nothing_arrives",
      "wrong_source", "not_rtp",   "not_aimed", "no_route",   "tx_full",
      "learning",     "wrong_key", "replayed",  "no_key",     "key_spent",
      "stopped",      "only_rtcp", "off",       "bypassed"};
  static_assert(std::size(names) == static_cast<size_t>(Verdict::bypassed) + 1);
  return names[static_cast<size_t>(verdict)];
}

}  // namespace demarc::media_report
