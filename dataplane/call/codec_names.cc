#include "dataplane/call/codec_names.h"

namespace demarc::call {

media::CodecNames codec_names(const AudioLine& line) {
  media::CodecNames names;
  if (!sdp::is_rtp(line.media.protocol)) return names;
  for (unsigned i = 0; i < line.media.format_count; ++i) {
    const sdp::Format& format = line.media.formats[i];
    const sdp::Codec codec = sdp::codec_of(format, line.body);
    names.add(format.payload_type, contract::audio_codec(codec.encoding));
  }
  return names;
}

}  // namespace demarc::call
