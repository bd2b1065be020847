#include "controlplane/media/emodel.h"

#include <algorithm>
#include <cmath>

namespace demarc::media_report {
namespace {

using contract::AudioCodec;

constexpr double best_rating = 93.2;
constexpr double best_wideband_rating = 129;  // G.107.1 section 7.2
constexpr double wideband_scale = 1.29;       // G.107.1 annex A
constexpr double usual_packet_ms = 20;
constexpr double most_burst_ratio = 8;  // G.107 has no figures beyond

// Idd of G.107 section 7.4; that of echo is none, since both ends cancel theirs.
double delay_impairment(double one_way_delay_ms) {
  if (one_way_delay_ms <= 100) return 0;
  const double x = std::log2(one_way_delay_ms / 100);
  const auto sixth_root = [](double value) { return std::pow(value, 1.0 / 6); };
  return 25 * (sixth_root(1 + std::pow(x, 6)) - 3 * sixth_root(1 + std::pow(x / 3, 6)) + 2);
}

// Ie,eff of G.107 section 7.5; loss in percent.
std::optional<double> loss_impairment(const Codec& codec, const Impairments& impairments) {
  const double percent = 100 * impairments.loss;
  if (percent == 0) return codec.impairment;
  if (!codec.robustness) return {};
  return codec.impairment + (95 - codec.impairment) * percent /
                                (percent / impairments.burst_ratio + *codec.robustness);
}

// The mean run of losses, over that of random loss at the same rate.
std::optional<double> burst_ratio_of(const contract::MediaSummary& media, double loss) {
  if (media.loss_runs == 0 || media.rtp_lost == 0 || loss >= 1) return {};
  const double run = static_cast<double>(media.rtp_lost) / media.loss_runs;
  return std::clamp(run * (1 - loss), 1.0, most_burst_ratio);
}

std::optional<double> delay_ms_of(const contract::MediaSummary& media,
                                  const contract::MediaSummary& back) {
  if (media.round_trip_us == 0 || back.round_trip_us == 0) return {};
  const double way = (media.round_trip_us + static_cast<double>(back.round_trip_us)) / 2;
  return (way + 2.0 * media.jitter_us) / 1000 + usual_packet_ms;
}

}  // namespace

std::optional<Codec> values_of(AudioCodec codec) {
  switch (codec) {
    case AudioCodec::pcmu:
    case AudioCodec::pcma:
      return Codec{codec, 0,
                   25.1};  // table of Ie and Bpl, with concealment of losses (G.711 appendix I)
    case AudioCodec::g723:
      return Codec{codec, 15, 16.1};  // table of Ie and Bpl, of 6.3 kbit/s
    case AudioCodec::g729:
      return Codec{codec, 11, 19};  // table of Ie and Bpl, of annex A with silence suppression
    case AudioCodec::gsm_efr:
      return Codec{codec, 5, 10};  // table of Ie and Bpl
    case AudioCodec::gsm:
      return Codec{codec, 20, {}};  // table of Ie, full rate; no Bpl was published
    case AudioCodec::g726_32:
    case AudioCodec::g728:
      return Codec{codec, 7, {}};  // table of Ie, of 32 and 16 kbit/s; no Bpl was published
    case AudioCodec::g722:
      return Codec{codec, 13, {}, true};  // appendix IV, of 64 kbit/s
    default:
      return {};
  }
}

std::optional<double> rating(const Codec& codec, const Impairments& impairments) {
  const std::optional<double> loss = loss_impairment(codec, impairments);
  if (!loss) return {};
  const double lowered = delay_impairment(impairments.one_way_delay_ms) + *loss;
  const double value =
      codec.is_wideband ? (best_wideband_rating - lowered) / wideband_scale : best_rating - lowered;
  return std::max(value, 0.0);
}

double mos_of(double rating) {
  if (rating <= 0) return 1;
  if (rating >= 100) return 4.5;
  return std::max(1.0, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}

Quality quality_of(const contract::MediaSummary& media, const contract::MediaSummary& back) {
  Quality quality;
  if (media.rtp_expected < fewest_packets) return quality;
  quality.loss = std::min(1.0, static_cast<double>(media.rtp_lost) / media.rtp_expected);
  quality.burst_ratio = burst_ratio_of(media, *quality.loss);
  const std::optional<Codec> codec = values_of(media.codec);
  if (!codec) return quality;
  const auto mos = [&codec](const Impairments& impairments) -> std::optional<double> {
    const std::optional<double> rated = rating(*codec, impairments);
    if (!rated) return {};
    return mos_of(*rated);
  };
  Impairments impairments{*quality.loss, quality.burst_ratio.value_or(1), 0};
  quality.mos_lq = mos(impairments);
  const std::optional<double> delay = delay_ms_of(media, back);
  if (!delay) return quality;
  impairments.one_way_delay_ms = *delay;
  quality.mos_cq = mos(impairments);
  return quality;
}

}  // namespace demarc::media_report
