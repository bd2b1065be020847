// The two laws of G.711 as the probe speaks them: their names in SDP, their payload types, and what
// becomes of audio that a box in the middle transcodes. Used by Stream and by whoever prints SDP.
// RFC 3551 section 6; ITU-T G.711 tables 3 and 4, by libspandsp and not by the product's own
// tables.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace demarc::probe {

enum class Codec : uint8_t { pcma, pcmu };

// The payload type, which is static.
uint8_t payload_type_of(Codec codec);
// "PCMA"
std::string_view name_of(Codec codec);
// The codec of a name in lower case, as the command line has it.
std::optional<Codec> codec_of(std::string_view name);

// What an end sends and what its peer does: where these differ, the box between them transcodes.
struct Codecs {
  Codec own = Codec::pcma;
  Codec peer = Codec::pcma;
};

// Octets of the peer's audio as they arrive here.
void to_own(Codecs codecs, std::span<uint8_t> audio);

}  // namespace demarc::probe
