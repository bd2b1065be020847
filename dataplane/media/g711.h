// G.711: octets of A-law and mu-law audio, from one law to the other and to linear samples.
//
// Called by work.cc for audio that is transcoded, or listened to for tones. ITU-T G.711 tables 3
// and 4 (conversion), tables 1 and 2 (values). Pure functions, any thread; the tables are made at
// compile time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace demarc::media {

enum class Law : uint8_t { a, mu };

constexpr Law other(Law law) {
  return law == Law::a ? Law::mu : Law::a;
}

// Silence in either law: the smallest positive value.
constexpr uint8_t silence_of(Law law) {
  return law == Law::a ? uint8_t{0xd5} : uint8_t{0xff};
}

// Each octet in place, from `law` to the other one; 32 at a time where the build has AVX2.
void transcode(Law law, std::span<uint8_t> audio);
// The same, an octet at a time: what the tests hold the other against, and its rest.
void transcode_scalar(Law law, std::span<uint8_t> audio);

// The values of the octets, 16 bits with sign, as far as both spans reach.
void decode(Law law, std::span<const uint8_t> audio, std::span<int16_t> samples);
// The octet whose value is nearest to `sample`; of two, the one nearer to zero.
uint8_t encode(Law law, int16_t sample);

}  // namespace demarc::media
