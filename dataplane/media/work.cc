#include "dataplane/media/work.h"

#include <algorithm>
#include <array>

namespace demarc::media {
namespace {

using contract::Duration;
using contract::Instant;

// Samples that are listened to at once.
constexpr size_t listening_samples = 160;

void rename(Work::Packet& packet, uint8_t payload_type, uint16_t sequence_number) {
  const auto second = static_cast<uint8_t>((packet.octets[1] & 0x80) | payload_type);
  packet.is_changed |=
      second != packet.octets[1] || sequence_number != read_be16(packet.octets + 2);
  packet.octets[1] = second;
  write_be16(packet.octets + 2, sequence_number);
}

uint16_t limited_ms(uint64_t duration_ms) {
  return static_cast<uint16_t>(std::clamp<uint64_t>(duration_ms, EventSender::min_duration_ms,
                                                    EventSender::max_duration_ms));
}

size_t header_length_of(std::span<const uint8_t> packet) {
  size_t length = rtp_header_length + 4u * (packet[0] & 0x0f);
  if ((packet[0] & 0x10) != 0) length += 4 + 4u * read_be16(&packet[length + 2]);
  return length;
}

}  // namespace

void Work::plan(const CodecPlan& plan, const Parts& parts) {
  const bool is_new_detector = parts.detector != nullptr && parts.detector != parts_.detector;
  const auto packet_octets = static_cast<uint16_t>(plan.ptime_ms * 8);
  if (is_new_detector) parts.detector->reset();
  if (parts.repacketizer != nullptr && packet_octets != 0) {
    const bool is_other = parts.repacketizer != parts_.repacketizer ||
                          parts.repacketizer->packet_octets() != packet_octets;
    if (is_other) parts.repacketizer->reset(packet_octets);
  }
  if (plan.event_out == no_payload_type) sender_.clear();
  if (plan.digits != Digits::tones) {
    tones_.clear();
    has_sounded_ = false;
  }
  if (parts.detector == nullptr && tone_ != no_event) {
    sender_.end();
    tone_ = no_event;
  }
  // An offer that says nothing new comes into the middle of a silence, too.
  if (plan != plan_) {
    end_silence();
    noise_ = Noise::none;
    may_fall_silent_ = false;
  }
  const bool was_cutting = is_cutting();
  plan_ = plan;
  parts_ = parts;
  if (was_cutting && !is_cutting()) stream_.pass_again();
}

bool Work::view(const Packet& packet, View& view) const {
  const std::span<uint8_t> octets(packet.octets, packet.length);
  if (!is_rtp(octets) || looks_like_rtcp(octets)) return false;
  view.header = read_rtp_header(octets.data());
  view.has_marker = (octets[1] & 0x80) != 0;
  view.payload = octets.subspan(header_length_of(octets));
  if ((octets[0] & 0x20) == 0) return true;
  // Padding that does not fit is left for the receiver to judge.
  const uint8_t padding = view.payload.empty() ? uint8_t{0} : view.payload.back();
  if (padding == 0 || padding > view.payload.size()) return true;
  view.payload = view.payload.first(view.payload.size() - padding);
  return true;
}

bool Work::process(Packet& packet, Yield& yield, Instant now) {
  packet.is_changed = false;
  View seen;
  if (!view(packet, seen)) return true;
  const bool is_first = !stream_.has_input();
  const uint32_t ssrc = stream_.ssrc();
  seen.is_new = stream_.follow(seen.header);
  if (is_first || stream_.ssrc() != ssrc) begin_counts(is_first);
  if (stream_.ssrc() != ssrc) {
    if (is_cutting()) parts_.repacketizer->reset(static_cast<uint16_t>(plan_.ptime_ms * 8));
    has_scaled_ = false;
    end_reading(yield, now);
  }
  // What came late was counted as missing, or is a duplicate.
  if (seen.is_new) {
    end_silence();
    came_at_ = now;
    if (is_cutting()) stream_.take_anew();
    extra_octets_ -= static_cast<uint32_t>(seen.payload.size());
  }
  const bool goes_on = treat(packet, seen, yield, now);
  View left;
  if (goes_on && seen.is_new && view(packet, left)) {
    extra_octets_ += static_cast<uint32_t>(left.payload.size());
  }
  count_made(yield.output);
  return goes_on;
}

bool Work::treat(Packet& packet, const View& seen, Yield& yield, Instant now) {
  const uint8_t payload_type = packet.octets[1] & 0x7f;
  const PlanRow* row = plan_.find(payload_type);
  // Of another codec nothing can be made, and with CN that passes the sender speaks for itself.
  // Events are beside the audio.
  const bool is_event = row != nullptr && row->treatment == Treatment::event;
  if (seen.is_new && !is_event) may_fall_silent_ = false;
  if (row == nullptr) return pass(packet, seen, payload_type, now);
  switch (row->treatment) {
    case Treatment::renumber:
      return pass(packet, seen, row->out, now);
    case Treatment::g711:
    case Treatment::transcode:
      return take_audio(packet, seen, *row, yield, now);
    case Treatment::event:
      return take_event(packet, seen, *row, yield, now);
    case Treatment::noise:
      return take_noise(packet, seen, *row, yield, now);
    case Treatment::swallow:
      break;
  }
  return absorb(seen);
}

// Where packets are made anew, all of the stream is numbered anew, and what is late has no number.
bool Work::pass(Packet& packet, const View& view, uint8_t payload_type, Instant now) {
  if (is_cutting() && !view.is_new) return false;
  const uint16_t number = is_cutting() ? stream_.make() : stream_.pass(view.header.sequence_number);
  rename(packet, payload_type, number);
  if (view.is_new) stream_.sent(read_be32(packet.octets + 4), now);
  return true;
}

bool Work::absorb(const View& view) {
  if (view.is_new && !is_cutting()) stream_.swallow();
  return false;
}

bool Work::take_audio(Packet& packet, View view, const PlanRow& row, Yield& yield, Instant now) {
  if (view.is_new) {
    noise_ = Noise::none;
    if (!view.payload.empty() && view.payload.size() <= Repacketizer::max_packet_octets) {
      audio_octets_ = static_cast<uint16_t>(view.payload.size());
    }
    if (plan_.fills_silence) measure(packet, view, row);
    if (parts_.detector != nullptr && plan_.is_listening) listen(view, row.law, yield, now);
  }
  // Instead of audio there are events: the receiver must not hear the same digit twice.
  const bool is_tone = tone_ != no_event || sender_.is_busy() || tones_.is_busy();
  if (is_tone) {
    if (is_cutting()) parts_.repacketizer->flush(stream_, yield.output, now);
    send_events(yield, now);
    return absorb(view);
  }
  if (row.treatment == Treatment::transcode) {
    transcode(row.law, view.payload);
    packet.is_changed = true;
  }
  if (is_cutting()) return cut(packet, view, row.out, yield, now);
  return pass(packet, view, row.out, now);
}

// The packet itself carries the first of what becomes of it.
bool Work::cut(Packet& packet, const View& view, uint8_t payload_type, Yield& yield, Instant now) {
  if (!view.is_new) return false;
  parts_.repacketizer->put({view.payload, view.header.timestamp, view.has_marker, payload_type},
                           stream_, yield.output, now);
  const uint16_t length = yield.output.take_first({packet.octets, packet.room});
  if (length == 0) return false;
  packet.length = length;
  packet.is_changed = true;
  return true;
}

void Work::listen(const View& view, Law law, Yield& yield, Instant now) {
  heard_at_ = now;
  std::array<int16_t, listening_samples> samples;
  std::span<const uint8_t> audio = view.payload;
  while (!audio.empty()) {
    const size_t count = std::min(audio.size(), listening_samples);
    decode(law, audio.first(count), samples);
    audio = audio.subspan(count);
    for (const uint8_t event : parts_.detector->listen(std::span(samples).first(count))) {
      const bool is_event = plan_.digits == Digits::events && plan_.event_out != no_payload_type;
      end_heard(now, yield);
      tone_ = event;
      tone_began_ = now;
      if (event != no_event && is_event && !sender_.begin(event)) ++yield.lost_digits;
    }
  }
}

// The tone that is being heard, if any, ended at that time.
void Work::end_heard(Instant at, Yield& yield) {
  if (tone_ == no_event) return;
  sender_.end();
  if (plan_.digits == Digits::reported) {
    report_ms(tone_, static_cast<uint64_t>((at - tone_began_).ns) / 1'000'000, yield);
  }
  tone_ = no_event;
}

bool Work::take_event(Packet& packet, const View& view, const PlanRow& row, Yield& yield,
                      Instant now) {
  if (view.payload.size() < event_payload_length) return absorb(view);
  TelephoneEvent event = read_event(view.payload.data());
  if (row.khz_in != read_khz_) {
    end_reading(yield, now);
    read_khz_ = row.khz_in;
  }
  event_heard_ = now;
  if (plan_.digits != Digits::events && is_told(event.event, view.header.timestamp, now)) {
    return absorb(view);
  }
  if (plan_.digits == Digits::reported) {
    report(reader_.read(event, view.header.timestamp, now), yield);
    return absorb(view);
  }
  if (plan_.digits == Digits::tones) {
    sound(event, view.header.timestamp, yield, now);
    return absorb(view);
  }
  if (row.out == no_payload_type) return absorb(view);
  if (is_cutting() && view.is_new) parts_.repacketizer->flush(stream_, yield.output, now);
  if (row.khz_in != row.khz_out) {
    uint32_t timestamp = view.header.timestamp;
    scale(view, row, event, timestamp, now);
    write_event(event, view.payload.data());
    write_be32(packet.octets + 4, timestamp);
    packet.is_changed = true;
  }
  // An event's timestamp is that of its begin: it is no clock for what we make ourselves.
  if (is_cutting() && !view.is_new) return false;
  const uint16_t number = is_cutting() ? stream_.make() : stream_.pass(view.header.sequence_number);
  rename(packet, row.out, number);
  return true;
}

void Work::told_digit(uint8_t event, Instant now) {
  told_ = event;
  told_at_ = now;
  has_told_begun_ = false;
}

// Whether the event is that of the digit which was told elsewhere: the first one of it.
bool Work::is_told(uint8_t event, uint32_t timestamp, Instant now) {
  if (told_ == no_event) return false;
  const bool is_same = has_told_begun_ ? timestamp == told_timestamp_
                                       : event == told_ && now - told_at_ <= both_forms;
  if (!is_same) {
    told_ = no_event;
    return false;
  }
  told_timestamp_ = timestamp;
  has_told_begun_ = true;
  return true;
}

// An event begins when the audio before it ended, by the receiver's clock. All its packets keep
// that timestamp. A duration beyond what fits stays at what fits.
void Work::scale(const View& view, const PlanRow& row, TelephoneEvent& event, uint32_t& timestamp,
                 Instant now) {
  if (!has_scaled_ || view.header.timestamp != event_timestamp_in_) {
    const bool is_late = has_scaled_ && !view.is_new;
    const auto step = static_cast<int32_t>(view.header.timestamp - event_timestamp_in_);
    const int64_t scaled_step = int64_t{step} * row.khz_out / row.khz_in;
    if (is_late) {
      timestamp = event_timestamp_out_ + static_cast<uint32_t>(scaled_step);
    } else {
      event_timestamp_in_ = view.header.timestamp;
      event_timestamp_out_ = stream_.timestamp_at(now, row.khz_out);
      timestamp = event_timestamp_out_;
      has_scaled_ = true;
    }
  } else {
    timestamp = event_timestamp_out_;
  }
  const uint32_t duration = uint32_t{event.duration} * row.khz_out / row.khz_in;
  event.duration = static_cast<uint16_t>(std::min(duration, max_event_duration));
}

void Work::end_reading(Yield& yield, Instant now) {
  tell(reader_.restart(), yield, now);
}

void Work::tell(const EventReader::Digit& over, Yield& yield, Instant now) {
  if (plan_.digits == Digits::tones) {
    end_tone(over, yield, now);
  } else {
    report(over, yield);
  }
}

void Work::report(const EventReader::Digit& digit, Yield& yield) {
  if (digit.is_set()) report_ms(digit.event, digit.duration / read_khz_, yield);
}

void Work::report_ms(uint8_t event, uint64_t duration_ms, Yield& yield) {
  if (event >= digit_events) return;
  if (!yield.digits.push({origin_.owner, event, limited_ms(duration_ms)})) ++yield.lost_digits;
}

bool Work::send_digit(uint8_t event, uint16_t duration_ms, Instant now) {
  if (!plan_.makes_events) return false;
  if (plan_.digits == Digits::tones) {
    begin_tones(now);
    return tones_.push(event, duration_ms);
  }
  return plan_.event_out != no_payload_type && sender_.push(event, duration_ms);
}

void Work::send_events(Yield& yield, Instant now) {
  if (!sender_.is_busy() || plan_.event_out == no_payload_type) return;
  if (!stream_.is_begun()) {
    stream_.begin(origin_.ssrc, origin_.sequence_number, origin_.ssrc * 8u);
  }
  sender_.send({plan_.event_out, plan_.event_khz}, stream_, yield.output, now);
}

// A packet of an event whose receiver wants tones: one begins, goes on or ends.
void Work::sound(const TelephoneEvent& event, uint32_t timestamp, Yield& yield, Instant now) {
  end_tone(reader_.read(event, timestamp, now), yield, now);
  if (has_sounded_ || !reader_.is_busy() || event.event >= digit_events) return;
  begin_tones(now);
  has_sounded_ = tones_.begin(event.event);
}

// One that could not begin, or of which only the end came, is made whole.
void Work::end_tone(const EventReader::Digit& over, Yield& yield, Instant now) {
  if (!over.is_set() || over.event >= digit_events) return;
  const uint64_t duration_ms = over.duration / read_khz_;
  if (has_sounded_) {
    tones_.end(duration_ms);
  } else {
    begin_tones(now);
    if (!tones_.push(over.event, limited_ms(duration_ms))) ++yield.lost_digits;
  }
  has_sounded_ = false;
}

void Work::tick(Yield& yield, Instant now) {
  tell(reader_.expire(now), yield, now);
  if (tone_ != no_event && now - heard_at_ >= patience) {
    end_heard(heard_at_, yield);
    parts_.detector->reset();
  }
  send_events(yield, now);
  fill_silence(yield, now);
  tick_audio(yield, now);
  count_made(yield.output);
}

}  // namespace demarc::media
