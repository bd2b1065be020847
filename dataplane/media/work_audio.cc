#include <algorithm>
#include <array>

#include "dataplane/media/work.h"

// What Work makes itself in place of audio: tones of digits, and noise.

namespace demarc::media {

using contract::Duration;
using contract::Instant;

namespace {

constexpr uint32_t g711_khz = 8;

}  // namespace

// What is made follows what was sent last, by its clock.
void Work::begin_tones(Instant now) {
  if (!stream_.is_begun()) {
    stream_.begin(origin_.ssrc, origin_.sequence_number, origin_.ssrc * 8u);
  }
  if (tones_.is_busy()) return;
  made_timestamp_ = stream_.timestamp_at(now, g711_khz);
  made_due_ = now;
}

void Work::make_tones(std::span<uint8_t> audio) {
  std::array<int16_t, Repacketizer::max_packet_octets> room;
  const std::span<int16_t> samples = std::span(room).first(audio.size());
  tones_.fill(samples);
  for (size_t i = 0; i < audio.size(); ++i) audio[i] = encode(plan_.tone_law, samples[i]);
}

// The packet's place is taken by one of noise; more of it follow by time until audio comes.
bool Work::take_noise(Packet& packet, const View& view, const PlanRow& row, Yield& yield,
                      Instant now) {
  if (!view.is_new || sender_.is_busy() || tones_.is_busy()) return absorb(view);
  noise_level_ = view.payload.empty() ? usual_noise_level : view.payload[0] & 0x7f;
  noise_law_ = row.law;
  noise_payload_type_ = row.out;
  const uint16_t octets = audio_octets_;
  noise_ = Noise::said;
  noise_until_ = now + longest_said;
  made_timestamp_ = view.header.timestamp + octets;
  made_due_ = now + Duration{int64_t{octets} * 125'000};
  if (packet.room < rtp_header_length + octets) return absorb(view);
  noise_maker_.fill(noise_level_, noise_law_, {packet.octets + rtp_header_length, octets});
  if (is_cutting()) {
    View noise = view;
    noise.payload = {packet.octets + rtp_header_length, octets};
    return cut(packet, noise, row.out, yield, now);
  }
  write_rtp_header({.has_marker = view.has_marker,
                    .payload_type = row.out,
                    .sequence_number = stream_.pass(view.header.sequence_number),
                    .timestamp = view.header.timestamp,
                    .ssrc = view.header.ssrc},
                   packet.octets);
  packet.length = static_cast<uint16_t>(rtp_header_length + octets);
  packet.is_changed = true;
  stream_.sent(view.header.timestamp, now);
  return true;
}

// What a silence of the sender is to be filled with, should it come to that, and that this packet
// ends one (RFC 3551 section 4.1: a talkspurt begins with a marker).
void Work::measure(Packet& packet, View& view, const PlanRow& row) {
  power_ = power_of(row.law, view.payload);
  noise_law_ = row.treatment == Treatment::transcode ? other(row.law) : row.law;
  noise_payload_type_ = row.out;
  may_fall_silent_ = true;
  if (!is_resuming_) return;
  is_resuming_ = false;
  view.has_marker = packet.is_changed = true;
  packet.octets[1] |= 0x80;
}

// The sender neither sends nor says CN: it leaves silence out, or it is gone. For the receiver that
// is a dead line, so it hears noise as quiet as what came last.
void Work::fill_silence(Yield& yield, Instant now) {
  const bool is_digit = sender_.is_busy() || tones_.is_busy() || tone_ != no_event;
  if (!may_fall_silent_ || noise_ != Noise::none || is_digit) return;
  if (now - came_at_ < patience) return;
  made_timestamp_ = stream_.timestamp_at(now, g711_khz);  // by what was sent in time
  if (is_cutting()) parts_.repacketizer->flush(stream_, yield.output, now);
  noise_ = plan_.noise_out != no_payload_type ? Noise::told : Noise::filled;
  noise_until_ = now + longest_filled;
  noise_level_ = std::clamp(level_of(power_), loudest_filled, quietest_filled);
  made_due_ = now;
}

void Work::end_silence() {
  if (noise_ != Noise::filled && noise_ != Noise::told) return;
  noise_ = Noise::none;
  is_resuming_ = true;
}

// A packet of our own, by the clock of those before.
void Work::emit(std::span<const uint8_t> made, uint8_t payload_type, Yield& yield, Instant now) {
  const std::span<uint8_t> payload = yield.output.take({.payload_type = payload_type,
                                                        .sequence_number = stream_.make(),
                                                        .timestamp = made_timestamp_,
                                                        .ssrc = stream_.ssrc()},
                                                       made.size());
  if (!payload.empty()) std::copy(made.begin(), made.end(), payload.begin());
  stream_.sent(made_timestamp_, now);
}

// One that comes late is not made up for.
void Work::go_on_after(Duration length, Instant now) {
  made_timestamp_ += static_cast<uint32_t>(length.ns * g711_khz / 1'000'000);
  made_due_ = now - made_due_ > length ? now + length : made_due_ + length;
}

// The next packet of tones or noise.
void Work::tick_audio(Yield& yield, Instant now) {
  if (!makes_audio() || now < made_due_ || sender_.is_busy()) return;
  if (!tones_.is_busy() && now >= noise_until_) {
    end_silence();
    noise_ = Noise::none;
    may_fall_silent_ = false;
    return;
  }
  const bool is_tone = tones_.is_busy();
  if (!is_tone && noise_ == Noise::told) {
    emit({&noise_level_, 1}, plan_.noise_out, yield, now);
    return go_on_after(between_noise, now);
  }
  std::array<uint8_t, Repacketizer::max_packet_octets> room;
  // Where packets are cut, those of a silence that is filled have their length at once: there is
  // no packet of the sender whose place they take.
  const bool is_whole = !is_tone && noise_ == Noise::filled && is_cutting();
  const auto octets = is_whole ? parts_.repacketizer->packet_octets() : audio_octets_;
  const std::span<uint8_t> audio = std::span(room).first(octets);
  if (is_tone) {
    make_tones(audio);
  } else {
    noise_maker_.fill(noise_level_, noise_law_, audio);
  }
  const uint8_t payload_type = is_tone ? plan_.tone_out : noise_payload_type_;
  if (is_cutting() && !is_whole) {
    parts_.repacketizer->put({audio, made_timestamp_, false, payload_type}, stream_, yield.output,
                             now);
  } else {
    emit(audio, payload_type, yield, now);
  }
  go_on_after(Duration{int64_t{octets} * 125'000}, now);
}

}  // namespace demarc::media
