#include "controlplane/media/media_json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "controlplane/media/emodel.h"
#include "controlplane/media/verdict.h"
#include "controlplane/runtime/wall_clock.h"

namespace demarc::media_report {
namespace {

using contract::MediaDirection;
using contract::MediaSource;
using contract::MediaSummary;
using json = nlohmann::ordered_json;

json endpoint_or_null(const contract::Endpoint& endpoint) {
  if (endpoint.port == 0) return nullptr;
  return std::string(contract::print(endpoint).view());
}

json time_or_null(uint64_t unix_ns) {
  if (unix_ns == 0) return nullptr;
  return runtime::utc_text(unix_ns);
}

// To `digits` decimals, so that a figure shows no more than was measured.
json rounded_or_null(const std::optional<double>& value, int digits) {
  if (!value) return nullptr;
  const double scale = std::pow(10, digits);
  return std::round(*value * scale) / scale;
}

json ms_or_null(uint32_t us) {
  if (us == 0) return nullptr;
  return static_cast<double>(us) / 1000;
}

// It takes two packets to see how far they come apart. Of a MediaSummary or a WorstStream.
json jitter_or_null(const auto& media) {
  if (media.rtp_expected - std::min(media.rtp_expected, media.rtp_lost) < 2) return nullptr;
  return static_cast<double>(media.jitter_us) / 1000;
}

json direction_or_null(MediaDirection direction) {
  switch (direction) {
    case MediaDirection::sendrecv:
      return "sendrecv";
    case MediaDirection::sendonly:
      return "sendonly";
    case MediaDirection::recvonly:
      return "recvonly";
    case MediaDirection::inactive:
      return "inactive";
    default:
      return nullptr;
  }
}

std::string_view spelling(MediaSource source) {
  switch (source) {
    case MediaSource::learning:
      return "learning";
    case MediaSource::learnt:
      return "learnt";
    default:
      return "signalled";
  }
}

json drops_of(const auto& media) {
  json drops = json::object();
  for (unsigned i = 0; i < contract::media_drop_count; ++i) {
    drops[std::string(contract::text_of(static_cast<contract::MediaDrop>(i)).name)] =
        media.drops[i];
  }
  return drops;
}

// RFC 3611 section 4.7.2: densities of losses within bursts and between them.
json bursts_of(const MediaSummary& media) {
  const auto density = [](uint32_t lost, uint32_t packets) -> json {
    if (packets == 0) return nullptr;
    return rounded_or_null(static_cast<double>(lost) / packets, 4);
  };
  const uint32_t gap = media.rtp_expected - std::min(media.rtp_expected, media.burst_packets);
  const uint32_t gap_lost = media.rtp_lost - std::min(media.rtp_lost, media.burst_lost);
  return {{"bursts", media.bursts},
          {"burst_density", density(media.burst_lost, media.burst_packets)},
          {"gap_density", density(gap_lost, gap)}};
}

json quality_json(const MediaSummary& media, const MediaSummary& back) {
  const Quality quality = quality_of(media, back);
  const std::string_view codec = contract::encoding_of(media.codec);
  json body = {{"codec", nullptr},
               {"payload_type", nullptr},
               {"expected", media.rtp_expected},
               {"duplicate", media.rtp_duplicate},
               {"late", media.rtp_late},
               {"loss", rounded_or_null(quality.loss, 5)},
               {"burst_ratio", rounded_or_null(quality.burst_ratio, 2)}};
  if (!codec.empty()) body["codec"] = codec;
  if (media.payload_type != contract::no_payload_type) body["payload_type"] = media.payload_type;
  body.update(bursts_of(media));
  body["round_trip_ms"] = ms_or_null(media.round_trip_us);
  body["mos_lq"] = rounded_or_null(quality.mos_lq, 2);
  body["mos_cq"] = rounded_or_null(quality.mos_cq, 2);
  return body;
}

json direction_json(const MediaSummary& media, const MediaSummary& back, const Parties& parties,
                    uint64_t now_unix_ns) {
  const Finding finding = verdict_of(media, back, parties, now_unix_ns);
  return {{"from", parties.from},
          {"packets_in", media.packets_in},
          {"octets_in", media.octets_in},
          {"packets_relayed", media.packets_relayed},
          {"packets_dropped", media.packets_dropped},
          {"packets_made", media.made},
          {"packets_absorbed", media.absorbed},
          {"drops", drops_of(media)},
          {"rtp_lost", media.rtp_lost},
          {"jitter_ms", jitter_or_null(media)},
          {"quality", quality_json(media, back)},
          {"direction", direction_or_null(media.direction)},
          {"local", endpoint_or_null(media.local)},
          {"remote", endpoint_or_null(media.remote)},
          {"source", spelling(media.source)},
          {"seen", endpoint_or_null(media.seen)},
          {"refused", endpoint_or_null(media.refused)},
          {"first_packet", time_or_null(media.first_packet_unix_ns)},
          {"last_packet", time_or_null(media.last_packet_unix_ns)},
          {"verdict", spelling(finding.verdict)},
          {"why", finding.sentence}};
}

json worst_or_null(const contract::WorstStream& worst) {
  if (!worst.is_set) return nullptr;
  return {{"m_line", worst.media_index},  {"kind", contract::spelling(worst.kind)},
          {"is_silent", worst.is_silent}, {"rtp_expected", worst.rtp_expected},
          {"rtp_lost", worst.rtp_lost},   {"jitter_ms", jitter_or_null(worst)}};
}

json total_json(const contract::MediaTotals& total, std::string_view from) {
  return {{"from", from},
          {"m_lines", total.streams},
          {"packets_in", total.packets_in},
          {"octets_in", total.octets_in},
          {"packets_relayed", total.packets_relayed},
          {"packets_dropped", total.packets_dropped},
          {"packets_made", total.made},
          {"packets_absorbed", total.absorbed},
          {"drops", drops_of(total)},
          {"rtp_expected", total.rtp_expected},
          {"rtp_lost", total.rtp_lost},
          {"worst", worst_or_null(total.worst)}};
}

}  // namespace

json media_json(const MediaSummary (&media)[2], uint64_t now_unix_ns) {
  return {direction_json(media[0], media[1], {"caller", "called"}, now_unix_ns),
          direction_json(media[1], media[0], {"called", "caller"}, now_unix_ns)};
}

json stream_json(const MediaSummary (&media)[2], uint64_t now_unix_ns) {
  return {{"m_line", media[0].media_index},
          {"kind", contract::spelling(media[0].kind)},
          {"media", media_json(media, now_unix_ns)}};
}

json totals_json(const contract::MediaTotals (&totals)[2]) {
  return {total_json(totals[0], "caller"), total_json(totals[1], "called")};
}

}  // namespace demarc::media_report
