#include "dataplane/media/event_sender.h"

#include <algorithm>

namespace demarc::media {

using contract::Duration;
using contract::Instant;

bool EventSender::push(uint8_t event, uint16_t duration_ms) {
  if (waiting_ == max_waiting) return false;
  digits_[(first_ + waiting_++) % max_waiting] = {
      event, std::clamp(duration_ms, min_duration_ms, max_duration_ms)};
  return true;
}

bool EventSender::begin(uint8_t event) {
  if (waiting_ == max_waiting) return false;
  digits_[(first_ + waiting_++) % max_waiting] = {event, held};
  return true;
}

// One that could not even begin for those before it is sent for the shortest time.
void EventSender::end() {
  if (is_sending_ && digit_.duration_ms == held) digit_.duration_ms = min_duration_ms;
  for (unsigned i = 0; i < waiting_; ++i) {
    Digit& digit = digits_[(first_ + i) % max_waiting];
    if (digit.duration_ms == held) digit.duration_ms = min_duration_ms;
  }
}

bool EventSender::start(OutStream& stream, const Voice& voice, Instant now) {
  if (waiting_ == 0 || now < due_) return false;
  digit_ = digits_[first_];
  first_ = static_cast<uint8_t>((first_ + 1) % max_waiting);
  --waiting_;
  is_sending_ = is_first_ = true;
  timestamp_ = stream.timestamp_at(now, voice.khz);
  duration_ = 0;
  began_ = segment_at_ = due_ = now;
  return true;
}

bool EventSender::is_over(Instant now) const {
  return digit_.duration_ms != held && now - began_ >= Duration::milliseconds(digit_.duration_ms);
}

// The duration that the next packet states. A segment that is full is followed by another one.
void EventSender::grow(const Voice& voice, Instant now) {
  const auto elapsed_ms = static_cast<uint64_t>((now - segment_at_).ns / 1'000'000);
  const uint64_t duration = std::max<uint64_t>(elapsed_ms, 20) * voice.khz;
  duration_ = static_cast<uint32_t>(std::min<uint64_t>(duration, max_event_duration));
}

void EventSender::write(const Voice& voice, bool is_end, OutStream& stream, Output& output) {
  const std::span<uint8_t> payload = output.take({.has_marker = is_first_,
                                                  .payload_type = voice.payload_type,
                                                  .sequence_number = stream.make(),
                                                  .timestamp = timestamp_,
                                                  .ssrc = stream.ssrc()},
                                                 event_payload_length);
  is_first_ = false;
  if (payload.empty()) return;
  write_event({digit_.event, is_end, usual_event_volume, static_cast<uint16_t>(duration_)},
              payload.data());
}

void EventSender::send(const Voice& voice, OutStream& stream, Output& output, Instant now) {
  if (!is_sending_ && !start(stream, voice, now)) return;
  if (now < due_) return;
  grow(voice, now);
  if (is_over(now)) {
    for (unsigned i = 0; i < 3; ++i) write(voice, true, stream, output);
    is_sending_ = false;
    stream.sent(timestamp_ + duration_, now);
    due_ = now + pause;
    return;
  }
  write(voice, false, stream, output);
  if (duration_ == max_event_duration) {
    timestamp_ += max_event_duration;
    segment_at_ = now;
  }
  due_ = now + interval;
}

}  // namespace demarc::media
