// CodecKind: what a format of an m-line is to those who choose among them.
//
// Shared by codec_offer.cc, codec_answer.cc and codec_choice.cc. RFC 3551 section 4.5.14 (G.711),
// RFC 4733, RFC 3389.
#pragma once

#include <cstdint>
#include <string_view>

#include "dataplane/call/codec_choice.h"
#include "sip-parser/base/ascii.h"

namespace demarc::call {

using Kind = ChosenFormat::Kind;

inline constexpr uint32_t g711_rate_hz = 8000;
inline constexpr std::string_view event_name = "telephone-event";
inline constexpr std::string_view digits_fmtp = "0-15";
inline constexpr sdp::Codec noise_codec{"CN", g711_rate_hz, 1};
inline constexpr uint8_t noise_number = 13;  // RFC 3551 section 6

// FNV-1a without case. Two codecs of one m-line that collide harm nobody but who made them so.
inline uint32_t id_of(const sdp::Codec& codec) {
  uint32_t hash = 2166136261;
  const auto add = [&hash](uint32_t octet) { hash = (hash ^ (octet & 0xff)) * 16777619; };
  for (const char c : codec.encoding) add(static_cast<uint8_t>(ascii::to_lower(c)));
  for (unsigned shift = 0; shift < 32; shift += 8) add(codec.clock_rate_hz >> shift);
  add(codec.channels);
  return hash;
}

inline Kind kind_of(const sdp::Codec& codec) {
  if (codec.channels != 1) return Kind::other;
  if (ascii::iequals(codec.encoding, event_name)) return Kind::event;
  if (ascii::iequals(codec.encoding, "CN")) return Kind::noise;
  if (codec.clock_rate_hz != g711_rate_hz) return Kind::other;
  if (ascii::iequals(codec.encoding, "PCMU")) return Kind::pcmu;
  return ascii::iequals(codec.encoding, "PCMA") ? Kind::pcma : Kind::other;
}

constexpr bool is_audio(Kind kind) {
  return kind != Kind::event && kind != Kind::noise;
}
constexpr bool is_g711(Kind kind) {
  return kind == Kind::pcmu || kind == Kind::pcma;
}
constexpr media::Law law_of(Kind kind) {
  return kind == Kind::pcma ? media::Law::a : media::Law::mu;
}
constexpr Kind other_law(Kind kind) {
  return kind == Kind::pcmu ? Kind::pcma : Kind::pcmu;
}
constexpr sdp::Codec g711_codec(Kind kind) {
  return {kind == Kind::pcmu ? "PCMU" : "PCMA", g711_rate_hz, 1};
}
constexpr uint8_t static_number(Kind kind) {
  return kind == Kind::pcmu ? uint8_t{0} : uint8_t{8};
}

}  // namespace demarc::call
