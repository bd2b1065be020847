#include "tests/system/probe/codec.h"

#include <spandsp.h>

namespace demarc::probe {

uint8_t payload_type_of(Codec codec) {
  return codec == Codec::pcma ? 8 : 0;
}

std::string_view name_of(Codec codec) {
  return codec == Codec::pcma ? "PCMA" : "PCMU";
}

std::optional<Codec> codec_of(std::string_view name) {
  if (name == "pcma") return Codec::pcma;
  if (name == "pcmu") return Codec::pcmu;
  return std::nullopt;
}

void to_own(Codecs codecs, std::span<uint8_t> audio) {
  if (codecs.own == codecs.peer) return;
  for (uint8_t& octet : audio) {
    octet = codecs.own == Codec::pcmu ? alaw_to_ulaw(octet) : ulaw_to_alaw(octet);
  }
}

}  // namespace demarc::probe
