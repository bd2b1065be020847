// The E-model (ITU-T G.107): from what was measured of a stream to the quality that an average
// listener would give it. Nothing is assumed for what was not measured: then there is no figure.
//
// R = 93.2 - Id - Ie,eff: all terms of telephone sets and rooms at G.107's defaults, advantage
// factor 0. Codec values: ITU-T G.113 appendix I. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "dataplane/contract/media_summary.h"

namespace demarc::media_report {

struct Codec {
  std::string_view name;
  double impairment = 0;  // Ie
  double robustness = 1;  // Bpl
};
// Of a static payload type (RFC 3551 section 6) whose values are published; wideband codecs have
// another scale (G.107.1), dynamic types are not known by their number: none.
std::optional<Codec> codec_of(uint8_t payload_type);

struct Impairments {
  double loss = 0;              // 0 to 1
  double burst_ratio = 1;       // BurstR of G.107: 1 for random loss
  double one_way_delay_ms = 0;  // mouth to ear, Ta
};
// The rating R, 0 to 93.2.
double rating(const Codec& codec, const Impairments& impairments);
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
