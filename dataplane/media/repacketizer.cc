#include "dataplane/media/repacketizer.h"

#include <algorithm>
#include <cstring>

namespace demarc::media {
namespace {

// Past this a jump of the timestamp is a new beginning, not loss.
constexpr uint32_t max_gap_octets = 8000;

}  // namespace

void Repacketizer::flush(OutStream& stream, Output& output, contract::Instant now) {
  if (filled_ == 0) return;
  const std::span<uint8_t> payload = output.take({.has_marker = has_marker_,
                                                  .payload_type = payload_type_,
                                                  .sequence_number = stream.make(),
                                                  .timestamp = timestamp_,
                                                  .ssrc = stream.ssrc()},
                                                 filled_);
  if (!payload.empty()) std::memcpy(payload.data(), octets_.data(), filled_);
  stream.sent(timestamp_, now);
  has_marker_ = false;
  timestamp_ += filled_;
  filled_ = 0;
}

// Loss leaves numbers out behind us, too; a pause of the sender does not.
void Repacketizer::meet_gap(const Chunk& chunk, OutStream& stream, Output& output,
                            contract::Instant now) {
  const uint32_t missing = chunk.timestamp - (timestamp_ + filled_);
  if (missing == 0) return;
  flush(stream, output, now);
  if (stream.gap() != 0 && missing <= max_gap_octets) {
    const uint32_t packets = (missing + packet_octets_ / 2u) / packet_octets_;
    stream.skip(static_cast<uint16_t>(std::max<uint32_t>(packets, 1)));
  }
  timestamp_ = chunk.timestamp;
}

void Repacketizer::put(const Chunk& chunk, OutStream& stream, Output& output,
                       contract::Instant now) {
  if (is_begun_ && payload_type_ != chunk.payload_type) flush(stream, output, now);
  if (!is_begun_) timestamp_ = chunk.timestamp;
  is_begun_ = true;
  payload_type_ = chunk.payload_type;
  meet_gap(chunk, stream, output, now);
  if (chunk.has_marker) {
    flush(stream, output, now);
    has_marker_ = true;
  }
  std::span<const uint8_t> audio = chunk.audio;
  while (!audio.empty()) {
    const size_t count = std::min<size_t>(audio.size(), packet_octets_ - size_t{filled_});
    std::memcpy(&octets_[filled_], audio.data(), count);
    filled_ = static_cast<uint16_t>(filled_ + count);
    audio = audio.subspan(count);
    if (filled_ == packet_octets_) flush(stream, output, now);
  }
}

}  // namespace demarc::media
