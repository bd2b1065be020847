// The E-model (ITU-T G.107): from what was measured of a stream to the quality that an average
// listener would give it. Nothing is assumed for what was not measured: then there is no figure.
//
// R = 93.2 - Id - Ie,eff; of wideband codecs (129 - Id - Ie,eff) / 1.29 (G.107.1). All terms of
// telephone sets and rooms are at the defaults of G.107, the advantage factor is 0. Codec values:
// ITU-T G.113 (11/2007) appendix I, where Ie and Bpl have one table together and codecs without a
// Bpl another one; of wideband ones appendix IV (Ie,wb). Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "dataplane/contract/media_summary.h"

namespace demarc::media_report {

struct Codec {
  contract::AudioCodec codec = contract::AudioCodec::unknown;
  double impairment = 0;             // Ie, of a wideband codec Ie,wb
  std::optional<double> robustness;  // Bpl; none: only a stream without losses has a rating
  bool is_wideband = false;          // on the scale of G.107.1
};
// Of a codec whose values are published. None for the others: there are none for Opus, SILK and
// iLBC, and those of AMR are by a mode that each packet may change.
std::optional<Codec> values_of(contract::AudioCodec codec);

struct Impairments {
  double loss = 0;              // 0 to 1
  double burst_ratio = 1;       // BurstR of G.107: 1 for random loss
  double one_way_delay_ms = 0;  // mouth to ear, Ta
};
// The rating R on the narrowband scale, 0 to 100: a wideband rating is divided by 1.29, as G.107.1
// says. None for losses of a codec whose robustness nobody published.
std::optional<double> rating(const Codec& codec, const Impairments& impairments);
// MOS-CQE of a rating (G.107 annex B): 1 to 4.5.
double mos_of(double rating);

// How a direction sounds at the box.
struct Quality {
  std::optional<double> loss;         // 0 to 1
  std::optional<double> burst_ratio;  // without losses there is none
  std::optional<double> mos_lq;       // by codec and loss
  std::optional<double> mos_cq;       // and by delay
};
// `back` is the other direction, whose peer hears this one. The delay is half of both measured
// round trips, one packet time and twice the jitter; without both round trips it is not known.
Quality quality_of(const contract::MediaSummary& media, const contract::MediaSummary& back);

// Less than a second of the usual packets says nothing.
inline constexpr uint32_t fewest_packets = 50;

}  // namespace demarc::media_report
