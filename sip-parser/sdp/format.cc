#include "sip-parser/sdp/format.h"

#include <array>

#include "sip-parser/base/ascii.h"

namespace demarc::sdp {
namespace {

// RFC 3551 section 6, tables 4 and 5, by payload type.
constexpr std::array<Codec, 35> static_codecs = {{
    {"PCMU", 8000, 1},
    {},
    {},
    {"GSM", 8000, 1},
    {"G723", 8000, 1},
    {"DVI4", 8000, 1},
    {"DVI4", 16000, 1},
    {"LPC", 8000, 1},
    {"PCMA", 8000, 1},
    {"G722", 8000, 1},
    {"L16", 44100, 2},
    {"L16", 44100, 1},
    {"QCELP", 8000, 1},
    {"CN", 8000, 1},
    {"MPA", 90000, 1},
    {"G728", 8000, 1},
    {"DVI4", 11025, 1},
    {"DVI4", 22050, 1},
    {"G729", 8000, 1},
    {},
    {},
    {},
    {},
    {},
    {},
    {"CelB", 90000, 1},
    {"JPEG", 90000, 1},
    {},
    {"nv", 90000, 1},
    {},
    {},
    {"H261", 90000, 1},
    {"MPV", 90000, 1},
    {"MP2T", 90000, 1},
    {"H263", 90000, 1},
}};

}  // namespace

Codec static_codec(uint8_t payload_type) {
  return payload_type < static_codecs.size() ? static_codecs[payload_type] : Codec{};
}

Codec codec_of(const Format& format, std::string_view body) {
  if (format.encoding.empty()) return static_codec(format.payload_type);
  const uint8_t channels = format.channels == 0 ? uint8_t{1} : format.channels;
  return {text(format.encoding, body), format.clock_rate_hz, channels};
}

bool is_same(const Codec& a, const Codec& b) {
  return a.clock_rate_hz == b.clock_rate_hz && a.channels == b.channels &&
         ascii::iequals(a.encoding, b.encoding) && !a.encoding.empty();
}

}  // namespace demarc::sdp
