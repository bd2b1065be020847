#include "dataplane/call/codec_names.h"

#include "dataplane/call/codec_kind.h"

namespace demarc::call {
namespace {

media::CodecNames::Name name_of(uint8_t payload_type, const sdp::Codec& codec) {
  return {codec.clock_rate_hz, payload_type, contract::audio_codec(codec.encoding),
          !is_audio(kind_of(codec))};
}

}  // namespace

media::CodecNames codec_names(const AudioLine& line) {
  media::CodecNames names;
  if (!sdp::is_rtp(line.media.protocol)) return names;
  for (unsigned i = 0; i < line.media.format_count; ++i) {
    const sdp::Format& format = line.media.formats[i];
    names.add(name_of(format.payload_type, sdp::codec_of(format, line.body)));
  }
  return names;
}

media::CodecNames codec_names(std::span<const sdp::PrintedFormat> formats) {
  media::CodecNames names;
  for (const sdp::PrintedFormat& format : formats) {
    // Where nothing is printed but the number, it is one that needs no more.
    const bool is_static = format.codec.encoding.empty();
    names.add(name_of(format.payload_type,
                      is_static ? sdp::static_codec(format.payload_type) : format.codec));
  }
  return names;
}

}  // namespace demarc::call
